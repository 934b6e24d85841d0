/** `discovery.kubernetes` at work: caches of what its role needs, and the targets that are made of them. */
import type { Value } from '../../alloy/value.ts'
import type { ComponentContext } from '../../component/component.ts'
import type { Timer } from '../../flow/clock.ts'
import { accessTo } from '../../net/kubernetes/choose-access.ts'
import { KubernetesApi } from '../../net/kubernetes/api.ts'
import { ownNamespace } from '../../net/kubernetes/in-cluster.ts'
import { ObjectCache, type Change } from '../../net/kubernetes/object-cache.ts'
import { KEEP, pathOf, type Kind, type Kinds } from '../../net/kubernetes/resources.ts'
import { DiscoveryMetrics } from './metrics.ts'
import type { DiscoveryOptions } from './fields.ts'
import { TARGETS, watchedKinds, type Role } from './roles.ts'
import type { Surroundings, Target } from './target.ts'

/** Several changes in a row (a deployment that rolls out) make one export. */
const SETTLE_MS = 200
/** Between two exports: each makes everything downstream evaluate again. Alloy waits 5 s. */
const EXPORT_EVERY_MS = 1000

/** Kinds that belong to no namespace. */
const OF_CLUSTER: ReadonlySet<Kind> = new Set<Kind>(['node', 'namespace'])

type Caches = { readonly [K in Kind]: ObjectCache<Kinds[K]>[] }

export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #ctx: ComponentContext
  readonly #metrics: DiscoveryMetrics
  readonly #role: Role
  readonly #caches: Caches = {
    pod: [],
    node: [],
    service: [],
    endpoints: [],
    endpointslice: [],
    ingress: [],
    namespace: [],
  }
  #api: KubernetesApi | undefined
  #targets = new Map<string, readonly Target[]>()
  #published = ''
  #lastExport = 0
  #timer: Timer | undefined
  #closed = false

  constructor(options: DiscoveryOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#role = options.role as Role
    this.#metrics = new DiscoveryMetrics(ctx.metrics)
  }

  get problem(): string {
    return this.#all().find(({ problem }) => problem !== '')?.problem ?? ''
  }

  /** Resolves when everything has been listed once, or has failed to be: then it's tried again and again. */
  async start(): Promise<void> {
    const { clock } = this.#ctx
    const access = await accessTo(this.#options, () => clock.now())
    this.#api = new KubernetesApi(access, clock)
    const namespaces = await this.#namespaces()
    for (const kind of watchedKinds(this.#role, this.#options.attach_metadata ?? NOTHING))
      for (const namespace of OF_CLUSTER.has(kind) ? [''] : namespaces) this.#add(kind, namespace)
    await Promise.all(this.#all().map((cache) => cache.start()))
    this.#publish()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await Promise.all(this.#all().map((cache) => cache.stop()))
    await this.#api?.close()
  }

  status(): unknown {
    const counts = Object.entries(this.#caches)
      .filter(([, caches]) => caches.length > 0)
      .map(([kind, caches]) => [kind, caches.reduce((sum, { size }) => sum + size, 0)])
    const targets = [...this.#targets.values()].reduce((sum, { length }) => sum + length, 0)
    return { role: this.#role, objects: Object.fromEntries(counts) as unknown, targets }
  }

  #all(): ObjectCache<Kinds[Kind]>[] {
    return Object.values(this.#caches).flat() as ObjectCache<Kinds[Kind]>[]
  }

  async #namespaces(): Promise<readonly string[]> {
    const { names, own_namespace: own } = this.#options.namespaces
    const wanted = new Set(own ? [...names, await ownNamespace()] : names)
    return wanted.size === 0 ? [''] : [...wanted]
  }

  #add<K extends Kind>(kind: K, namespace: string): void {
    const selectors = this.#options.selectors.filter(({ role }) => role === kind)
    // In both kinds of selector, a comma is an "and".
    const joined = (part: 'label' | 'field'): string =>
      selectors
        .map((selector) => selector[part])
        .filter((text) => text !== '')
        .join(',')
    const cache = new ObjectCache<Kinds[K]>({
      api: this.#api!,
      resource: {
        path: pathOf(kind, namespace),
        labelSelector: joined('label'),
        fieldSelector: joined('field'),
      },
      clock: this.#ctx.clock,
      log: this.#ctx.log,
      keep: KEEP[kind],
      onChange: (change, key) => this.#changed(kind, change, key),
      failed: () => this.#metrics.failed(),
    })
    const caches: ObjectCache<Kinds[K]>[] = this.#caches[kind]
    caches.push(cache)
  }

  #changed(kind: Kind, change: Change, key: string): void {
    this.#metrics.changed(this.#role, kind, change)
    // What surrounds an object is part of the labels of many.
    if (kind === this.#role) this.#targets.delete(key)
    else this.#targets.clear()
    if (this.#timer !== undefined || this.#closed) return
    const { clock } = this.#ctx
    const wait = Math.max(SETTLE_MS, this.#lastExport + EXPORT_EVERY_MS - clock.now())
    this.#timer = clock.after(wait, () => this.#publish())
  }

  /** Exports the targets if they have changed; nothing before everything has been listed once. */
  #publish(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#closed || !this.#all().every(({ synced }) => synced)) return
    const around = this.#surroundings()
    const known = this.#targets
    this.#targets = new Map()
    for (const cache of this.#caches[this.#role] as ObjectCache<Kinds[Role]>[])
      for (const key of cache.keys())
        this.#targets.set(key, known.get(key) ?? this.#made(cache.get(key)!, around))
    const targets = [...this.#targets.values()].flat()
    const text = JSON.stringify(targets.map((target) => [...target]))
    if (text === this.#published) return
    this.#published = text
    this.#lastExport = this.#ctx.clock.now()
    this.#ctx.export(new Map<string, Value>([['targets', targets]]))
  }

  #made(object: Kinds[Role], around: Surroundings): readonly Target[] {
    // The caches of a role hold objects of its kind, which TypeScript can't follow through the tables.
    return (TARGETS[this.#role] as (of: Kinds[Role], around: Surroundings) => Target[])(object, around)
  }

  #surroundings(): Surroundings {
    const find = <T extends Kinds[Kind]>(caches: readonly ObjectCache<T>[], key: string): T | undefined =>
      caches.map((cache) => cache.get(key)).find((found) => found !== undefined)
    const { node, namespace, service, pod } = this.#caches
    return {
      nodes: node.length > 0,
      node: (name) => (name === undefined ? undefined : find(node, name)),
      namespace: (name) => (name === undefined ? undefined : find(namespace, name)),
      service: (key) => find(service, key),
      pod: (key) => find(pod, key),
    }
  }
}

const NOTHING = { node: false, namespace: false }
