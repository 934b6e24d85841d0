/** What is told to those who tail. */
import t from 'tap'
import type { ArrivedRows } from '../../../lib/store/arrivals.ts'
import { openStore, push, storeFolder } from '../../support/store-harness.ts'

void t.test('every stored entry, once, in the order of commits', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const told: string[] = []
  const waiting: (() => void)[] = []
  const listener = ({ streams, lines, repeats }: ArrivedRows): void => {
    for (const [i, { labels }] of streams.entries())
      if (!repeats.has(i)) told.push(`${labels.get('app')}: ${lines[i]}`)
    for (const resolve of waiting.splice(0)) resolve()
  }
  const next = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  const unsubscribe = store.writer.arrivals.subscribe(listener)
  let heard = next()
  await push(store, { app: 'a' }, ['one'])
  t.same(told, [], 'pushers wait for no listener')
  await heard
  heard = next()
  await push(store, { app: 'b' }, ['two', 'two'])
  await heard
  heard = next()
  await push(store, { app: 'a' }, ['one', 'three'])
  await heard
  t.same(told, ['a: one', 'b: two', 'a: three'], 'in the order of commits, each entry once')
  unsubscribe()
  await push(store, { app: 'a' }, ['four'])
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(told.length, 3)
})
