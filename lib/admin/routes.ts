/** The routes of the admin server: the page, its API, health, metrics, reload and the support bundle. */
import { json, text, type Answer, type Route } from '../net/server/router.ts'
import { messageOf } from '../errors.ts'
import type { Administered } from './administered.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { historyRoute } from './history.ts'
import { sayDiagnostic } from './say.ts'
import { scrub } from './secrets.ts'
import { failureRoutes } from './failures/routes.ts'
import { liveDebuggingRoute } from './live-debugging.ts'
import { liveGraphRoutes } from './live-graph.ts'
import { pageApiRoutes } from './page-api.ts'
import { pageStatus } from './page-status.ts'
import { tapRoutes } from './tap/routes.ts'
import { pageRoutes } from '../page/assets.ts'
import { healthAnswer } from './healthy.ts'
import { action } from './guards.ts'
import { supportRoute } from './support.ts'
import { secretsOf, webApiRoutes } from './web-api.ts'

/** Paths and statuses as Alloy's. */
export function adminRoutes(admin: Administered): readonly Route[] {
  const { uiPrefix = '/', inspected, support, loki } = admin
  return [
    ...pageRoutes(uiPrefix),
    {
      methods: ['GET'],
      path: `${uiPrefix}api/v0/logstream/status`,
      handle: (request) =>
        json(
          200,
          pageStatus(admin, request, (each) => cleaned(admin, each)),
        ),
    },
    ...(loki?.routes ?? []),
    ...(inspected === undefined ? [] : pageApiRoutes(admin, inspected, uiPrefix)),
    ...(admin.letters === undefined ? [] : deadLetterRoutes(admin, admin.letters, uiPrefix)),
    ...(admin.history === undefined ? [] : [historyRoute(admin.history, uiPrefix)]),
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
      handle: action(admin.actions, () => reloadAnswer(admin)),
    },
    ...(inspected === undefined ? [] : webApiRoutes(inspected, uiPrefix)),
    ...(support === undefined ? [] : [supportRoute(support)]),
    ...contentRoutes(admin, uiPrefix),
  ]
}

// Routes of what passes, and of what went wrong with it.
function contentRoutes(admin: Administered, prefix: string): readonly Route[] {
  const { inspected, watched, failures, guard } = admin
  if (inspected === undefined || watched === undefined) return []
  return [
    ...tapRoutes({ watched, guard }, prefix),
    liveDebuggingRoute({ watched, settings: () => inspected.settings }, guard, prefix),
    ...liveGraphRoutes(admin.components, prefix),
    ...(failures === undefined
      ? []
      : failureRoutes(
          { ...failures, details: () => inspected.details(), guard, actions: admin.actions },
          prefix,
        )),
  ]
}

function redirect(path: string, to: string): Route {
  return { methods: ['GET'], path, handle: () => ({ ...text(302, to), headers: { location: to } }) }
}

async function reloadAnswer(admin: Administered): Promise<Answer> {
  try {
    const errors = (await admin.reload()).filter(({ severity }) => severity === 'error')
    return errors.length === 0
      ? text(200, 'config reloaded')
      : text(400, cleaned(admin, errors.map((each) => sayDiagnostic(each)).join('\n\n')))
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
