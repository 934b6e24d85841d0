/** A store for each tenant, and requests led to that of the tenant they name (`X-Scope-OrgID`). */
import { mkdir, readdir } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { ComponentContext } from '../../component/component.ts'
import { messageOf } from '../../errors.ts'
import type { Querier } from '../../logql/engine/querier.ts'
import { CHALLENGE } from '../../net/server/auth.ts'
import { route, text, type Answer, type Request, type Route } from '../../net/server/router.ts'
import { ruleRoutes } from '../../rules/api/routes.ts'
import { infoRoutes } from '../../store/info-routes.ts'
import type { PushTarget } from '../../store/push/grpc.ts'
import type { PushAnswer } from '../../store/push/store-push.ts'
import { queryRoutes } from '../../store/query/routes.ts'
import { sharedWork, type SharedWork } from '../../store/shared-work.ts'
import { LogStore } from '../../store/store.ts'
import { TenantCredentials } from '../../store/tenants/credentials.ts'
import { mergedQuerier } from '../../store/tenants/merged-querier.ts'
import { nameProblem, tenantNames } from '../../store/tenants/names.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { storedTenants } from './object-storage-options.ts'
import { storeOptionsOf, type LokiStoreOptions } from './options.ts'
import { ServedStore, shownLimits } from './served-store.ts'
import { pushCounts, storeMetrics } from './store-metrics.ts'
import { tenantsFolder, type TenantOptions } from './tenant-options.ts'

export interface TenantStoresOptions {
  readonly tenants: TenantOptions
  readonly options: LokiStoreOptions
  /** The store's folder. */
  readonly path: string
  readonly ctx: ComponentContext
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE']

/** Paths that belong to a tenant. */
const OF_TENANTS = ['/loki/*', '/api/prom/*', '/otlp/*', '/prometheus/*', '/config/*', '/flush']

/** A push makes the store of a new tenant. */
const PUSHES: ReadonlySet<string> = new Set(['/loki/api/v1/push', '/api/prom/push', '/otlp/v1/logs'])

/** Combinations of tenants whose routes are kept. */
const COMBINATIONS = 100

export class TenantStores {
  readonly routes: readonly Route[]
  readonly #options: TenantStoresOptions
  readonly #credentials: TenantCredentials | undefined
  readonly #open = new Map<string, Promise<ServedStore>>()
  readonly #served = new Map<string, ServedStore>()
  /** Why stores couldn't be opened at the start; the others are served. */
  readonly #broken = new Map<string, string>()
  readonly #metrics: Metrics[] = []
  readonly #combined = new Map<string, readonly Route[]>()
  readonly #unknown: readonly Route[]
  readonly #shared: SharedWork
  #url = ''
  #closed = false

  /** Throws BAD_CONFIG and IO for credentials that can't be read. */
  constructor(options: TenantStoresOptions) {
    const { tenants, ctx } = options
    this.#options = options
    this.#shared = sharedWork(tenants.max_tenants, options.options.limits.max_push_size)
    this.#credentials =
      tenants.credentials_file === ''
        ? undefined
        : new TenantCredentials(tenants.credentials_file, ctx.clock, ctx.log)
    const info = infoRoutes({
      trouble: () => [...this.#served.values()].find(({ trouble }) => trouble !== undefined)?.trouble,
      limits: shownLimits(options.options),
      seal: () => Promise.resolve(),
      metrics: ctx.metrics,
    })
    const isOfAll = ({ path }: Route): boolean =>
      ['/ready', '/metrics', '/config', '/services', '/loki/api/v1/status/buildinfo'].includes(path)
    this.#unknown = [
      ...info,
      ...queryRoutes({ querier: mergedQuerier(new Map()), turns: this.#shared.queries }),
      ...ruleRoutes(() => undefined),
    ]
    this.routes = [
      ...info.filter(isOfAll),
      ...OF_TENANTS.map((path): Route => ({
        methods: METHODS,
        path,
        handle: (request, response) => this.#answer(request, response),
      })),
    ]
  }

  /** Opens the stores that there are, and that of the pipeline, which is returned. */
  async start(): Promise<ServedStore> {
    const { tenants, path, ctx } = this.#options
    const folder = tenantsFolder(path)
    await mkdir(folder, { recursive: true })
    const folders = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isDirectory())
    const { object_storage: bucket } = this.#options.options
    const found =
      folders.length === 0 && bucket !== undefined
        ? await storedTenants(bucket, ctx)
        : folders.map(({ name }) => name)
    for (const name of found.filter((each) => nameProblem(each) === undefined))
      if (name !== tenants.own_tenant)
        await this.#opened(name).catch((error: unknown) => {
          this.#broken.set(name, messageOf(error))
          ctx.log.error('the store of a tenant cannot be opened', { tenant: name, error: messageOf(error) })
        })
    return await this.#opened(tenants.own_tenant)
  }

