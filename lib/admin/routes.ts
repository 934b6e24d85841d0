/** The routes of the admin server: the page, its API, health, metrics, reload and the support bundle. */
import type { Diagnostic } from '../alloy/diagnostic.ts'
import { refuseChange } from '../net/server/guard.ts'
import { json, text, type Answer, type Request, type Route } from '../net/server/router.ts'
import { messageOf } from '../errors.ts'
import { Ledger } from '../flow/ledger.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'
import type { FailedLoad } from '../run/supervise/loads.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { sayDiagnostic } from './say.ts'
import { scrub } from './secrets.ts'
import { pageApiRoutes } from './page-api.ts'
import { pageRoutes } from '../page/assets.ts'
import type { FailedReload, LedgerStatus, PageStatus } from '../page/status.ts'
import { VERSION } from '../version.ts'
import type { LokiRoutes } from './loki/routes.ts'
import { healthAnswer } from './healthy.ts'
import type { ContentGuard } from './may-see.ts'
import { supportRoute, type SupportOptions } from './support.ts'
import { secretsOf, webApiRoutes, type Inspected } from './web-api.ts'

/** What the routes show and do, mostly a supervisor. */
export interface Administered {
  readonly components: () => readonly ComponentInfo[]
  readonly ready: () => boolean
  readonly reload: () => Promise<readonly Diagnostic[]>
  /** The last load, if it failed. */
  readonly failedLoad?: () => FailedLoad | undefined
  readonly metrics: Metrics
  /** What paths of the page and its API begin with; ends with `/`. Left out: `/`. */
  readonly uiPrefix?: string
  readonly ledger?: Pick<LedgerStatus, 'read' | 'inFlight'> & {
    rows(): LedgerStatus['rows']
    notes(): LedgerStatus['notes']
  }
  /** Left out: no API. */
  readonly inspected?: Inspected
  /** Left out: no support bundle. */
  readonly support?: SupportOptions
  /** Left out: the page shows no log lines. */
  readonly loki?: LokiRoutes
  /** Which clients may see log lines; left out: all. */
  readonly guard?: ContentGuard
}

/** Paths and statuses as Alloy's. */
export function adminRoutes(admin: Administered): readonly Route[] {
  const { uiPrefix = '/', inspected, support, loki } = admin
  return [
    ...pageRoutes(uiPrefix),
    {
      methods: ['GET'],
      path: `${uiPrefix}api/v0/logstream/status`,
      handle: (request) => json(200, statusOf(admin, request)),
    },
    ...(loki?.routes ?? []),
    ...(inspected === undefined ? [] : pageApiRoutes(inspected, admin.metrics, uiPrefix)),
    ...(uiPrefix === '/' ? [] : [redirect(uiPrefix.slice(0, -1), uiPrefix)]),
    {
      methods: ['GET'],
      path: '/metrics',
      handle: async () => ({
        status: 200,
        type: admin.metrics.contentType,
        body: await admin.metrics.exposition(),
      }),
    },
    {
      methods: ['GET'],
      path: '/-/ready',
      handle: () => (admin.ready() ? text(200, 'logstream is ready.') : text(503, 'Config failed to load.')),
    },
    { methods: ['GET'], path: '/-/healthy', handle: () => health(admin) },
    {
      methods: ['GET', 'POST'],
      path: '/-/reload',
      handle: async (request) => await reloadAnswer(admin, request),
    },
    ...(inspected === undefined ? [] : webApiRoutes(inspected, uiPrefix)),
    ...(support === undefined ? [] : [supportRoute(support)]),
  ]
}

function redirect(path: string, to: string): Route {
  return { methods: ['GET'], path, handle: () => ({ ...text(302, to), headers: { location: to } }) }
}

function statusOf(admin: Administered, request: Request): PageStatus {
  const { ledger, loki, support } = admin
  return {
    version: VERSION,
    now: Date.now(),
    server: 'agent',
    components: admin.components().map(({ fullId, name, health, forwardTo, sent }) => ({
      fullId,
      name,
      health: { ...health, message: cleaned(admin, health.message) },
      forwardTo,
      sent,
    })),
    ledger: {
      read: ledger?.read ?? 0,
      inFlight: ledger?.inFlight ?? 0,
      rows: ledger?.rows() ?? [],
      notes: ledger?.notes() ?? new Ledger().notes(),
    },
    sources: loki?.sources() ?? [],
    refused: admin.guard?.(request),
    failedReload: failedReload(admin),
    support: support?.enabled ?? false,
  }
}

function failedReload(admin: Administered): FailedReload | undefined {
  const failed = admin.failedLoad?.()
  if (failed === undefined) return undefined
  const { at, diagnostics, message } = failed
  const said = diagnostics.length > 0 ? diagnostics.map(sayDiagnostic).join('\n\n') : message
  return { at, message: cleaned(admin, said) }
}

async function reloadAnswer(admin: Administered, { method, headers }: Request): Promise<Answer> {
  const refusal = refuseChange(method, headers)
  if (refusal !== undefined) return { ...text(405, refusal), headers: { allow: 'POST' } }
  try {
    const errors = (await admin.reload()).filter(({ severity }) => severity === 'error')
    return errors.length === 0
      ? text(200, 'config reloaded')
      : text(400, cleaned(admin, errors.map(sayDiagnostic).join('\n\n')))
  } catch (error) {
    return text(400, cleaned(admin, messageOf(error)))
  }
}

function health(admin: Administered): Answer {
  const { status, body } = healthAnswer(admin.components(), admin.ledger ?? { read: 0, inFlight: 0 })
  return text(status, cleaned(admin, body))
}

// Health messages and errors may quote secrets.
function cleaned({ inspected }: Administered, text: string): string {
  return inspected === undefined || text === '' ? text : scrub(text, secretsOf(inspected))
}
