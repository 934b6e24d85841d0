/** Indexes of sealed files are read once, and kept while they take little memory. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Part } from '../../../../lib/store/sealed/manifest.ts'
import { encodeIndex } from '../../../../lib/store/sealed/part-index.ts'
import { PartIndexes } from '../../../../lib/store/sealed/part-indexes.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { storeFolder } from '../../../support/store-harness.ts'

const NONE = new Uint8Array()

function partOf(number: number): Part {
  const file = `parquet/2026-01-05/${number}.parquet`
  return {
    number,
    file,
    from: 1n,
    to: 2n,
    rows: 1,
    text: 1,
    bytes: 1,
    indexBytes: 1,
    structured: false,
    long: [],
  }
}

async function write(folder: string, number: number, streams: number): Promise<void> {
  const index = encodeIndex({
    streams: Array.from({ length: streams }, (_, id) => ({ id, oldest: 1n, newest: 2n, rows: 1, bytes: 1 })),
    filter: NONE,
    counts: NONE,
    grams: NONE,
  })
  await mkdir(join(folder, 'parquet/2026-01-05'), { recursive: true })
  await writeFile(join(folder, `parquet/2026-01-05/${number}.idx`), index)
}

void t.test('those not used for the longest are forgotten', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  for (const number of [1, 2, 3]) await write(folder, number, 1000)
  const indexes = new PartIndexes(folder, SILENT, 300_000)
  const streamsOf = async (number: number): Promise<number | undefined> =>
    (await indexes.of(partOf(number)))?.streams.length
  for (const number of [1, 2, 1, 3]) t.equal(await streamsOf(number), 1000)
  await rm(join(folder, 'parquet'), { recursive: true })
  t.equal(await streamsOf(1), 1000)
  t.equal(await streamsOf(3), 1000)
  t.equal(await streamsOf(2), undefined, 'it has to be read again')
})

void t.test('one that is too large alone is kept until another is read', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  await write(folder, 1, 10_000)
  await write(folder, 2, 1)
  const indexes = new PartIndexes(folder, SILENT, 100_000)
  const [first, again] = await Promise.all([indexes.of(partOf(1)), indexes.of(partOf(1))])
  t.equal(first, again, 'two that ask at once wait for one reading')
  await rm(join(folder, 'parquet/2026-01-05/1.idx'))
  t.equal((await indexes.of(partOf(1)))?.streams.length, 10_000)
  t.equal((await indexes.of(partOf(2)))?.streams.length, 1)
  t.equal(await indexes.of(partOf(1)), undefined)
})
