/** Streams in memory. */
import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { StreamTable, toNanos } from '../../../lib/store/stream-table.ts'

void t.test('streams are numbered, loaded and forgotten', (t) => {
  const table = new StreamTable()
  const a = labelSet({ app: 'a', level: 'WARN' })
  table.load(7, a.toObject(), 1_500_000_000n)
  const loaded = table.get(a)!
  t.match(loaded, { id: 7, saved: true, level: 'warn', newestSeconds: 1, newestNanos: 500_000_000 })
  const b = table.take(labelSet({ app: 'b' }), 0, 0)!
  t.match(b, { id: 8, saved: false, level: undefined })
  t.equal(table.take(labelSet({ app: 'b' }), 1, 0), b)
  t.equal(table.byId(8), b)
  table.remove(b)
  t.equal(table.get(b.labels), undefined)
  t.equal(table.size, 1)
  t.end()
})

void t.test('so many may be active at a time', (t) => {
  const table = new StreamTable()
  const take = (name: string, now: number): boolean => table.take(labelSet({ name }), now, 2) !== undefined
  t.same([take('a', 1000), take('b', 1000), take('c', 2500), take('a', 3000)], [true, true, false, true])
  t.equal(take('c', 3 * 3_600_000), true, 'the others have been quiet for two hours')
  t.end()
})

void t.test('times', (t) => {
  t.equal(toNanos(1, 5), 1_000_000_005n)
  t.equal(toNanos(-1, 999_999_999), -1n)
  const table = new StreamTable()
  table.load(1, { a: 'b' }, -1n)
  t.match(table.byId(1), { newestSeconds: -1, newestNanos: 999_999_999 })
  table.byId(1)!.advance(-1, 0)
  t.match(table.byId(1), { newestSeconds: -1, newestNanos: 999_999_999 }, 'it never goes back')
  t.end()
})
