/** One open store with everything that is served of it: queries, tails, pushes, deletes and rules. */
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { ComponentContext } from '../../component/component.ts'
import { defaultLimits as queryLimits } from '../../logql/engine/budget.ts'
import type { CountingQuerier } from '../../logql/engine/querier.ts'
import type { Request, Route } from '../../net/server/router.ts'
import { ruleRoutes } from '../../rules/api/routes.ts'
import { startRuler } from '../../rules/options.ts'
import type { Ruler } from '../../rules/ruler.ts'
import { deleteRoutes } from '../../store/deletion/routes.ts'
import { infoRoutes, type ServerInfo } from '../../store/info-routes.ts'
import type { PushCounts } from '../../store/push/store-push.ts'
import { pushRoutes } from '../../store/push/routes.ts'
import { queryRoutes } from '../../store/query/routes.ts'
import { Tails } from '../../store/query/tail.ts'
import { sharedWork, type SharedWork } from '../../store/shared-work.ts'
import { storeQuerier } from '../../store/select.ts'
import type { LogStore } from '../../store/store.ts'
import type { LokiStoreOptions } from './options.ts'

export interface ServedOptions {
  readonly options: LokiStoreOptions
  readonly ctx: ComponentContext
  readonly counts: PushCounts
  /** What it shares with other stores. */
  readonly shared?: SharedWork
  /** Left out: there are no tenants. */
  readonly tenant?: string
}

export class ServedStore {
  readonly store: LogStore
  readonly querier: CountingQuerier
  readonly counts: PushCounts
  readonly routes: readonly Route[]
  readonly #tails: Tails
  readonly #served: ServedOptions
  #ruler: Ruler | undefined

  constructor(store: LogStore, served: ServedOptions) {
    const { options, ctx, counts } = served
    const shared = served.shared ?? sharedWork(1, options.limits.max_push_size)
    this.store = store
    this.counts = counts
    this.querier = storeQuerier(store, shared.rows)
    this.#tails = new Tails({
      querier: this.querier,
      arrivals: store.writer.arrivals,
      clock: ctx.clock,
      log: ctx.log,
    })
    this.#served = served
    this.routes = [
      ...infoRoutes({
        trouble: () => this.trouble,
        limits: shownLimits(options),
        seal: () => store.seal(),
        metrics: ctx.metrics,
      }),
      ...pushRoutes({
        store,
        counts,
        maxPushSize: options.limits.max_push_size,
        budget: shared.pushes,
      }),
      ...queryRoutes({ querier: this.querier, turns: shared.queries }),
      ...deleteRoutes(store.deletions, () => ctx.clock.now()),
      ...ruleRoutes(() => this.#ruler),
      ...this.#tails.routes,
    ]
  }

  /** Why pushes can't be taken. */
  get trouble(): string | undefined {
    const { trouble } = this.store
    return trouble === undefined ? undefined : `the store cannot take entries: ${trouble.message}`
  }

  /** What keeps the store from being healthy. */
  get problem(): string | undefined {
    const { trouble } = this
    if (trouble !== undefined)
      return `${trouble} (since ${new Date(this.store.trouble!.since).toISOString()})`
    const problem = this.store.objectStorage?.mirror.problem
    if (problem !== undefined) return problem
    const [file] = this.#ruler?.problems ?? []
    return file === undefined ? undefined : `a rule file is not used: ${file}`
  }

  /** Takes over the socket of a tail. */
  upgrade(request: Request, socket: Duplex, head: Buffer): void {
    this.#tails.upgrade(request, socket, head)
  }

  /** Begins to evaluate rules, if there are any. `url`: of the listener. */
  async startRules(url: string): Promise<void> {
    const { options, ctx, tenant } = this.#served
    if (options.rules === undefined) return
    const { path } = options.rules
    // Each tenant has a folder of its own.
    const own = tenant === undefined || path === '' ? path : join(path, tenant)
    this.#ruler = await startRuler(
      { ...options.rules, path: own },
      {
        querier: this.querier,
        folder: this.store.database.path,
        url,
        clock: ctx.clock,
        log: tenant === undefined ? ctx.log : ctx.log.with({ tenant }),
        metrics: ctx.metrics.with({ user: tenant ?? 'fake' }),
        recorded: tenant === undefined ? ctx.metrics : ctx.metrics.with({ tenant }),
      },
    )
  }

  /** Ends tails and rules, for which a server waits. */
  async stop(): Promise<void> {
    this.#tails.close()
    await this.#ruler?.close()
  }
}

/** Under Loki's names, for Logs Drilldown and people. */
export function shownLimits(options: LokiStoreOptions): ServerInfo['limits'] {
  const { limits } = options
  return {
    discover_log_levels: options.discover_log_levels,
    discover_service_name: options.discover_service_name,
    deletion_mode: options.deletion_mode,
    max_entries_limit_per_query: queryLimits.maxLines,
    max_label_names_per_series: limits.max_label_names_per_series,
    max_line_size: limits.max_line_size,
    max_query_length: `${queryLimits.maxLength / 36e11}h`,
    max_query_series: queryLimits.maxSeries,
    max_structured_metadata_entries_count: limits.max_structured_metadata_entries_count,
    query_timeout: `${queryLimits.timeout / 1000}s`,
    reject_old_samples: options.reject_old_samples,
    retention_period: `${options.retention / 1000}s`,
    volume_enabled: true,
  }
}
