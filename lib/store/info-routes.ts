/** The routes of Loki's HTTP API about the server itself: what Grafana and scripts ask before they ask for logs. */
import { json, text, type Answer, type Request, type Route } from '../net/server/router.ts'
import { VERSION } from '../version.ts'

export interface ServerInfo {
  /** Says why pushes aren't taken; `undefined` when they are. */
  readonly trouble: () => string | undefined
  /** What Loki calls `limits_config`, as far as the store has it; all values are safe to show. */
  readonly limits: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** Seals what has come in. */
  readonly seal: () => Promise<void>
  readonly metrics: { readonly contentType: string; exposition(): Promise<string> }
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE']

/** What clients of Loki ask for and the store doesn't have, with what to do instead. */
const NOT_SERVED: readonly (readonly [path: string, why: string])[] = [
  ['/loki/api/v1/cache/generation_numbers', "the store has no caches, so it doesn't count their generations"],
  ...['', '/distributor', '/compactor', '/indexgateway', '/scheduler', '/ruler', '/pattern'].map(
    (part) => [`${part}/ring`, 'the store is one process: there is no ring'] as const,
  ),
  ['/memberlist', 'the store is one process: there are no members'],
]

export function infoRoutes({ trouble, limits, seal, metrics }: ServerInfo): Route[] {
  const drilldown = { limits, pattern_ingester_enabled: true, version: VERSION }
  const build = { version: VERSION, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' }
  return [
    get('/ready', () => {
      const message = trouble()
      return message === undefined ? text(200, 'ready') : text(503, message)
    }),
    get('/loki/api/v1/status/buildinfo', () => json(200, build)),
    ...NOT_SERVED.map(([path, why]): Route => ({ methods: METHODS, path, handle: () => text(404, why) })),
    get('/loki/api/v1/drilldown-limits', (request) => forTenant(request, json(200, drilldown))),
    get('/config/tenant/v1/limits', (request) => forTenant(request, text(200, yaml(limits)))),
    get('/config', () => text(200, `limits_config:\n${yaml(limits).replaceAll(/^/gm, '  ')}`)),
    get('/metrics', async () => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.exposition(),
    })),
    // Loki's ingester brings what is in memory to where it stays; it takes GET as well.
    {
      methods: ['POST'],
      path: '/flush',
      handle: async () => {
        await seal()
        return { status: 204, body: '' }
      },
    },
    get('/services', () => text(200, 'store => Running')),
  ]
}

function get(path: string, handle: (request: Request) => Answer | Promise<Answer>): Route {
  return { methods: ['GET'], path, handle }
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
