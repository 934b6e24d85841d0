/** The routes of Loki's HTTP API about the server itself: what Grafana and scripts ask before they ask for logs. */
import { json, text, type Answer, type Request, type Route } from '../net/server/router.ts'
import { VERSION } from '../version.ts'

export interface ServerInfo {
  /** Says why pushes aren't taken; `undefined` when they are. */
  readonly trouble: () => string | undefined
  /** What Loki calls `limits_config`, as far as the store has it; all values are safe to show. */
  readonly limits: Readonly<Record<string, string | number | boolean | readonly string[]>>
  readonly metrics: { readonly contentType: string; exposition(): Promise<string> }
}

export function infoRoutes({ trouble, limits, metrics }: ServerInfo): Route[] {
  const drilldown = { limits, pattern_ingester_enabled: false, version: VERSION }
  const build = { version: VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' }
  return [
    get('/ready', () => {
      const message = trouble()
      return message === undefined ? text(200, 'ready') : text(503, message)
    }),
    get('/loki/api/v1/status/buildinfo', () => json(200, build)),
    get('/prometheus/api/v1/rules', () => json(200, none({ groups: [] }))),
    get('/prometheus/api/v1/alerts', () => json(200, none({ alerts: [] }))),
    get('/loki/api/v1/rules', () => text(400, 'the store does not evaluate rules')),
    get('/loki/api/v1/drilldown-limits', (request) => forTenant(request, json(200, drilldown))),
    get('/config/tenant/v1/limits', (request) => forTenant(request, text(200, yaml(limits)))),
    get('/config', () => text(200, `limits_config:\n${yaml(limits).replaceAll(/^/gm, '  ')}`)),
    get('/metrics', async () => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.exposition(),
    })),
    get('/services', () => text(200, 'store => Running')),
  ]
}

function get(path: string, handle: (request: Request) => Answer | Promise<Answer>): Route {
  return { methods: ['GET'], path, handle }
}

function none(data: object): object {
  return { status: 'success', data, errorType: '', error: '' }
}

// Loki wants a tenant here even where it has none.
function forTenant({ headers }: Request, answer: Answer): Answer {
  return headers['x-scope-orgid'] === undefined ? text(401, 'no org id') : answer
}

// JSON's scalars and lists are YAML's.
function yaml(values: ServerInfo['limits']): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join('\n')
}
