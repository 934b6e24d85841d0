/** `loki.source.kubernetes_events`: the events of a Kubernetes cluster as lines. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import { blockWithDefaults, list, optional, text, type OptionsOf } from '../../component/fields.ts'
import { forwardField } from '../../component/options/source.ts'
import { LogstreamError } from '../../errors.ts'
import { ReplayableIntake } from '../../intake/replayable.ts'
import { KubernetesApi } from '../../net/kubernetes/api.ts'
import { accessTo } from '../../net/kubernetes/choose-access.ts'
import { checkKubernetesOptions, clusteringField, kubernetesFields } from '../../net/kubernetes/fields.ts'
import { EventReader, isEventCursor } from './event-reader.ts'
import { LOG_FORMATS, type LogFormat } from './event.ts'

const fields = {
  forward_to: forwardField,
  job_name: optional(text, 'loki.source.kubernetes_events', 'Value of the label job.'),
  namespaces: optional(list(text), [], 'Namespaces whose events are read; left out: all.'),
  log_format: optional(text, 'logfmt', 'How an event is written.', LOG_FORMATS),
  client: blockWithDefaults(
    kubernetesFields,
    'How the API server is reached; left out: as the service account of the pod.',
  ),
  clustering: clusteringField,
}

type EventsOptions = OptionsOf<typeof fields>

/** Positions move when lines are delivered, so a restart neither repeats nor misses an event that is still there. */
export const lokiSourceKubernetesEvents = defineComponent({
  name: 'loki.source.kubernetes_events',
  summary: 'Reads the events of a Kubernetes cluster.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx): Component => {
    checkKubernetesOptions(options.client)
    if (options.job_name === '')
      throw new LogstreamError('BAD_CONFIG', 'job_name: expected a label value, found ""', {
        option: 'job_name',
      })
    const source = new EventsSource(options, ctx)
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

class EventsSource {
  readonly #options: EventsOptions
  readonly #ctx: ComponentContext
  readonly #intake: ReplayableIntake
  #api: KubernetesApi | undefined
  #readers: readonly EventReader[] = []
  #stopped = false

  constructor(options: EventsOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#intake = new ReplayableIntake(ctx)
  }

  get output(): ReplayableIntake['output'] {
    return this.#intake.output
  }

  get problem(): string {
    return this.#readers.find(({ problem }) => problem !== '')?.problem ?? ''
  }

  async start(): Promise<void> {
    const { clock } = this.#ctx
    await this.#intake.load()
    this.#api = new KubernetesApi(await accessTo(this.#options.client, () => clock.now()), clock)
    const { namespaces } = this.#options
    const wanted = namespaces.length === 0 ? [''] : [...new Set(namespaces)]
    this.#readers = wanted.map((namespace) => this.#reader(this.#api!, namespace))
    for (const reader of this.#readers) reader.start()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#intake.stop()
    await Promise.all(this.#readers.map((reader) => reader.stop()))
    this.#intake.end()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#intake.close()
    await this.#api?.close()
  }

  status(): unknown {
    return { event_controllers: this.#readers.map((reader) => reader.status()) }
  }

  #reader(api: KubernetesApi, namespace: string): EventReader {
    const { job_name: job, log_format: format } = this.#options
    const { id: instance, clock, log } = this.#ctx
    return new EventReader({
      api,
      namespace,
      format: format as LogFormat,
      labels: { job, instance },
      partition: this.#intake.partition(namespace === '' ? 'events' : `events-${namespace}`, isEventCursor),
      clock,
      log,
    })
  }
}
