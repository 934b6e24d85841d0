/** What the server tells about itself; the recorded answers are in the test of pushes. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import t from 'tap'
import { route, type Answer } from '../../../lib/net/server/router.ts'
import { infoRoutes } from '../../../lib/store/info-routes.ts'

let trouble: string | undefined = 'disk full'
const routes = infoRoutes(() => trouble)
const get = (path: string, headers: Record<string, string> = {}): Answer => {
  const raw = {} as IncomingMessage
  const request = { method: 'GET', path, query: new URLSearchParams(), headers, raw }
  return route(routes, 'GET', path)(request, {} as ServerResponse) as Answer
}
t.match(get('/ready'), { status: 503, body: 'disk full\n' })
trouble = undefined
t.match(get('/ready'), { status: 200, body: 'ready\n' })
t.equal(get('/loki/api/v1/drilldown-limits').status, 401)
t.equal(get('/loki/api/v1/drilldown-limits', { 'x-scope-orgid': 'a' }).status, 200)
t.match(JSON.parse(String(get('/loki/api/v1/status/buildinfo').body)), { version: /^\d/ })
t.equal(get('/loki/api/v1/nothing').status, 404)
