/** `loki.store`: an embedded store for entries from the pipeline and Loki's push APIs (an extension). */
import { isAbsolute, join } from 'node:path'
import {
  defineComponent,
  type Component,
  type ComponentContext,
  type Health,
} from '../../component/component.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import {
  block,
  blockWithDefaults,
  duration,
  flag,
  integer,
  list,
  optional,
  size,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { startServer, type HttpServer } from '../../net/server/server.ts'
import { defaultLimits as queryLimits } from '../../logql/engine/budget.ts'
import { infoRoutes, type ServerInfo } from '../../store/info-routes.ts'
import { DEFAULT_LIMITS, type Limits } from '../../store/limits.ts'
import { grpcListenerFields, httpListenerFields, httpSettings, listenText } from '../../store/listener.ts'
import type { GrpcServer } from '../../net/server/grpc.ts'
import { startPusher } from '../../store/push/grpc.ts'
import type { PushCounts } from '../../store/push/store-push.ts'
import { storePageRoutes } from '../../store/page-routes.ts'
import { pushRoutes } from '../../store/push/routes.ts'
import { queryRoutes } from '../../store/query/routes.ts'
import { Tails } from '../../store/query/tail.ts'
import { storeQuerier } from '../../store/select.ts'
import { storeInput } from '../../store/receiver.ts'
import { SERVICE_LABELS } from '../../store/service-name.ts'
import { LogStore, type StoreOptions } from '../../store/store.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

const MIB = 1024 ** 2

const limitFields = {
  max_label_names_per_series: optional(integer, DEFAULT_LIMITS.maxLabelNames, 'Most labels of a stream.'),
  max_label_name_length: optional(integer, DEFAULT_LIMITS.maxLabelNameLength, 'Most bytes of a label name.'),
  max_label_value_length: optional(
    integer,
    DEFAULT_LIMITS.maxLabelValueLength,
    'Most bytes of a label value.',
  ),
  max_line_size: optional(size, DEFAULT_LIMITS.maxLineSize, 'Most bytes of a line. 0: no limit.'),
  max_structured_metadata_entries_count: optional(
    integer,
    DEFAULT_LIMITS.maxMetadataCount,
    'Most pairs of structured metadata of an entry.',
  ),
  max_structured_metadata_size: optional(
    size,
    DEFAULT_LIMITS.maxMetadataSize,
    'Most bytes of structured metadata of an entry.',
  ),
  creation_grace_period: optional(
    duration,
    DEFAULT_LIMITS.creationGracePeriod,
    'How far in the future an entry may lie.',
  ),
  max_chunk_age: optional(
    duration,
    DEFAULT_LIMITS.maxChunkAge,
    'Entries over half of this older than the newest of their stream are refused. 0: none.',
  ),
  reject_old_samples_max_age: optional(
    duration,
    DEFAULT_LIMITS.rejectOldSamplesMaxAge,
    'How old an entry may be when reject_old_samples is on.',
  ),
  max_streams: optional(
    integer,
    DEFAULT_LIMITS.maxStreams,
    'Most streams that were written to in the last two hours. 0: no limit.',
  ),
  max_push_size: optional(size, 100 * MIB, 'Most bytes of a push, packed or unpacked.'),
}

const fields = {
  path: optional(text, '', "Folder of the data; left out: one under the component's own."),
  retention: optional(duration, 0, 'How long entries are kept, by their time. 0: for ever.'),
  discover_service_name: optional(
    list(text),
    SERVICE_LABELS,
    'Labels tried in order for a missing service_name. Empty: it is not added.',
  ),
  discover_log_levels: optional(
    flag,
    true,
    'Whether to add the structured metadata detected_level, as Loki does.',
  ),
  reject_old_samples: optional(flag, false, 'Whether to refuse old entries (Loki does by default).'),
  max_memory: optional(
    size,
    512 * MIB,
    'Most bytes for the database to use; the process takes some 300 MiB more.',
  ),
  threads: optional(integer, 2, 'Threads that a query may use.'),
  http: blockWithDefaults(httpListenerFields, "Where Loki's HTTP API is served."),
  grpc: block(grpcListenerFields, 'Where pushes over gRPC are taken; left out: nowhere.'),
  limits: blockWithDefaults(limitFields, "Loki's limits, with its defaults."),
}

export const lokiStore = defineComponent({
  name: 'loki.store',
  summary: "Keeps entries in an embedded database and serves Loki's API on it.",
  fields,
  stability: 'generally-available',
  extension: true,
  exports: { receiver: 'Takes entries to be stored.' },
  create: (options, ctx) => createStore(options, ctx),
})

export type LokiStoreOptions = OptionsOf<typeof fields>

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
        : healthOf(running.store, running.http?.url ?? ''),
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
        metrics: ctx.metrics,
      }),
      ...pushRoutes({ store, counts, maxPushSize: options.limits.max_push_size }),
      ...queryRoutes({ querier }),
      tails.route,
    ],
    log: ctx.log,
    allowedHosts: options.http.allowed_hosts,
    held: true,
    upgrade: ({ path, ...request }, socket, head) => {
      if (path === tails.route.path) tails.upgrade({ path, ...request }, socket, head)
      else socket.destroy()
    },
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
    max_entries_limit_per_query: queryLimits.maxLines,
    max_label_names_per_series: limits.max_label_names_per_series,
    max_line_size: limits.max_line_size,
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

function healthOf(store: LogStore, url: string): Health {
  const message = notReady(store)
  if (message === undefined) return { state: 'healthy', message: `serving ${url}` }
  return { state: 'unhealthy', message: `${message} (since ${new Date(store.trouble!.since).toISOString()})` }
}

function storeOptionsOf(options: LokiStoreOptions, ctx: ComponentContext): StoreOptions {
  return {
    path: folderOf(options.path, ctx),
    retention: options.retention,
    discoverServiceName: options.discover_service_name,
    discoverLogLevels: options.discover_log_levels,
    limits: limitsOf(options),
    threads: Math.max(1, options.threads),
    maxMemory: options.max_memory,
  }
}

const NO_FOLDER = ''

function folderOf(path: string, ctx: ComponentContext): string {
  if (path !== '') return isAbsolute(path) ? path : join(process.cwd(), path)
  return ctx.dataDir === undefined ? NO_FOLDER : join(ctx.dataDir, 'store')
}

// A store that is only validated needs no folder.
function needFolder(path: string): void {
  if (path !== NO_FOLDER) return
  throw new LogstreamError('BAD_CONFIG', 'loki.store needs a folder: add path = "/var/lib/logstream/store"', {
    option: 'path',
  })
}

function limitsOf({ limits, reject_old_samples: rejectOldSamples }: LokiStoreOptions): Limits {
  return {
    maxLabelNames: limits.max_label_names_per_series,
    maxLabelNameLength: limits.max_label_name_length,
    maxLabelValueLength: limits.max_label_value_length,
    maxLineSize: limits.max_line_size,
    maxMetadataCount: limits.max_structured_metadata_entries_count,
    maxMetadataSize: limits.max_structured_metadata_size,
    creationGracePeriod: limits.creation_grace_period,
    maxChunkAge: limits.max_chunk_age,
    rejectOldSamples,
    rejectOldSamplesMaxAge: limits.reject_old_samples_max_age,
    maxStreams: limits.max_streams,
  }
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
