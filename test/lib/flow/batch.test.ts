import t from 'tap'
import { SourceAck } from '../../../lib/flow/ack.ts'
import { Batch, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../../lib/flow/batch.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'

function batchOf(lines: readonly string[]): { batch: Batch; ledger: Ledger; entries: Entry[] } {
  const ledger = new Ledger()
  ledger.units(lines.length)
  const ack = new SourceAck({ ledger, replayable: true, settled: () => {} }, lines.length)
  const entries = lines.map((line) => new Entry(0, 0, line, EMPTY_LABELS, ack))
  return { batch: new Batch(entries), ledger, entries }
}

void t.test('one taker owns the entries themselves', (tap) => {
  const { batch, entries } = batchOf(['a', 'b'])
  tap.equal(batch.size, 2)
  tap.equal(batch.peek(), entries)
  tap.equal(batch.take(), entries)
  tap.ok(MAX_BATCH_ENTRIES === 1024 && MAX_BATCH_BYTES === 1024 * 1024)
  tap.end()
})

void t.test('two takers get clones, and every unit ends once', (tap) => {
  const { batch, ledger } = batchOf(['a', 'b'])
  const left = batch.take(2)
  for (const entry of left) entry.line = 'changed'
  const right = batch.take(2)
  tap.same(
    right.map(({ line }) => line),
    ['a', 'b'],
    'what the first one did does not show',
  )
  for (const entry of left) entry.ack.settle(DELIVERED)
  tap.equal(ledger.inFlight, 2)
  for (const entry of right) entry.ack.settle(dropped('x'))
  tap.same([ledger.inFlight, ledger.total('dropped')], [0, 2])
  tap.end()
})

void t.test('takers beyond the expected ones get clones that owe nothing', (tap) => {
  for (const takers of [1, 2]) {
    const { batch, ledger } = batchOf(['a'])
    for (let i = 0; i < takers; i++) for (const entry of batch.take(takers)) entry.ack.settle(DELIVERED)
    tap.equal(ledger.inFlight, 0)
    const more = batch.take(takers)
    tap.equal(more.length, 1)
    for (const entry of more) entry.ack.settle(dropped('x'))
    tap.same(ledger.rows(), [{ state: 'delivered', reason: '', units: 1 }])
  }
  tap.end()
})
