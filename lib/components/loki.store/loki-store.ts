/** `loki.store`: an embedded store for entries from the pipeline and Loki's push APIs (an extension). */
import {
  defineComponent,
  type Component,
  type ComponentContext,
  type Health,
} from '../../component/component.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { startServer, type HttpServer } from '../../net/server/server.ts'
import { checkRules } from '../../rules/options.ts'
import { httpSettings, listenText } from '../../store/listener.ts'
import type { GrpcServer } from '../../net/server/grpc.ts'
import { startPusher } from '../../store/push/grpc.ts'
import { storePageRoutes } from '../../store/page-routes.ts'
import { storeInput } from '../../store/receiver.ts'
import { LogStore } from '../../store/store.ts'
import { fields, needFolder, storeOptionsOf, type LokiStoreOptions } from './options.ts'
import { ServedStore } from './served-store.ts'
import { pushCounts, storeMetrics } from './store-metrics.ts'
import { checkTenants } from './tenant-options.ts'
import { TenantStores } from './tenant-stores.ts'

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
  checkBlocks(options)
  const metrics = ctx.metrics.with({})
  const tenantMetrics = ctx.metrics.with({ tenant: options.tenants?.own_tenant ?? NO_TENANT })
  const counts = pushCounts(tenantMetrics)
  const opening = openingStore()
  const running: Running = {}
  if (options.tenants === undefined) storeMetrics(metrics, () => running.served?.store)
  return {
    input: storeInput({ store: opening.promise, counts, log: ctx.log, clock: ctx.clock }),
    start: async () => {
      try {
        needFolder(storeOptions.path)
        running.served =
          options.tenants === undefined
            ? new ServedStore(await LogStore.open(storeOptions, ctx.clock, ctx.log), { options, ctx, counts })
            : await openTenants(running, options, storeOptions.path, ctx)
        opening.resolve(running.served.store)
        await listen(running, options, ctx)
      } catch (error) {
        opening.reject(error)
        throw error
      }
    },
    close: async () => {
      opening.reject(new LogstreamError('DELIVERY', 'the store was closed before it was opened'))
      const { served, tenants } = running
      // A server waits for its sockets, and tails keep theirs open.
      await (tenants ?? served)?.stop()
      await Promise.all([running.http?.close(), running.grpc?.close()])
      await (tenants ?? served?.store)?.close()
      metrics.close()
      tenantMetrics.close()
    },
    update: () => false,
    status: () => statusOf(running, storeOptions.path),
    health: () => healthOf(running),
    get url() {
      return running.http?.url
    },
    get store() {
      return running.served?.store
    },
    get grpcAddress() {
      return running.grpc?.address
    },
  }
}

/** What Loki calls the tenant of a server without tenants. */
const NO_TENANT = 'fake'

/** Throws BAD_CONFIG for blocks that can't work. */
function checkBlocks({ rules, tenants, http }: LokiStoreOptions): void {
  if (rules !== undefined) checkRules(rules)
  if (tenants === undefined) return
  checkTenants(tenants)
  if (tenants.credentials_file !== '' && http.basic_auth !== undefined)
    throw new LogstreamError(
      'BAD_CONFIG',
      'tenants has a credentials_file and http has basic_auth: keep one of them',
    )
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
  /** The store that entries of the pipeline go to. */
  served?: ServedStore
  tenants?: TenantStores
  http?: HttpServer
  grpc?: GrpcServer
}

async function openTenants(
  running: Running,
  options: LokiStoreOptions,
  path: string,
  ctx: ComponentContext,
): Promise<ServedStore> {
  running.tenants = new TenantStores({ tenants: options.tenants!, options, path, ctx })
  return await running.tenants.start()
}

async function listen(running: Running, options: LokiStoreOptions, ctx: ComponentContext): Promise<void> {
  const served = running.served!
  const all = running.tenants ?? served
  running.http = await startServer({
    listen: listenText(options.http),
    routes: [...storePageRoutes(options.http.tls !== undefined), ...all.routes],
    log: ctx.log,
    allowedHosts: options.http.allowed_hosts,
    held: true,
    upgrade: (request, socket, head) => all.upgrade(request, socket, head),
  })
  await all.startRules(running.http.url)
  await running.http.configure(httpSettings(options.http))
  if (options.grpc !== undefined)
    running.grpc = await startPusher(
      options.grpc,
      (header) => running.tenants?.pushTarget(header) ?? Promise.resolve(served),
    )
  ctx.log.info('the store is open', { url: running.http.url, streams: served.store.streams.size })
}

function healthOf({ served, tenants, http }: Running): Health {
  if (served === undefined) return { state: 'unknown', message: 'not open' }
  const { problem } = tenants ?? served
  if (problem !== undefined) return { state: 'unhealthy', message: problem }
  return { state: 'healthy', message: `serving ${http?.url ?? ''}` }
}

function statusOf({ served, tenants, http, grpc }: Running, path: string): unknown {
  if (served === undefined) return { path, state: 'not open' }
  try {
    return {
      path,
      url: http?.url,
      grpc: grpc?.address,
      ...(tenants === undefined
        ? countsOf(served)
        : {
            tenants: Object.fromEntries([...tenants.stores].map(([name, each]) => [name, countsOf(each)])),
          }),
    }
  } catch (error) {
    return { path, state: messageOf(error) }
  }
}

function countsOf({ store }: ServedStore): object {
  return { streams: store.streams.size, ...store.counts }
}
