/** Batches through the disk and back, and disks that fail. */
import { join } from 'node:path'
import { decodePush } from '../../../lib/loki/decode.ts'
import t from 'tap'
import { uncompressSync } from 'snappy'
import { NO_ACK } from '../../../lib/flow/ack.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS, labelSet } from '../../../lib/flow/labels.ts'
import { Spool } from '../../../lib/delivery/spool.ts'
import { Batcher, type SealedBatch } from '../../../lib/loki/batch.ts'
import { SpoolLink } from '../../../lib/delivery/spool-link.ts'
import { createLogger, SILENT, type Logger } from '../../../lib/telemetry/log.ts'
import { StepClock } from '../../support/step-clock.ts'
import { tempDir } from '../../support/write-harness.ts'

/** A batch with a stream for each line. */
function batch(tenant: string, ...lines: readonly string[]): SealedBatch {
  const sealed: SealedBatch[] = []
  const batcher = new Batcher(
    {
      batchSize: 1e6,
      batchWait: 1e6,
      maxStreams: 0,
      tenant,
      externalLabels: EMPTY_LABELS,
      clock: new StepClock(),
    },
    { sealed: (each) => sealed.push(each), limited: () => {}, unsendable: () => {} },
  )
  for (const line of lines) batcher.add(new Entry(1, 2, line, labelSet({ line })), NO_ACK)
  batcher.flush()
  return sealed[0]!
}

const linesOf = (sealed: SealedBatch | undefined): string[] => {
  if (sealed === undefined) return []
  const decoded = decodePush(uncompressSync(sealed.body) as Buffer)
  return decoded.ok
    ? decoded.streams.flatMap(({ entries }) => entries.map(({ line }) => line))
    : [decoded.error]
}

function logger(): { log: Logger; lines: string[] } {
  const lines: string[] = []
  return { lines, log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => lines.push(line)) }
}

void t.test('a batch comes back as it went, and owes nothing any more', async (tap) => {
  const folder = join(await tempDir(tap), 'spool')
  const open = (): SpoolLink =>
    new SpoolLink(() => Spool.open({ folder, maxBytes: 1e6, log: SILENT }), SILENT)
  const link = open()
  tap.same([link.entries, link.bytes, link.damaged, link.empty], [0, 0, 0, true], 'before it is open')
  const first = batch('tenant', 'a', 'b')
  tap.equal(await link.append([first, batch('', 'c')]), 2)
  tap.equal(link.entries, 3)
  tap.ok(link.bytes > 0)
  tap.notOk(link.empty)
  tap.same(await link.head(), { ...first, acks: [], replayable: false }, 'streams are counted anew')
  tap.same(linesOf(await link.second()), ['c'])
  await link.close()

  const again = open()
  tap.ok(again.empty, 'nobody has looked yet')
  await again.open()
  tap.equal(again.entries, 3, 'what an earlier process has left')
  await again.rotate((await again.head())!)
  tap.same(
    [linesOf(await again.head()), linesOf(await again.second())],
    [['c'], ['a', 'b']],
    'put behind the others',
  )
  await again.shift()
  await again.shift()
  tap.ok(again.empty)
  tap.equal(await again.head(), undefined)
  await again.close()
})

void t.test('without a disk nothing is kept, and nothing fails', async (tap) => {
  const link = new SpoolLink(() => Promise.resolve(undefined), SILENT)
  tap.equal(await link.append([batch('t', 'a')]), 0)
  tap.equal(await link.head(), undefined)
  await link.shift()
  await link.close()
  tap.ok(link.empty)
})

void t.test('a spool that cannot be opened is a full one; it is tried once', async (tap) => {
  const { log, lines } = logger()
  let opened = 0
  const link = new SpoolLink(() => {
    opened++
    return Promise.reject(new Error('EROFS'))
  }, log)
  tap.equal(await link.append([batch('t', 'a')]), 0)
  tap.equal(await link.append([batch('t', 'b')], true), 0)
  tap.equal(opened, 1)
  tap.equal(lines.length, 1)
  tap.match(lines[0], /level=error msg="the spool cannot be opened" .*error=EROFS/)
  await link.close()
})

void t.test(
  'a spool that cannot be written is a full one, and its oldest batch is not lost by turning',
  async (tap) => {
    const { log, lines } = logger()
    const spool = await Spool.open({ folder: join(await tempDir(tap), 'spool'), maxBytes: 1e6, log: SILENT })
    const link = new SpoolLink(() => Promise.resolve(spool), log)
    await link.append([batch('t', 'kept')])
    spool.append = () => Promise.reject(new Error('ENOSPC'))
    tap.equal(await link.append([batch('t', 'a')]), 0)
    tap.match(lines, [/the spool cannot be written.*error=ENOSPC/])
    await link.rotate((await link.head())!)
    tap.same(linesOf(await link.head()), ['kept'])
    await link.close()
  },
)