  /** Begins to evaluate the rules of all tenants. `url`: of the listener. */
  async startRules(url: string): Promise<void> {
    this.#url = url
    for (const served of this.#served.values()) await served.startRules(url)
  }

  /** What keeps one of them from being healthy. */
  get problem(): string | undefined {
    const [broken] = this.#broken
    if (broken !== undefined) return notOpen(...broken)
    return [...this.#served.values()].find(({ problem }) => problem !== undefined)?.problem
  }

  get stores(): ReadonlyMap<string, ServedStore> {
    return this.#served
  }

  /** Takes over the socket of a tail. */
  upgrade(request: Request, socket: Duplex, head: Buffer): void {
    const names = this.#admit(request)
    const served = 'status' in names || names.length > 1 ? undefined : this.#served.get(names[0]!)
    if (served !== undefined) return served.upgrade(request, socket, head)
    const status = 'status' in names ? names.status : 400
    socket.on('error', () => socket.destroy())
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  }

  /** Ends tails and rules. */
  async stop(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#served.values()].map((served) => served.stop()))
  }

  /** Closes all stores. */
  async close(): Promise<void> {
    // One that is being opened is closed as well; one that can't be opened isn't there.
    await Promise.allSettled(this.#open.values())
    await Promise.all([...this.#served.values()].map(({ store }) => store.close()))
    for (const metrics of this.#metrics) metrics.close()
  }

  /** The store that a push over gRPC goes to, made where it's new. `header` as HTTP's. */
  async pushTarget(header: (name: string) => string): Promise<PushTarget | PushAnswer> {
    const headers = headersOf(['x-scope-orgid', 'authorization'], header)
    const names = this.#admit({ headers })
    if ('status' in names) return { status: names.status, message: String(names.body) }
    const [name] = names
    if (name === undefined || names.length > 1) return { status: 400, message: 'multiple org IDs present' }
    const broken = this.#broken.get(name)
    if (broken !== undefined) return { status: 503, message: notOpen(name, broken) }
    return this.#refusal(name) ?? (await this.#opened(name))
  }

  async #answer(request: Request, response: ServerResponse): Promise<Answer | undefined> {
    const names = this.#admit(request)
    if ('status' in names) return names
    const broken = names.find((name) => this.#broken.has(name))
    if (broken !== undefined) return text(503, notOpen(broken, this.#broken.get(broken)!))
    const routes = names.length > 1 ? this.#combination(names) : await this.#routesOf(names[0]!, request)
    if ('status' in routes) return routes
    // Some routes want the header, which a token for one tenant makes unnecessary.
    const headers = { ...request.headers, 'x-scope-orgid': names.join('|') }
    return await route(routes, request.method, request.path)({ ...request, headers }, response)
  }

  /** The tenants that a request is about, or why it isn't answered. */
  #admit({ headers }: Pick<Request, 'headers'>): readonly string[] | Answer {
    const header = headers['x-scope-orgid']
    const given = Array.isArray(header) ? header.join('|') : header
    const asked = tenantNames(given)
    if (this.#credentials === undefined) return asked.ok ? asked.names : text(asked.status, asked.message)
    const allowed = this.#credentials.tenantsOf(headers.authorization)
    if (allowed.size === 0)
      return {
        ...text(401, 'unauthorized: send the token or the password of a tenant'),
        headers: { 'www-authenticate': CHALLENGE },
      }
    if (given === undefined && allowed.size === 1) return [...allowed]
    if (!asked.ok) return text(asked.status, asked.message)
    const other = asked.names.find((name) => !allowed.has(name))
    return other === undefined
      ? asked.names
      : text(403, `these credentials are not for the tenant "${other}"`)
  }

  async #routesOf(name: string, { method, path }: Request): Promise<readonly Route[] | Answer> {
    if (!this.#open.has(name)) {
      if (method !== 'POST' || !PUSHES.has(path)) return this.#unknown
      const refusal = this.#refusal(name)
      if (refusal !== undefined) return text(refusal.status, refusal.message)
    }
    return (await this.#opened(name)).routes
  }

  /** Why a push can't make a tenant; `undefined` when it can, or needn't. */
  #refusal(name: string): PushAnswer | undefined {
    if (this.#open.has(name)) return undefined
    const { max_tenants: most } = this.#options.tenants
    if (this.#open.size >= most)
      return {
        status: 403,
        message: `there are ${most} tenants already: raise max_tenants to take a further one`,
      }
    return this.#closed ? { status: 503, message: 'the store is closing' } : undefined
  }

  #combination(names: readonly string[]): readonly Route[] {
    const known = names.filter((name) => this.#served.has(name))
    const key = known.join('|')
    const made = this.#combined.get(key)
    if (made !== undefined) return made
    if (this.#combined.size >= COMBINATIONS) this.#combined.clear()
    const queriers = new Map<string, Querier>(known.map((name) => [name, this.#served.get(name)!.querier]))
    const routes = [
      ...queryRoutes({ querier: mergedQuerier(queriers), turns: this.#shared.queries }),
      ...OF_TENANTS.map((path): Route => ({
        methods: METHODS,
        path,
        handle: () => text(400, 'multiple org IDs present'),
      })),
    ]
    this.#combined.set(key, routes)
    return routes
  }

  #opened(name: string): Promise<ServedStore> {
    let opening = this.#open.get(name)
    if (opening === undefined) {
      opening = this.#openStore(name)
      this.#open.set(name, opening)
      // It may work the next time.
      opening.catch(() => this.#open.delete(name))
    }
    return opening
  }

  async #openStore(name: string): Promise<ServedStore> {
    const { tenants, path, ctx } = this.#options
    const options = optionsOf(name, tenants, this.#options.options)
    const log = ctx.log.with({ tenant: name })
    const store = await LogStore.open(
      {
        ...storeOptionsOf(options, ctx, name),
        path: join(tenantsFolder(path), name),
        shared: this.#shared,
      },
      ctx.clock,
      log,
    )
    const metrics = ctx.metrics.with({ tenant: name })
    const served = new ServedStore(store, {
      options,
      ctx,
      counts: pushCounts(metrics),
      shared: this.#shared,
      tenant: name,
    })
    try {
      if (this.#url !== '') await served.startRules(this.#url)
    } catch (error) {
      metrics.close()
      await store.close()
      throw error
    }
    this.#metrics.push(metrics)
    storeMetrics(metrics, () => store)
    this.#served.set(name, served)
    log.info('the store of a tenant is open', { streams: store.streams.size })
    return served
  }
}

function headersOf(names: readonly string[], header: (name: string) => string): Record<string, string> {
  const given = names.map((name) => [name, header(name)] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== ''))
}

function notOpen(name: string, error: string): string {
  return `the store of the tenant "${name}" cannot be opened: ${error}`
}

/** The options of the store with those of one tenant in their places. */
function optionsOf(name: string, { tenant }: TenantOptions, options: LokiStoreOptions): LokiStoreOptions {
  const own = tenant.find((each) => each.name === name)
  if (own === undefined) return options
  return {
    ...options,
    retention: own.retention ?? options.retention,
    max_size: own.max_size ?? options.max_size,
    limits: {
      ...options.limits,
      max_streams: own.max_streams ?? options.limits.max_streams,
      max_line_size: own.max_line_size ?? options.limits.max_line_size,
    },
  }
}
