import t from 'tap'
import { SourceAck } from '../../../lib/flow/ack.ts'
import { Batch, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../../lib/flow/batch.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import type { Columns } from '../../../lib/flow/columns.ts'
import { EMPTY_LABELS, labelSet } from '../../../lib/flow/labels.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'
import { columnsOf } from '../../support/columns-of.ts'

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
  tap.ok(MAX_BATCH_ENTRIES === 2048 && MAX_BATCH_BYTES === 1024 * 1024)
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

void t.test('who follows the entries sees those that the taker gets', (tap) => {
  const { batch, entries } = batchOf(['a', 'b'])
  tap.equal(batch.follow(), entries)
  tap.equal(batch.take(), entries)
  const columns = columnsOf(batchOf(['a', 'b']).entries)
  const rows = new Batch(columns)
  const followed = rows.follow()
  tap.same(
    followed.map(({ line }) => line),
    ['a', 'b'],
  )
  tap.equal(rows.takeColumns(), undefined)
  tap.equal(rows.take(), followed)
  tap.end()
})

void t.test('whether some entry has labels, without opening the batch', (tap) => {
  const { entries } = batchOf(['a', 'b', 'c'])
  entries[1]!.labels = labelSet({ parse_status: 'failed' })
  for (const content of [entries, columnsOf(entries)]) {
    const batch = new Batch(content)
    const asked: string[] = []
    const some = (value: string): boolean =>
      batch.some((labels) => {
        asked.push(labels.text)
        return labels.get('parse_status') === value
      })
    tap.ok(some('failed'))
    tap.notOk(some('success'))
    tap.ok(asked.length <= 5, `${asked.length} sets are asked`)
  }
  const columns = columnsOf(entries) as Columns
  columns.filter((row) => row !== 1)
  tap.notOk(
    new Batch(columns).some((labels) => labels.size > 0),
    'rows that are gone',
  )
  tap.end()
})
