/** The store as a whole: what is added, what is refused, what is known again after an opening. */
import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { limits, openStore, push, select, storeFolder } from '../../support/store-harness.ts'

void t.test('names and levels are added, or not', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  await push(store, { app: 'a', level: 'ERR' }, [
    [
      'one',
      0,
      [
        ['trace_id', 'x'],
        ['a.b', 'y'],
      ],
    ],
  ])
  const [entry] = await select(store)
  t.equal(entry?.stream.get('service_name'), 'a')
  t.same(entry?.metadata, [
    ['a_b', 'y'],
    ['detected_level', 'error'],
    ['trace_id', 'x'],
  ])

  const plain = await openStore(await storeFolder((run) => t.teardown(run)), {
    discoverServiceName: [],
    discoverLogLevels: false,
  })
  t.teardown(() => plain.close())
  await push(plain, { app: 'a', level: 'ERR' }, ['one'])
  t.equal((await push(plain, {}, ['one'])).status, 400, 'without a label')
  const [other] = await select(plain)
  t.same([other?.stream.get('service_name'), other?.metadata], [undefined, undefined])
})

void t.test('refused entries do not keep the others out', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const answer = await push(store, { app: 'a' }, [
    ['new', 7200],
    ['old', 0],
    ['older', 0.5],
    ['x'.repeat(262_145), 7200],
    ['newer', 7201],
  ])
  t.equal(answer.status, 400)
  t.match(answer.message, /^2 errors like: an entry of stream \{app="a".*too far behind.*; a line of stream/s)
  t.same(
    (await select(store)).map(({ line }) => line),
    ['new', 'newer'],
  )
})

void t.test('so many streams', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)), {
    limits: limits({ maxStreams: 2 }),
  })
  t.teardown(() => store.close())
  const statuses: number[] = []
  for (const app of ['a', 'b', 'c', 'a']) statuses.push((await push(store, { app }, [app])).status)
  t.same(statuses, [204, 204, 429, 204])
})

void t.test('the newest time of a stream is known after an opening', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const first = await openStore(folder)
  await push(first, { app: 'a' }, [['new', 7200]])
  await first.close()
  const second = await openStore(folder)
  t.teardown(() => second.close())
  t.ok(second.streams.get(labelSet({ app: 'a', service_name: 'a' })))
  t.equal((await push(second, { app: 'a' }, [['old', 0]])).status, 400)
})
