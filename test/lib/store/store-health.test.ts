/** A store that can't write isn't ready, and heals without a restart. */
import t from 'tap'
import { StoreHealth } from '../../../lib/store/store-health.ts'
import { createLogger } from '../../../lib/telemetry/log.ts'
import { openStore, push, select, StoreHarness, storeFolder } from '../../support/store-harness.ts'

void t.test('it is tried again until it works', async (t) => {
  const log: string[] = []
  const planned: (() => void)[] = []
  let now = 1000
  const clock = {
    now: () => now,
    after: (_ms: number, run: () => void) => {
      planned.push(run)
      return { cancel: () => {} }
    },
  }
  let attempts = 0
  const writer = {
    failure: undefined as Error | undefined,
    heal: async () => {
      if (++attempts < 3) throw new Error('still full')
      writer.failure = undefined
    },
  }
  const logger = createLogger({ level: 'debug', format: 'logfmt' }, (line) => log.push(line))
  const health = new StoreHealth(writer, clock, logger)
  const look = async (): Promise<void> => {
    now += 1000
    planned.pop()!()
    while (planned.length === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await look()
  t.equal(health.trouble, undefined)
  writer.failure = new Error('disk full')
  await look()
  t.same(health.trouble, { message: 'disk full', since: 3000 })
  await look()
  t.ok(health.trouble)
  await look()
  t.equal(health.trouble, undefined)
  t.equal(log.length, 1, 'that it can write a little says nothing of what waits')
  writer.failure = new Error('disk full')
  await look()
  await look()
  t.match(log.join('\n'), /cannot take entries.*disk full[^]*takes entries again.*seconds=4/)
  t.equal(log.length, 2, 'said once')
  health.close()
})

void t.test('a database that was given up is opened anew', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, [['one', 1]])
  await store.database.reopen()
  t.equal((await push(store, { app: 'a' }, [['two', 2]])).status, 503, 'its connections are gone')
  t.ok(store.trouble)
  await store.writer.heal().catch(() => undefined)
  await store.writer.heal()
  t.equal(store.trouble, undefined)
  t.equal((await push(store, { app: 'a' }, [['two', 2]])).status, 204)
  t.same(
    (await select(store)).map(({ line }) => line),
    ['one', 'two'],
  )
})

void t.test('pushes and /ready say so meanwhile', async (t) => {
  const harness = new StoreHarness({ path: await storeFolder((run) => t.teardown(run)) })
  await harness.component.start!()
  t.teardown(() => harness.end())
  const { store } = harness.component
  const push = async (): Promise<number> => {
    const body = '{"streams":[{"stream":{"a":"b"},"values":[["1767607200000000000","x"]]}]}'
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${harness.url}/loki/api/v1/push`, { method: 'POST', headers, body })).status
  }
  const ready = async (): Promise<number> => (await fetch(`${harness.url}/ready`)).status
  t.equal(await ready(), 200)
  await store!.writer.exclusive((connection) => connection.run('ALTER TABLE entries RENAME TO hidden'))
  t.equal(await push(), 503)
  t.equal(await ready(), 503)
  t.match(harness.component.health!(), { state: 'unhealthy', message: /cannot take entries.*since/ })
  await store!.writer.exclusive((connection) => connection.run('ALTER TABLE hidden RENAME TO entries'))
  await store!.writer.heal()
  t.equal(await ready(), 200)
  t.equal(await push(), 204)
})
