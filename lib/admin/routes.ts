/** The routes of the admin server: health, metrics, reload and a plain list of components. */
import { printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import { html, text, type Route } from '../http/router.ts'
import { messageOf } from '../errors.ts'
import type { ComponentInfo } from '../run/component-info.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { componentsPage } from './page.ts'

/** What the routes show and do; a supervisor gives it. */
export interface Administered {
  readonly components: () => readonly ComponentInfo[]
  readonly ready: () => boolean
  readonly reload: () => Promise<readonly Diagnostic[]>
  readonly metrics: Metrics
}

/** Paths and statuses as Alloy's. */
export function adminRoutes(admin: Administered): readonly Route[] {
  return [
    { methods: ['GET'], path: '/', handle: () => html(200, componentsPage(admin.components())) },
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
    { methods: ['GET'], path: '/-/healthy', handle: () => healthAnswer(admin.components()) },
    { methods: ['GET', 'POST'], path: '/-/reload', handle: async () => await reloadAnswer(admin) },
  ]
}

function healthAnswer(components: readonly ComponentInfo[]): ReturnType<typeof text> {
  const sick = components.filter(({ health }) => health.state === 'unhealthy')
  if (sick.length === 0) return text(200, 'All logstream components are healthy.')
  return text(
    500,
    `unhealthy components: ${sick.map(({ fullId, health }) => `${fullId} (${health.message})`).join(', ')}`,
  )
}

async function reloadAnswer(admin: Administered): Promise<ReturnType<typeof text>> {
  try {
    const errors = (await admin.reload()).filter(({ severity }) => severity === 'error')
    return errors.length === 0
      ? text(200, 'config reloaded')
      : text(400, errors.map(printDiagnostic).join('\n\n'))
  } catch (error) {
    return text(400, messageOf(error))
  }
}
