/** What is too old goes away, and its streams with it. */
import t from 'tap'
import { openStore, push, SECONDS, select, storeFolder } from '../../support/store-harness.ts'

const DAY = 86_400_000

void t.test('entries older than the retention are deleted', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const options = { retention: DAY }
  const store = await openStore(folder, options, clock)
  await push(store, { app: 'old' }, [['old', 0]])
  await push(store, { app: 'both' }, [
    ['old as well', 0],
    ['just kept', 60],
  ])
  t.equal(await store.deleteOld(), 0)
  now += DAY + 60_000
  t.equal(await store.deleteOld(), 2)
  t.same(
    (await select(store)).map(({ line }) => line),
    ['just kept'],
  )
  t.equal(store.streams.size, 1)
  await push(store, { app: 'old' }, [['back', 120]])
  await store.close()
  const again = await openStore(folder, options, clock)
  t.teardown(() => again.close())
  t.same(
    (await select(again)).map(({ line }) => line),
    ['just kept', 'back'],
  )
})

void t.test('a stream that is being written to stays', async (t) => {
  let now = SECONDS * 1000
  const clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const store = await openStore(await storeFolder((run) => t.teardown(run)), { retention: 1000 }, clock)
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, [['old', 0]])
  now += 5000
  t.equal(await store.deleteOld(), 1)
  t.equal(store.streams.size, 1)
  await push(store, { app: 'a' }, [['new', 5]])
  t.same(
    (await select(store)).map(({ line }) => line),
    ['new'],
  )
})

void t.test('it happens by itself, and not without a retention', async (t) => {
  const due: number[] = []
  const clock = {
    now: () => SECONDS * 1000,
    after: (ms: number) => {
      due.push(ms)
      return { cancel: () => {} }
    },
  }
  const first = await openStore(await storeFolder((run) => t.teardown(run)), { retention: 1000 }, clock)
  await first.close()
  t.same(due.filter((ms) => ms !== 1000), [0], 'without the looks at health') // prettier-ignore
  const second = await openStore(await storeFolder((run) => t.teardown(run)), {}, clock)
  t.equal(await second.deleteOld(), 0)
  await second.close()
  t.same(due.filter((ms) => ms !== 1000), [0], 'without the looks at health') // prettier-ignore
})
