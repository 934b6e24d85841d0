/** The routes of Loki's HTTP API that tell about the server: what Grafana and scripts ask before they ask for logs. */
import { json, text, type Answer, type Request, type Route } from '../net/server/router.ts'
import { VERSION } from '../version.ts'

/** `trouble` says why pushes aren't taken; `undefined` when they are. */
export function infoRoutes(trouble: () => string | undefined): Route[] {
  const build = { version: VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' }
  return [
    get('/ready', () => {
      const message = trouble()
      return message === undefined ? text(200, 'ready') : text(503, message)
    }),
    get('/loki/api/v1/status/buildinfo', () => json(200, build)),
    get('/prometheus/api/v1/rules', () => json(200, none({ groups: [] }))),
    get('/prometheus/api/v1/alerts', () => json(200, none({ alerts: [] }))),
    get('/loki/api/v1/rules', () => text(400, 'there are no rules here: the store does not evaluate any')),
    get('/loki/api/v1/drilldown-limits', ({ headers }: Request) => limits(headers['x-scope-orgid'])),
    get('/config/tenant/v1/limits', ({ headers }: Request) => limits(headers['x-scope-orgid'])),
    get('/services', () => text(200, 'store => Running')),
  ]
}

function get(path: string, handle: (request: Request) => Answer): Route {
  return { methods: ['GET'], path, handle }
}

function none(data: object): object {
  return { status: 'success', data, errorType: '', error: '' }
}

function limits(tenant: string | string[] | undefined): Answer {
  return tenant === undefined ? text(401, 'no org id') : json(200, {})
}
