/** The admin server as commands start it: routes over a supervisor, and the `http` block of its config applied to it. */
import type { Diagnostic } from '../alloy/diagnostic.ts'
import { RecentFailures } from '../admin/failures/recent.ts'
import { keepHistory } from '../admin/history.ts'
import { lokiRoutes } from '../admin/loki/routes.ts'
import { actionGuard, contentGuard } from '../admin/guards.ts'
import { adminRoutes } from '../admin/routes.ts'
import { messageOf } from '../errors.ts'
import { listenAddress } from '../net/server/address.ts'
import type { AuthSettings } from '../net/server/auth.ts'
import { startServer } from '../net/server/server.ts'
import { httpSettings } from '../run/supervise/http-block.ts'
import type { Supervisor } from '../run/supervise/supervisor.ts'
import { systemClock } from '../flow/clock.ts'
import { History } from '../telemetry/history.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { RecentLines } from '../telemetry/recent-lines.ts'
import type { RecentProblems } from '../telemetry/recent-problems.ts'

export interface AdminOptions {
  /** `''`: no admin server. */
  readonly listen: string
  /** Host names that clients may use beyond this machine's own and that of `listen`. */
  readonly allowedHosts?: readonly string[]
  /** Prefix of the paths of the page and its API; ends with `/`. */
  readonly uiPrefix?: string
  /** Whether log lines are shown to other machines without authentication. */
  readonly showLogs?: boolean
  /** Whether other machines may reload and replay without authentication. */
  readonly allowActions?: boolean
  /** `false`: no support bundles. */
  readonly support?: boolean
  readonly supervisor: Supervisor
  readonly metrics: Metrics
  readonly log: Logger
  /** For the support bundle. */
  readonly recent?: RecentLines
  readonly problems?: RecentProblems
  /** Where components keep their files; left out: nowhere. */
  readonly storagePath?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ready: () => boolean
  readonly reload: () => Promise<readonly Diagnostic[]>
}

export interface Admin {
  readonly url: string
  /**
   * Applies the `http` block of the running config. Until the first call all requests are refused, since the rules aren't
   * known yet. Never rejects: failures are logged.
   */
  apply(): Promise<void>
  close(): Promise<void>
}

/** Starts listening. Throws LISTEN and BAD_USAGE. */
export async function startAdmin(options: AdminOptions): Promise<Admin | undefined> {
  if (options.listen === '') return undefined
  const { supervisor, metrics, log, env, ready, recent = new RecentLines() } = options
  const apply = async (): Promise<void> => {
    failures.follow(loki.sources().length > 0)
    try {
      await server.configure(httpSettings(supervisor.settings.get('http')))
    } catch (error) {
      log.error('the http block could not be applied', { error: messageOf(error) })
    }
  }
  const uiPrefix = options.uiPrefix ?? '/'
  const auth = (): AuthSettings | undefined => httpSettings(supervisor.settings.get('http')).auth
  const guard = contentGuard(auth, options.showLogs ?? false)
  const loki = lokiRoutes(supervisor, uiPrefix, guard)
  const history = new History()
  const failures = new RecentFailures(supervisor)
  const server = await startServer({
    listen: options.listen,
    log,
    held: true,
    allowedHosts: [...(options.allowedHosts ?? []), listenAddress(options.listen).host].map((host) =>
      host.toLowerCase(),
    ),
    routes: adminRoutes({
      components: () => supervisor.components(),
      ready,
      reload: async () => {
        const diagnostics = await options.reload()
        await apply()
        return diagnostics
      },
      failedLoad: () => supervisor.failedLoad,
      metrics,
      uiPrefix,
      loki,
      guard,
      actions: actionGuard(auth, options.allowActions ?? false),
      ledger: supervisor.ledger,
      inspected: supervisor,
      history,
      problems: options.problems,
      letters: { storagePath: options.storagePath, inspected: supervisor, log },
      watched: supervisor,
      failures: { recent: failures, storagePath: options.storagePath },
      support: {
        enabled: options.support ?? true,
        inspected: supervisor,
        ledger: supervisor.ledger,
        metrics,
        recent,
        env,
      },
    }),
    upgrade: (request, socket, head) => loki.upgrade(request, socket, head),
  })
  const stopHistory = keepHistory(history, metrics, systemClock)
  return {
    get url() {
      return server.url
    },
    apply,
    close: async () => {
      stopHistory()
      await loki.close()
      await server.close()
    },
  }
}
