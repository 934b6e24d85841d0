/** `loki.store`: an embedded store for entries from the pipeline and Loki's push APIs (an extension). */
import {
  defineComponent,
  type Component,
  type ComponentContext,
  type Health,
} from '../../component/component.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { startServer, type HttpServer } from '../../net/server/server.ts'
import { defaultLimits as queryLimits } from '../../logql/engine/budget.ts'
import { deleteRoutes } from '../../store/deletion/routes.ts'
import { ruleRoutes } from '../../rules/api/routes.ts'
import { checkRules, startRuler } from '../../rules/options.ts'
import type { Ruler } from '../../rules/ruler.ts'
import { infoRoutes, type ServerInfo } from '../../store/info-routes.ts'
import { httpSettings, listenText } from '../../store/listener.ts'
import type { GrpcServer } from '../../net/server/grpc.ts'
import { startPusher } from '../../store/push/grpc.ts'
import type { PushCounts } from '../../store/push/store-push.ts'
import { storePageRoutes } from '../../store/page-routes.ts'
import { pushRoutes } from '../../store/push/routes.ts'
import { queryRoutes } from '../../store/query/routes.ts'
import { Tails } from '../../store/query/tail.ts'
import { storeQuerier } from '../../store/select.ts'
import { storeInput } from '../../store/receiver.ts'
import { LogStore } from '../../store/store.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { fields, needFolder, storeOptionsOf, type LokiStoreOptions } from './options.ts'

export const lokiStore = defineComponent({
  name: 'loki.store',
  summary: "Keeps entries in an embedded database and serves Loki's API on it.",
  fields,
  stability: 'generally-available',
  extension: true,
  exports: { receiver: 'Takes entries to be stored.' },
  create: (options, ctx) => createStore(options, ctx),
})

/** The component, with what tests need. */
export interface StoreComponent extends Component<LokiStoreOptions> {
  /** `http://host:port` once it has started. */
  readonly url: string | undefined
  /** `host:port` of the gRPC listener. */
  readonly grpcAddress: string | undefined
  readonly store: LogStore | undefined
}

export function createStore(options: LokiStoreOptions, ctx: ComponentContext): StoreComponent {
  const storeOptions = storeOptionsOf(options, ctx)
  if (options.rules !== undefined) checkRules(options.rules)
  const metrics = ctx.metrics.with({})
  const tenantMetrics = ctx.metrics.with(TENANT)
  const counts = pushCounts(tenantMetrics)
  const opening = openingStore()
  const running: Running = {}
  storeMetrics(metrics, running)
  return {
    input: storeInput({ store: opening.promise, counts, log: ctx.log }),
    start: async () => {
      try {
        needFolder(storeOptions.path)
        running.store = await LogStore.open(storeOptions, ctx.clock, ctx.log)
        opening.resolve(running.store)
        await listen(running, options, ctx, counts)
      } catch (error) {
        opening.reject(error)
        throw error
      }
    },
    close: async () => {
      opening.reject(new LogstreamError('DELIVERY', 'the store was closed before it was opened'))
      // A server waits for its sockets, and tails keep theirs open.
      running.tails?.close()
      await running.ruler?.close()
      await Promise.all([running.http?.close(), running.grpc?.close()])
      await running.store?.close()
      metrics.close()
      tenantMetrics.close()
    },
    update: () => false,
    status: () => statusOf(running, storeOptions.path),
    health: () =>
      running.store === undefined
        ? { state: 'unknown', message: 'not open' }
        : healthOf(running, running.store),
    get url() {
      return running.http?.url
    },
    get store() {
      return running.store
    },
    get grpcAddress() {
      return running.grpc?.address
    },
  }
}

