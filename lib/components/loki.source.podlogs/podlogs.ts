/** `loki.source.podlogs`: the logs of the containers that `PodLogs` objects of a Kubernetes cluster name. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import { blame } from '../../component/origin.ts'
import { ReplayableIntake } from '../../intake/replayable.ts'
import { KubernetesApi } from '../../net/kubernetes/api.ts'
import { accessTo } from '../../net/kubernetes/choose-access.ts'
import { checkKubernetesOptions } from '../../net/kubernetes/fields.ts'
import { PodTails } from '../loki.source.kubernetes/pod-tails.ts'
import { PodLogsDiscovery } from './discovery.ts'
import { fields, selectorOf, type PodLogsOptions } from './fields.ts'
import { compileSelector } from './label-selector.ts'

/** Positions move when lines are delivered, so a restart neither repeats nor misses one. */
export const lokiSourcePodlogs = defineComponent({
  name: 'loki.source.podlogs',
  summary: 'Reads the logs of the containers that PodLogs of a Kubernetes cluster name.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx): Component => {
    checkKubernetesOptions(options.client)
    for (const block of [options.selector, options.namespace_selector])
      try {
        compileSelector(selectorOf(block))
      } catch (error) {
        throw blame(error, block)
      }
    const source = new PodLogsSource(options, ctx)
    return {
      output: source.output,
      start: () => source.start(),
      stop: () => source.stop(),
      close: () => source.close(),
      health: () => healthOf(source.problem),
      status: () => source.status(),
    }
  },
})

class PodLogsSource {
  readonly #options: PodLogsOptions
  readonly #ctx: ComponentContext
  readonly #intake: ReplayableIntake
  #api: KubernetesApi | undefined
  #tails: PodTails | undefined
  #discovery: PodLogsDiscovery | undefined
  #stopped = false

  constructor(options: PodLogsOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#intake = new ReplayableIntake(ctx, options.max_line_size)
  }

  get output(): ReplayableIntake['output'] {
    return this.#intake.output
  }

  get problem(): string {
    return this.#discovery?.problem || (this.#tails?.problem ?? '')
  }

  async start(): Promise<void> {
    const {
      client,
      selector,
      namespace_selector: namespaceSelector,
      preserve_discovered_labels: keepMeta,
    } = this.#options
    const ctx = this.#ctx
    const { clock } = ctx
    await this.#intake.load()
    const api = new KubernetesApi(await accessTo(client, () => clock.now()), clock)
    const from = this.#options.tail_from_end ? clock.now() : 0
    const tails = new PodTails({ ctx, intake: this.#intake, api, from })
    this.#api = api
    this.#tails = tails
    this.#discovery = new PodLogsDiscovery({
      ctx,
      api,
      selector: selectorOf(selector),
      namespaceSelector: selectorOf(namespaceSelector),
      node: this.#node(),
      keepMeta,
      onChange: (targets) => tails.sync(targets),
    })
    this.#discovery.start()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#intake.stop()
    await this.#discovery?.stop()
    await this.#tails?.stop()
    this.#intake.end()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#intake.close()
    await this.#api?.close()
  }

  status(): unknown {
    return { pod_logs: this.#discovery?.status() ?? [], targets: this.#tails?.status() ?? [] }
  }

  #node(): string {
    const { enabled, node_name: name } = this.#options.node_filter
    if (!enabled) return ''
    const node = name === '' ? (process.env['NODE_NAME'] ?? '') : name
    if (node === '')
      this.#ctx.log.warn(
        'node_filter has no effect: neither node_name nor NODE_NAME is set, all nodes are read',
      )
    return node
  }
}
