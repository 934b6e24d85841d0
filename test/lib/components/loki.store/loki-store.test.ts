/** `loki.store` as a component: options, listeners, metrics, what it tells about itself. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import t from 'tap'
import { openStore, select, StoreHarness, storeFolder } from '../../../support/store-harness.ts'

const push = (line: string): string =>
  JSON.stringify({ streams: [{ stream: { app: 'a' }, values: [['1767607200000000000', line]] }] })

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/loki/api/v1/push`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

void t.test('pushes and batches end in one store, and are counted', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const harness = new StoreHarness({ path })
  const { component } = harness
  t.match(component.health?.(), { state: 'unknown' })
  await component.start?.()
  t.match(component.health?.(), { state: 'healthy', message: /http:\/\/127\.0\.0\.1:\d+/ })
  const [pushed] = await Promise.all([post(harness.url, push('pushed')), harness.write(['written'])])
  t.equal(pushed.status, 204)
  t.equal((await post(harness.url, push('pushed'))).status, 204)
  await harness.until('delivered', 1)
  t.match(component.status?.(), { path, streams: 2, rows: 2, repeats: 1, failures: 0 })
  const exposition = await harness.metrics.exposition()
  t.match(exposition, /loki_distributor_lines_received_total\{tenant="fake"\} 3/)
  t.match(exposition, /logstream_store_entries_total 2/)
  t.match(exposition, /logstream_store_repeats_total 1/)
  t.equal(await harness.end(), undefined)
  t.notMatch(await harness.metrics.exposition(), /logstream_store/, 'gone with the component')
  const store = await openStore(path)
  t.teardown(() => store.close())
  t.same((await select(store)).map(({ line }) => line).sort(), ['pushed', 'written'])
})

void t.test('authentication', async (t) => {
  const harness = new StoreHarness({
    path: await storeFolder((run) => t.teardown(run)),
    http: { basic_auth: { username: 'u', password: 'secret' } },
  })
  await harness.component.start?.()
  t.teardown(() => harness.end())
  t.equal((await post(harness.url, push('x'))).status, 401)
  const authorization = `Basic ${Buffer.from('u:secret').toString('base64')}`
  t.equal((await post(harness.url, push('x'), { authorization })).status, 204)
  t.notMatch(JSON.stringify(harness.component.status?.()), /secret/)
})

void t.test('requests from foreign web pages are refused', async (t) => {
  const harness = new StoreHarness({ path: await storeFolder((run) => t.teardown(run)) })
  await harness.component.start?.()
  t.teardown(() => harness.end())
  t.equal((await post(harness.url, push('x'), { origin: 'https://example.com' })).status, 403)
})

void t.test('it needs a folder to start, not to be checked', async (t) => {
  const harness = new StoreHarness({})
  await t.rejects(Promise.resolve(harness.component.start?.()), {
    code: 'BAD_CONFIG',
    message: /needs a folder: add path/,
  })
  await harness.component.close?.()
})

void t.test('rules: an alert goes to a webhook, its secret address stays secret', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  mkdirSync(join(path, 'rules'), { recursive: true })
  const rule = 'sum by (app) (count_over_time({app="a"}[1h])) > 0'
  writeFileSync(
    join(path, 'rules', 'r.yaml'),
    `groups: [{name: g, interval: 50ms, rules: [{record: app:lines, expr: '${rule}'}, {alert: Any, expr: '${rule}'}]}]`,
  )
  let received: (body: string) => void = () => {}
  const body = new Promise<string>((resolve) => (received = resolve))
  const hook = createServer((request, response) => {
    void readAll(request).then((text) => received(text))
    response.end()
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  t.teardown(() => hook.close())
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/secret-path`
  const harness = new StoreHarness({ path, rules: { webhook: [{ url }] } })
  await harness.component.start?.()
  t.teardown(() => harness.end())
  await harness.write(['a line'], { app: 'a' }, Math.floor(Date.now() / 1000))
  t.match(JSON.parse(await body), {
    status: 'firing',
    alerts: [
      { labels: { alertname: 'Any', app: 'a' }, generatorURL: new RegExp(`^${harness.url}/\\?view=explore`) },
    ],
  })
  // The line may have come between the two rules of one evaluation.
  let exposition = ''
  while (!exposition.includes('app:lines{app="a"} 1')) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    exposition = await harness.metrics.exposition()
  }
  t.match(
    exposition,
    /loki_prometheus_notifications_queue_length\{alertmanager="http:\/\/127\.0\.0\.1:\d+\/…",user="fake"\}/,
  )
  t.notMatch(exposition + harness.log.join('\n'), /secret-path/)
  t.match(harness.component.health?.(), { state: 'healthy' })
  const alerts = await (await fetch(`${harness.url}/prometheus/api/v1/alerts`)).json()
  t.match(alerts, { data: { alerts: [{ state: 'firing' }] } })
})
