/** Group commits: which pushes wait, how each is answered, and what remains after a failure. */
import t from 'tap'
import { NO_METADATA } from '../../../lib/flow/entry.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { emptyParcel } from '../../../lib/store/rows.ts'
import type { LogStore } from '../../../lib/store/store.ts'
import { openStore, push, SECONDS, select, storeFolder } from '../../support/store-harness.ts'

/** Adds a line and gives what is heard of it. */
function add(store: LogStore, line: string, at: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const parcel = emptyParcel(resolve)
    const answer = store.stream(labelSet({ app: 'a' }))
    if (!answer.ok) throw new Error(answer.refusal.message)
    const entry = { seconds: SECONDS + at, nanos: 0, line, structuredMetadata: NO_METADATA }
    store.put(parcel, answer.stream, entry, store.writer.now())
    store.writer.add(parcel)
  })
}

void t.test('what comes together is committed together', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const heard = await Promise.all(Array.from({ length: 50 }, (_, i) => add(store, `line ${i}`, i)))
  t.same(
    heard,
    Array.from({ length: 50 }, () => undefined),
  )
  t.ok(store.counts.commits < 5, `${store.counts.commits} commits`)
  t.same((await select(store)).length, 50)
  t.equal(await add(store, 'line 3', 3), undefined, 'a repetition is not a failure')
  await new Promise<void>((resolve) => store.writer.add(emptyParcel(() => resolve())))
  t.equal(store.writer.room(), undefined)
})

void t.test('a commit that fails stores nothing, is told, and the next one works', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  await add(store, 'before', 1)
  await store.writer.exclusive((connection) => connection.run('ALTER TABLE entries RENAME TO hidden'))
  t.match(await add(store, 'lost', 2), { message: /entries/ })
  t.equal((await push(store, { app: 'b' }, ['lost'])).status, 503)
  await store.writer.exclusive((connection) => connection.run('ALTER TABLE hidden RENAME TO entries'))
  t.equal(await add(store, 'lost', 2), undefined)
  t.same(
    (await select(store)).map(({ line }) => line),
    ['before', 'lost'],
  )
  t.equal(store.counts.failures, 2)
  t.equal(store.streams.size, 2)
})

void t.test('a full queue refuses entries', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const heard = Array.from({ length: 200 }, (_, i) => add(store, `${i} ${'x'.repeat(200_000)}`, i))
  const room = store.writer.room()
  t.ok(room, '40 MB were added')
  await room
  t.ok(store.writer.waitingBytes < 33_554_432)
  await Promise.all(heard)
  t.same((await select(store)).length, 200)
})
