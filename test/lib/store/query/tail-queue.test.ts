/** What waits for a client, and what it loses when it is slow. */
import t from 'tap'
import { TailQueue, type TailEntry } from '../../../../lib/store/query/tail-queue.ts'

const entry = (i: number, size = 10, due = 0): TailEntry => ({
  json: JSON.stringify('x'.repeat(size)),
  time: String(i),
  labels: { app: 'a' },
  key: '',
  due,
})

void t.test('messages are bounded, and entries keep their order and their time', (t) => {
  const queue = new TailQueue([])
  for (let i = 0; i < 6000; i++) queue.add(entry(i, 1))
  queue.add(entry(6000, 1, 5))
  const sizes = [0, 0, 0].map(() => {
    const message = queue.message(4)
    return message === undefined ? 0 : (JSON.parse(message) as { streams: unknown[] }).streams.length
  })
  t.same(sizes, [5000, 1000, 0])
  t.notOk(queue.empty)
  t.equal(queue.message(5), '{"streams":["x"]}')
  t.ok(queue.empty)
  for (let i = 0; i < 3; i++) queue.add(entry(i, 200_000))
  t.ok(queue.message(0)!.length < 300_000)
  t.end()
})

void t.test('what is dropped is told, every entry of it', (t) => {
  const queue = new TailQueue(['categorize-labels'])
  for (let i = 0; i < 5000; i++) queue.add(entry(i, 1000))
  let streams = 0
  const dropped: { timestamp: string; labels: unknown }[] = []
  for (let message = queue.message(0); message !== undefined; message = queue.message(0)) {
    const told = JSON.parse(message) as {
      streams: unknown[]
      dropped_entries?: typeof dropped
      encodingFlags: string[]
    }
    streams += told.streams.length
    t.ok((told.dropped_entries?.length ?? 0) <= 1000)
    t.same(told.encodingFlags, ['categorize-labels'])
    dropped.push(...(told.dropped_entries ?? []))
  }
  t.equal(streams + dropped.length, 5000)
  t.ok(streams > 2000 && streams < 2200, `${streams} of 1 kB`)
  t.same(dropped[0], { timestamp: String(streams), labels: { app: 'a' } }, 'the newest are lost')
  t.end()
})

void t.test('a client that loses everything is given up', (t) => {
  const queue = new TailQueue([])
  queue.add(entry(0, 3_000_000))
  for (let i = 0; i < 100_000; i++) queue.add(entry(i))
  t.notOk(queue.hopeless)
  queue.add(entry(0))
  t.ok(queue.hopeless)
  t.end()
})

void t.test('the backlog comes first, and nothing twice', (t) => {
  const queue = new TailQueue([])
  queue.add({ ...entry(2), json: '"new"', key: 'b' })
  queue.add({ ...entry(1), json: '"both"', key: 'a' })
  queue.prepend([{ ...entry(1), json: '"old"', key: 'a' }])
  t.equal(queue.message(0), '{"streams":["old","new"]}')
  t.end()
})
