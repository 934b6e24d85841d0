/** Which containers the `PodLogs` of a cluster name, as those, pods and namespaces change. */
import type { ComponentContext } from '../../component/component.ts'
import { messageOf } from '../../errors.ts'
import type { Timer } from '../../flow/clock.ts'
import type { KubernetesApi } from '../../net/kubernetes/api.ts'
import { ObjectCache } from '../../net/kubernetes/object-cache.ts'
import type { KubernetesObject, Pod } from '../../net/kubernetes/objects.ts'
import { KEEP, pathOf } from '../../net/kubernetes/resources.ts'
import type { PodTarget } from '../loki.source.kubernetes/pod-target.ts'
import { compileSelector, type LabelSelector } from './label-selector.ts'
import { PodLogsRule, type PodLogs } from './pod-logs.ts'

/** Several changes in a row make one. */
const SETTLE_MS = 200
/** Between two looks at everything. */
const EVERY_MS = 1000

export interface PodLogsDiscoveryOptions {
  readonly ctx: ComponentContext
  readonly api: KubernetesApi
  readonly selector: LabelSelector
  readonly namespaceSelector: LabelSelector
  /** '' for all nodes. */
  readonly node: string
  /** Whether lines keep the labels of what was discovered. */
  readonly keepMeta: boolean
  readonly onChange: (targets: ReadonlyMap<string, PodTarget>) => void
}

interface Rule {
  readonly from: PodLogs
  readonly rule: PodLogsRule | undefined
  readonly problem: string
}

export class PodLogsDiscovery {
  readonly #options: PodLogsDiscoveryOptions
  readonly #podLogs: ObjectCache<PodLogs>
  readonly #pods: ObjectCache<Pod>
  readonly #namespaces: ObjectCache<KubernetesObject>
  readonly #selects: ReturnType<typeof compileSelector>
  readonly #selectsNamespace: ReturnType<typeof compileSelector>
  /** By the keys of their objects. */
  #rules = new Map<string, Rule>()
  /** The targets of each pod, until something that they are made of changes. */
  #known = new Map<string, ReadonlyMap<string, PodTarget>>()
  #timer: Timer | undefined
  #last = 0
  #closed = false

  /** Throws `LogstreamError` for selectors that can't work. */
  constructor(options: PodLogsDiscoveryOptions) {
    const { node } = options
    this.#options = options
    this.#selects = compileSelector(options.selector)
    this.#selectsNamespace = compileSelector(options.namespaceSelector)
    const forget = (): void => this.#known.clear()
    this.#podLogs = this.#cache(pathOf('podlogs'), keepPodLogs, (key) => {
      this.#rules.delete(key)
      forget()
    })
    const onNode = node === '' ? undefined : `spec.nodeName=${node}`
    this.#pods = this.#cache(pathOf('pod'), KEEP.pod, (key) => this.#known.delete(key), onNode)
    this.#namespaces = this.#cache(pathOf('namespace'), KEEP.namespace, forget)
  }

  get problem(): string {
    return this.#all().find(({ problem }) => problem !== '')?.problem ?? ''
  }

  start(): void {
    for (const cache of this.#all()) void cache.start()
  }

  async stop(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await Promise.all(this.#all().map((cache) => cache.stop()))
  }

  status(): readonly unknown[] {
    return [...this.#rules.values()].map(({ from: { metadata }, problem }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      reconcile_error: problem,
    }))
  }

  #all(): readonly ObjectCache<KubernetesObject>[] {
    return [this.#podLogs, this.#pods, this.#namespaces] as readonly ObjectCache<KubernetesObject>[]
  }

  #cache<T extends KubernetesObject>(
    path: string,
    keep: (object: T) => T,
    changed: (key: string) => void,
    fieldSelector?: string,
  ): ObjectCache<T> {
    const { api, ctx } = this.#options
    return new ObjectCache<T>({
      api,
      resource: { path, fieldSelector },
      clock: ctx.clock,
      log: ctx.log,
      keep,
      onChange: (_change, key) => {
        changed(key)
        this.#later()
      },
      failed: () => {},
    })
  }

  #later(): void {
    if (this.#timer !== undefined || this.#closed) return
    const { clock } = this.#options.ctx
    this.#timer = clock.after(Math.max(SETTLE_MS, this.#last + EVERY_MS - clock.now()), () => this.#publish())
  }

  /** Nothing before everything has been listed once: what isn't known yet would look as if it had gone. */
  #publish(): void {
    this.#timer = undefined
    const { ctx, onChange } = this.#options
    if (!this.#all().every(({ synced }) => synced)) return
    this.#last = ctx.clock.now()
    this.#compile()
    const targets = new Map<string, PodTarget>()
    const known = this.#known
    this.#known = new Map()
    for (const key of this.#pods.keys()) {
      const found = known.get(key) ?? this.#targetsOf(this.#pods.get(key)!)
      this.#known.set(key, found)
      for (const [name, target] of found) targets.set(name, target)
    }
    onChange(targets)
  }

  #compile(): void {
    const before = this.#rules
    this.#rules = new Map()
    for (const key of this.#podLogs.keys()) {
      const from = this.#podLogs.get(key)!
      const namespace = this.#namespaces.get(from.metadata.namespace ?? '')
      if (namespace === undefined || !this.#selectsNamespace(namespace.metadata.labels ?? {})) continue
      if (!this.#selects(from.metadata.labels ?? {})) continue
      this.#rules.set(key, before.get(key) ?? this.#ruleOf(from))
    }
  }

  #ruleOf(from: PodLogs): Rule {
    try {
      return { from, rule: new PodLogsRule(from, this.#options.keepMeta), problem: '' }
    } catch (error) {
      const { namespace, name } = from.metadata
      const problem = messageOf(error)
      this.#options.ctx.log.error('a PodLogs has a mistake, it is left out', {
        namespace,
        name,
        error: problem,
      })
      return { from, rule: undefined, problem }
    }
  }

  #targetsOf(pod: Pod): ReadonlyMap<string, PodTarget> {
    const namespace = this.#namespaces.get(pod.metadata.namespace ?? '')
    if (namespace === undefined) return new Map()
    return new Map(
      [...this.#rules.values()].flatMap(({ rule }) => [...(rule?.targets(pod, namespace) ?? [])]),
    )
  }
}

function keepPodLogs({ metadata: { name, namespace, labels, annotations }, spec }: PodLogs): PodLogs {
  return { metadata: { name, namespace, labels, annotations }, spec }
}
