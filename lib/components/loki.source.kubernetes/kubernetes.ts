/** `loki.source.kubernetes`: the logs of containers through the API of a Kubernetes cluster. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import { blockWithDefaults, list, map, required, text, type OptionsOf } from '../../component/fields.ts'
import { forwardField, maxLineSizeField } from '../../component/options/source.ts'
import { ReplayableIntake } from '../../intake/replayable.ts'
import { KubernetesApi } from '../../net/kubernetes/api.ts'
import { accessTo } from '../../net/kubernetes/choose-access.ts'
import { checkKubernetesOptions, clusteringField, kubernetesFields } from '../../net/kubernetes/fields.ts'
import { keyOf, podTarget, type PodTarget, type Target } from './pod-target.ts'
import { PodTails } from './pod-tails.ts'

const fields = {
  targets: required(list(map(text)), 'Containers, as the role pod of discovery.kubernetes finds them.'),
  forward_to: forwardField,
  client: blockWithDefaults(
    kubernetesFields,
    'How the API server is reached; left out: as the service account of the pod.',
  ),
  clustering: clusteringField,
  max_line_size: maxLineSizeField,
}

type KubernetesSourceOptions = OptionsOf<typeof fields>

/** Positions move when lines are delivered, so a restart neither repeats nor misses one. */
export const lokiSourceKubernetes = defineComponent({
  name: 'loki.source.kubernetes',
  summary: 'Reads the logs of containers through the Kubernetes API, without losing or repeating lines.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx): Component<KubernetesSourceOptions> => {
    checkKubernetesOptions(options.client)
    const source = new KubernetesSource(options, ctx)
    return {
      output: source.output,
      start: () => source.start(),
      stop: () => source.stop(),
      close: () => source.close(),
      update: (changed) => source.update(changed),
      health: () => healthOf(source.problem),
      status: () => source.status(),
    }
  },
})

class KubernetesSource {
  readonly #ctx: ComponentContext
  readonly #intake: ReplayableIntake
  #options: KubernetesSourceOptions
  #api: KubernetesApi | undefined
  #tails: PodTails | undefined
  #stopped = false

  constructor(options: KubernetesSourceOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#intake = new ReplayableIntake(ctx, options.max_line_size)
  }

  get output(): ReplayableIntake['output'] {
    return this.#intake.output
  }

  get problem(): string {
    return this.#tails?.problem ?? ''
  }

  async start(): Promise<void> {
    const { clock } = this.#ctx
    await this.#intake.load()
    const api = new KubernetesApi(await accessTo(this.#options.client, () => clock.now()), clock)
    this.#api = api
    this.#tails = new PodTails({ ctx: this.#ctx, intake: this.#intake, api, from: 0 })
    this.#sync()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#intake.stop()
    await this.#tails?.stop()
    this.#intake.end()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#intake.close()
    await this.#api?.close()
  }

  /** Other targets are taken up in place; what all containers share needs a new component. */
  update(changed: KubernetesSourceOptions): boolean {
    const shared = ({
      targets: _targets,
      forward_to: _forwardTo,
      ...rest
    }: KubernetesSourceOptions): string =>
      JSON.stringify(rest, (_key, value: unknown) => (value instanceof Map ? [...value] : value))
    if (shared(changed) !== shared(this.#options)) return false
    this.#options = changed
    this.#sync()
    return true
  }

  status(): unknown {
    return { targets: this.#tails?.status() ?? [] }
  }

  #sync(): void {
    this.#tails?.sync(containersOf(this.#options.targets, this.#ctx))
  }
}

/** A container with several ports has several targets: the first by its labels counts, so that it's always the same. */
function containersOf(targets: readonly Target[], { id, log }: ComponentContext): Map<string, PodTarget> {
  const found = new Map<string, PodTarget>()
  for (const target of targets) {
    const made = podTarget(target, id)
    if (typeof made === 'string') {
      log.error('a target lacks a label that says which container it is, its log is not read', {
        label: made,
        target: JSON.stringify(Object.fromEntries(target)),
      })
      continue
    }
    const key = keyOf(made)
    const before = found.get(key)
    if (before === undefined || made.labels.text < before.labels.text) found.set(key, made)
  }
  return found
}
