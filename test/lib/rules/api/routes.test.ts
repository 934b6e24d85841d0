/** The ruler's API, as Loki's clients and Grafana call it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startServer } from '../../../../lib/net/server/server.ts'
import { ruleRoutes } from '../../../../lib/rules/api/routes.ts'
import type { Ruler } from '../../../../lib/rules/ruler.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { RulerHarness } from '../../../support/ruler.ts'

const FILE = `groups:
  - name: g
    interval: 10s
    limit: 5
    rules:
      - alert: Errors
        expr: count_over_time({app="shop"}[1m]) > 0
        labels: { severity: page }
        annotations: { summary: s }
      - record: app:lines
        expr: sum(count_over_time({app="shop"}[1m]))
  - name: h
    rules: [{ record: one, expr: vector(1) }]
`

async function serve(
  tap: Test,
  ruler: Ruler | undefined,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const server = await startServer({ listen: '127.0.0.1:0', routes: ruleRoutes(() => ruler), log: SILENT })
  tap.teardown(() => server.close())
  return (path, init) => fetch(`${server.url}${path}`, init)
}

void t.test('without rules', async (tap) => {
  const ask = await serve(tap, undefined)
  tap.same(await (await ask('/prometheus/api/v1/rules')).json(), {
    status: 'success',
    data: { groups: [] },
    errorType: '',
    error: '',
  })
  tap.same(await (await ask('/prometheus/api/v1/alerts')).json(), {
    status: 'success',
    data: { alerts: [] },
    errorType: '',
    error: '',
  })
  for (const path of ['/loki/api/v1/rules', '/api/prom/rules', '/api/prom/rules/test/test']) {
    const answer = await ask(path)
    tap.equal(answer.status, 404)
    tap.equal(await answer.text(), 'no rule groups found\n')
  }
})

void t.test('rules and alerts as they are', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', FILE)
  const ask = await serve(tap, await harness.start())
  harness.line('x')
  await harness.advance(11_000)
  const { data } = (await (await ask('/prometheus/api/v1/rules')).json()) as { data: { groups: unknown[] } }
  tap.match(data.groups, [
    {
      name: 'g',
      file: 'shop',
      interval: 10,
      limit: 5,
      rules: [
        {
          state: 'firing',
          name: 'Errors',
          query: 'count_over_time({app="shop"}[1m]) > 0',
          duration: 0,
          labels: { severity: 'page' },
          annotations: { summary: 's' },
          alerts: [
            {
              labels: { alertname: 'Errors', app: 'shop', severity: 'page' },
              state: 'firing',
              value: '1e+00',
              activeAt: /^2026-01-02T03:04:/,
            },
          ],
          health: 'ok',
          lastError: '',
          type: 'alerting',
          lastEvaluation: /^2026-01-02T03:04:/,
          evaluationTime: Number,
        },
        { name: 'app:lines', type: 'recording', health: 'ok' },
      ],
    },
    { name: 'h', rules: [{ name: 'one', health: 'unknown', lastEvaluation: '0001-01-01T00:00:00Z' }] },
  ])
  const names = async (query: string): Promise<unknown> => {
    const { data: found } = (await (await ask(`/prometheus/api/v1/rules?${query}`)).json()) as {
      data: { groups: { rules: { name: string; alerts?: unknown[] }[] }[] }
    }
    return found.groups.flatMap(({ rules }) =>
      rules.map(({ name, alerts }) => `${name} ${alerts?.length ?? '-'}`),
    )
  }
  tap.same(await names('type=alert'), ['Errors 1'])
  tap.same(await names('type=record&rule_group[]=g'), ['app:lines -'])
  tap.same(await names('rule_name[]=one'), ['one -'])
  tap.same(await names('file[]=other'), [])
  tap.same(await names('type=alert&exclude_alerts=true'), ['Errors 0'])
  tap.equal((await ask('/prometheus/api/v1/rules?type=x')).status, 400)
  tap.match(await (await ask('/prometheus/api/v1/alerts')).json(), {
    data: { alerts: [{ state: 'firing' }] },
  })
})

void t.test('rules as they are written', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', FILE)
  const ask = await serve(tap, await harness.start())
  for (const root of ['/loki/api/v1/rules', '/api/prom/rules']) {
    const all = await ask(root)
    tap.equal(all.headers.get('content-type'), 'application/yaml')
    tap.match(await all.text(), /^shop:\n  - name: g\n    interval: 10s\n    limit: 5\n/)
    tap.match(await (await ask(`${root}/shop/h`)).text(), /^name: h\nrules:\n  - record: one\n/)
    tap.equal((await ask(`${root}/shop/none`)).status, 404)
    tap.equal((await ask(`${root}/none`)).status, 404)
    tap.equal((await ask(`${root}/a/b/c`)).status, 404)
    tap.equal((await ask(`${root}/%zz`)).status, 404)
    const refused = await ask(`${root}/shop`, { method: 'POST', body: 'name: x' })
    tap.equal(refused.status, 403)
    tap.match(await refused.text(), /enable_api = true/)
    tap.equal((await ask(`${root}/shop/g`, { method: 'DELETE' })).status, 403)
  }
})

void t.test('rules changed over HTTP', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', FILE)
  const ruler = await harness.start({ enableApi: true })
  const ask = await serve(tap, ruler)
  const post = (namespace: string, body: string): Promise<Response> =>
    ask(`/api/prom/rules/${namespace}`, { method: 'POST', body })
  tap.equal(
    (await post('my%20team%2F..', 'name: n\nlimit: 3\nrules: [{alert: A, expr: vector(1)}]')).status,
    202,
  )
  tap.equal((await post('shop', 'name: h\nrules: [{record: two, expr: vector(2)}]')).status, 202)
  tap.same(
    ruler.groups().map((group) => `${group.key} ${group.rules.map(({ rule }) => rule.name).join()}`),
    ['my team/..;n A', 'shop;g Errors,app:lines', 'shop;h two'],
  )
  tap.same(readdirSync(join(harness.folder, 'rules')).sort(), ['my%20team%2F...yaml', 'shop.yaml'])
  const bad = await post('shop', 'name: h\nrules: [{record: two, exp: vector(2)}]')
  tap.equal(bad.status, 400)
  tap.match(await bad.text(), /body:2:\d+: unknown field "exp" in a rule; did you mean "expr"\?/)
  for (const name of ['..', '%2e%2e', '.x', 'a%00', 'x'.repeat(300)])
    tap.ok([400, 404].includes((await post(name, 'name: n\nrules: []')).status), name)
  const remove = (path: string): Promise<Response> => ask(`/loki/api/v1/rules/${path}`, { method: 'DELETE' })
  tap.equal((await remove('shop/none')).status, 404)
  tap.equal((await remove('none')).status, 404)
  tap.equal((await remove('shop/g')).status, 202)
  tap.same(
    ruler.groups().map(({ key }) => key),
    ['my team/..;n', 'shop;h'],
  )
  tap.equal((await remove('shop')).status, 202)
  tap.equal((await remove('my%20team%2F..')).status, 202)
  tap.equal((await ask('/loki/api/v1/rules')).status, 404)
  tap.same(readdirSync(join(harness.folder, 'rules')), [])
})
