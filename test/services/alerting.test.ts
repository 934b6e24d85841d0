/** Alerts of a store's rules at a real Alertmanager and a webhook: delivered, resolved, kept over outages and kills. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort, noAlertmanager, startAlertmanager, startHook } from '../support/alertmanager.ts'
import { startCommand, type ServiceProcess } from '../support/service.ts'

t.setTimeout(240_000)

const RULES = `groups:
  - name: g
    interval: 1s
    rules:
      - alert: Errors
        expr: sum by (app) (count_over_time({app="shop"} |= "error" [15s])) > 0
        annotations: { summary: "{{ $labels.app }} fails" }
      - alert: Slow
        expr: sum by (app) (count_over_time({app="slow"}[1h])) > 0
        for: 12s
`

interface Store {
  readonly service: ServiceProcess
  readonly url: string
}

async function startStore(tap: Test, folder: string, more: readonly string[]): Promise<Store> {
  const service = startCommand([
    'store',
    `--path=${join(folder, 'store')}`,
    '--listen=127.0.0.1:0',
    '--server.http.listen-addr=',
    `--rules.path=${join(folder, 'rules')}`,
    '--rules.resend-delay=2s',
    ...more,
  ])
  tap.teardown(() => service.child.kill('SIGKILL'))
  await service.said('msg=running')
  const [, url] = /url=(http:\/\/127\.0\.0\.1:\d+)/.exec(service.stderr())!
  return { service, url: url! }
}

function rulesIn(folder: string): void {
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'shop.yaml'), RULES)
}

async function push(url: string, app: string, line: string): Promise<void> {
  const values = [[`${Date.now()}000000`, line]]
  const answer = await fetch(`${url}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream: { app }, values }] }),
  })
  if (answer.status !== 204) throw new Error(`push: ${answer.status} ${await answer.text()}`)
}

interface Alert {
  readonly state: string
  readonly activeAt: string
  readonly labels: Readonly<Record<string, string>>
}

/** Resolves with the alert of a name in one of the states. */
async function alertIn(url: string, name: string, states: readonly string[]): Promise<Alert> {
  for (;;) {
    const answer = (await (await fetch(`${url}/prometheus/api/v1/alerts`)).json()) as {
      data: { alerts: Alert[] }
    }
    const found = answer.data.alerts.find(
      ({ labels, state }) => labels['alertname'] === name && states.includes(state),
    )
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

void t.test('through Alertmanager to a webhook, and its end', { skip: noAlertmanager() }, async (tap) => {
  const folder = tap.testdir({ am: {} })
  rulesIn(folder)
  const hook = await startHook()
  tap.teardown(() => hook.close())
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const store = await startStore(tap, folder, [`--rules.alertmanager-url=${address}`])
  await push(store.url, 'shop', 'an error')
  await store.service.said('alerts cannot be delivered')
  // It was away when the alert fired.
  let manager = await startAlertmanager(join(folder, 'am'), hook, port)
  tap.teardown(() => manager.close())
  await hook.got('firing Errors')
  const [alert] = (await (await fetch(`${address}/api/v2/alerts`)).json()) as unknown[]
  tap.match(alert, {
    labels: { alertname: 'Errors', app: 'shop' },
    annotations: { summary: 'shop fails' },
    generatorURL: new RegExp(`^${store.url}/\\?view=explore`),
  })
  await manager.close()
  // It is away again while the alert ends.
  for (let state = 'firing'; state === 'firing';) {
    const { data } = (await (await fetch(`${store.url}/prometheus/api/v1/alerts`)).json()) as {
      data: { alerts: Alert[] }
    }
    state = data.alerts.some(({ labels }) => labels['alertname'] === 'Errors') ? 'firing' : 'resolved'
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  manager = await startAlertmanager(join(folder, 'am'), hook, port)
  await push(store.url, 'shop', 'another error')
  while (hook.received.filter((each) => each === 'firing Errors').length < 2)
    await new Promise((resolve) => setTimeout(resolve, 200))
  await hook.got('resolved Errors')
  tap.equal(await store.service.end('SIGTERM'), 0)
})

void t.test('kill -9 while an alert is pending: "for" goes on', async (tap) => {
  const folder = tap.testdir({})
  rulesIn(folder)
  const first = await startStore(tap, folder, [])
  await push(first.url, 'slow', 'a line')
  const pending = await alertIn(first.url, 'Slow', ['pending'])
  // The state is written after the evaluation that the answer may already tell of.
  await new Promise((resolve) => setTimeout(resolve, 2500))
  await first.service.end('SIGKILL')
  const second = await startStore(tap, folder, [])
  const firing = await alertIn(second.url, 'Slow', ['firing'])
  tap.equal(firing.activeAt, pending.activeAt, 'it is the same alert')
  tap.ok(Date.now() - Date.parse(firing.activeAt) < 60_000)
  tap.equal(await second.service.end('SIGTERM'), 0)
})