// The store that `start` will open, for batches that arrive earlier.
function openingStore(): {
  readonly promise: Promise<LogStore>
  readonly resolve: (store: LogStore) => void
  readonly reject: (reason: unknown) => void
} {
  let resolve: (store: LogStore) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<LogStore>((accept, refuse) => {
    resolve = accept
    reject = refuse
  })
  // A waiting batch gets the failure; without one, `start` reports it.
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

/** What there is once the component has started. */
interface Running {
  store?: LogStore
  http?: HttpServer
  tails?: Tails
  grpc?: GrpcServer
  ruler?: Ruler
}

async function listen(
  running: Running,
  options: LokiStoreOptions,
  ctx: ComponentContext,
  counts: PushCounts,
): Promise<void> {
  const store = running.store!
  const querier = storeQuerier(store)
  const tails = new Tails({
    querier,
    arrivals: store.writer.arrivals,
    clock: ctx.clock,
    log: ctx.log,
  })
  running.tails = tails
  running.http = await startServer({
    listen: listenText(options.http),
    routes: [
      ...storePageRoutes(options.http.tls !== undefined),
      ...infoRoutes({
        trouble: () => notReady(store),
        limits: shownLimits(options),
        seal: () => store.upkeep.sealNow(),
        metrics: ctx.metrics,
      }),
      ...pushRoutes({ store, counts, maxPushSize: options.limits.max_push_size }),
      ...queryRoutes({ querier }),
      ...deleteRoutes(store.deletions, () => ctx.clock.now()),
      ...ruleRoutes(() => running.ruler),
      ...tails.routes,
    ],
    log: ctx.log,
    allowedHosts: options.http.allowed_hosts,
    held: true,
    upgrade: (request, socket, head) => tails.upgrade(request, socket, head),
  })
  if (options.rules !== undefined)
    running.ruler = await startRuler(options.rules, {
      querier,
      folder: store.database.path,
      url: running.http.url,
      clock: ctx.clock,
      log: ctx.log,
      metrics: ctx.metrics.with({ user: TENANT.tenant }),
      recorded: ctx.metrics,
    })
  await running.http.configure(httpSettings(options.http))
  if (options.grpc !== undefined) running.grpc = await startPusher(options.grpc, store, counts)
  ctx.log.info('the store is open', { url: running.http.url, streams: store.streams.size })
}

// Under Loki's names, for Logs Drilldown and people.
function shownLimits(options: LokiStoreOptions): ServerInfo['limits'] {
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

function notReady({ trouble }: LogStore): string | undefined {
  return trouble === undefined ? undefined : `the store cannot take entries: ${trouble.message}`
}

function healthOf({ http, ruler }: Running, store: LogStore): Health {
  const message = notReady(store)
  const [problem] = ruler?.problems ?? []
  if (message === undefined && problem !== undefined)
    return { state: 'unhealthy', message: `a rule file is not used: ${problem}` }
  if (message === undefined) return { state: 'healthy', message: `serving ${http?.url ?? ''}` }
  return { state: 'unhealthy', message: `${message} (since ${new Date(store.trouble!.since).toISOString()})` }
}

// Loki's names, so that its dashboards work; it calls the tenant of a server without tenants "fake".
const TENANT = { tenant: 'fake' }

function pushCounts(metrics: Metrics): PushCounts {
  const lines = metrics.counter('loki_distributor_lines_received_total', 'Lines received.')
  const bytes = metrics.counter('loki_distributor_bytes_received_total', 'Bytes received.')
  const samples = metrics.counters('loki_discarded_samples_total', 'Entries that were refused.', 'reason')
  const discarded = metrics.counters('loki_discarded_bytes_total', 'Bytes of refused entries.', 'reason')
  return {
    received: (count, size) => {
      lines.value += count
      bytes.value += size
    },
    discarded: (reason, count, size) => {
      samples.add(reason, count)
      discarded.add(reason, size)
    },
  }
}

function storeMetrics(metrics: Metrics, running: Running): void {
  metrics.gauge('logstream_store_streams', 'Streams in the store.', () => running.store?.streams.size ?? 0)
  const total = (name: string, help: string, read: (store: LogStore) => number): void =>
    metrics.collect(name, 'counter', help, () => [
      { labels: {}, value: running.store === undefined ? 0 : read(running.store) },
    ])
  total('logstream_store_entries_total', 'Entries stored.', ({ counts }) => counts.rows)
  total(
    'logstream_store_repeats_total',
    'Entries that the store had already.',
    ({ counts }) => counts.repeats,
  )
  total('logstream_store_commits_total', 'Transactions.', ({ counts }) => counts.commits)
  total('logstream_store_failures_total', 'Transactions that failed.', ({ counts }) => counts.failures)
}

function statusOf({ store, http, grpc }: Running, path: string): unknown {
  if (store === undefined) return { path, state: 'not open' }
  try {
    return {
      path,
      url: http?.url,
      grpc: grpc?.address,
      streams: store.streams.size,
      ...store.counts,
    }
  } catch (error) {
    return { path, state: messageOf(error) }
  }
}
