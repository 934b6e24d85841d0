import t from 'tap'
import { AckTracker } from '../../../../lib/flow/ack-tracker.ts'
import { MAX_BATCH_ENTRIES, type Batch } from '../../../../lib/flow/batch.ts'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { Ledger } from '../../../../lib/flow/ledger.ts'
import { DELIVERED } from '../../../../lib/flow/outcome.ts'
import { UTF8 } from '../../../../lib/components/loki.source.file/encoding.ts'
import type { Mark } from '../../../../lib/components/loki.source.file/generation.ts'
import { LineSender } from '../../../../lib/components/loki.source.file/line-sender.ts'
import { BatchOutput } from '../../../../lib/intake/output.ts'
import { asText, numbered } from './harness.ts'

void t.test('one acknowledgement for a segment, in batches of bounded size', async (t) => {
  const output = new BatchOutput()
  const ledger = new Ledger()
  const marks: Mark[] = []
  const tracker = new AckTracker<Mark>({ ledger, replayable: true, onAdvance: (mark) => marks.push(mark) })
  const sender = new LineSender(output, systemClock)
  const bytes = Buffer.from(asText(numbered(0, 2500)))
  const to = { labels: labelSet({ a: 'b' }), tracker, counts: { lines: 0, invalid: 0 } }
  const mark = { offset: bytes.length, anchor: 7 }
  t.equal(sender.send({ bytes, start: 0, end: bytes.length, encoding: UTF8 }, to, mark), 2500)
  t.equal(sender.send({ bytes, start: 0, end: 0, encoding: UTF8 }, to, mark), 0, 'nothing is no unit')
  output.end()
  const sizes: number[] = []
  for await (const batch of output.stream as AsyncIterable<Batch>) {
    t.strictSame(marks, [], 'not before the last line')
    sizes.push(batch.size)
    for (const entry of batch.take()) entry.ack.settle(DELIVERED)
  }
  t.strictSame(sizes, [MAX_BATCH_ENTRIES, MAX_BATCH_ENTRIES, 2500 - 2 * MAX_BATCH_ENTRIES])
  t.strictSame(marks, [mark])
  t.equal(ledger.read, 2500)
  t.equal(to.counts.lines, 2500)
})
