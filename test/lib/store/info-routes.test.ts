/** What the server tells about itself; the recorded answers are in the test of pushes. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import { route, type Answer } from '../../../lib/net/server/router.ts'
import { infoRoutes } from '../../../lib/store/info-routes.ts'

let trouble: string | undefined = 'disk full'
const routes = infoRoutes({
  trouble: () => trouble,
  limits: { max_query_series: 500, discover_service_name: ['app'] },
  seal: () => Promise.resolve(),
  metrics: { contentType: 'text/plain; version=0.0.4', exposition: () => Promise.resolve('up 1\n') },
})
const get = (path: string, headers: Record<string, string> = {}): Answer => {
  const raw = {} as IncomingMessage
  const request = { method: 'GET', path, query: new URLSearchParams(), headers, raw }
  return route(routes, 'GET', path)(request, {} as ServerResponse) as Answer
}
t.match(get('/ready'), { status: 503, body: 'disk full\n' })
trouble = undefined
t.match(get('/ready'), { status: 200, body: 'ready\n' })
t.equal(get('/loki/api/v1/drilldown-limits').status, 401)
const drilldown = get('/loki/api/v1/drilldown-limits', { 'x-scope-orgid': 'a' })
t.match(JSON.parse(String(drilldown.body)), {
  limits: { max_query_series: 500 },
  pattern_ingester_enabled: true,
  version: /^\d/,
})
const yaml = 'max_query_series: 500\ndiscover_service_name: ["app"]\n'
t.equal(get('/config/tenant/v1/limits', { 'x-scope-orgid': 'a' }).body, yaml)
t.equal(get('/config/tenant/v1/limits').status, 401)
t.match(get('/config').body, /^limits_config:\n {2}max_query_series: 500\n/)
t.match(await Promise.resolve(get('/metrics')), { status: 200, type: /^text\/plain/, body: 'up 1\n' })
t.match(JSON.parse(String(get('/loki/api/v1/status/buildinfo').body)), { version: /^\d/ })
t.equal(get('/loki/api/v1/nothing').status, 404)
