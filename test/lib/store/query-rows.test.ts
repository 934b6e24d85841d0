import { createHash } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { chunksOf } from '../../../lib/store/query-rows.ts'
import type { LogStore } from '../../../lib/store/store.ts'
import { openStore, push, SECONDS, storeFolder, type TestLine } from '../../support/store-harness.ts'

const ROWS = 50_000

/** Reads lines in the order of the files, so that DuckDB hands out the first before it has read the last. */
async function countRows(store: LogStore): Promise<number> {
  const span = { from: 0n, to: 2n ** 62n }
  let rows = 0
  for await (const chunk of chunksOf(
    store,
    { span, condition: '', signal: undefined },
    (table) => `SELECT line FROM ${table}`,
  ))
    rows += chunk.rows
  return rows
}

void t.test('a file that turns out damaged in the middle of a result is set aside', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  t.teardown(() => store.close())
  for (const day of [0, 1]) {
    const lines = Array.from({ length: ROWS }, (_, i): TestLine => [
      createHash('sha1').update(`${day} ${i}`).digest('hex'),
      day * 86_400 + i / ROWS,
    ])
    await push(store, { app: 'a' }, lines)
  }
  await store.upkeep.sealNow()
  // That of the second day: the first is more than DuckDB has ready before it hands out anything.
  const day = join(folder, 'parquet', new Date((SECONDS + 86_400) * 1000).toISOString().slice(0, 10))
  const [name] = (await readdir(day)).filter((each) => each.endsWith('.parquet'))
  const file = await open(join(day, name!), 'r+')
  const { size } = await file.stat()
  const damage = Buffer.alloc(Math.floor(size / 4), 0x5a)
  await file.write(damage, 0, damage.length, Math.floor(size * 0.7))
  await file.close()
  await t.rejects(countRows(store), { message: /^parquet\/.*parquet can't be read and was set aside/ })
  t.equal(await countRows(store), ROWS, 'the rest is served')
})
