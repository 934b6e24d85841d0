/** `loki.source.docker`: the logs of containers, each read once, from the first line to the last. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import {
  blockWithDefaults,
  duration,
  list,
  map,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { forwardField, labelsField, maxLineSizeField, rulesField } from '../../component/options/source.ts'
import { LogstreamError } from '../../errors.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { compileRules } from '../../formats/relabel.ts'
import { ReplayableIntake } from '../../intake/replayable.ts'
import { isSinceCursor } from '../../intake/since-position.ts'
import { clientFields } from '../../net/client/fields.ts'
import { dockerEngine, type DockerEngine } from '../../net/docker/engine.ts'
import { Container } from './container.ts'

const fields = {
  host: required(text, 'Docker engine, as unix:///var/run/docker.sock or tcp://host:2375.'),
  targets: required(list(map(text)), 'Containers, as discovery.docker finds them.'),
  forward_to: forwardField,
  labels: labelsField,
  relabel_rules: rulesField,
  http_client_config: blockWithDefaults(
    clientFields,
    'Credentials, proxy and TLS for an http or https host.',
  ),
  max_line_size: maxLineSizeField,
  refresh_interval: optional(duration, 60_000, 'Taken as in Alloy; containers are watched all the time.'),
}

type DockerOptions = OptionsOf<typeof fields>
type Target = ReadonlyMap<string, string>

const ID = '__meta_docker_container_id'

/** Positions move when lines are delivered, so a restart neither repeats nor misses one. */
export const lokiSourceDocker = defineComponent({
  name: 'loki.source.docker',
  summary: 'Reads the logs of Docker containers, without losing or repeating lines.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx): Component<DockerOptions> => {
    if (options.refresh_interval <= 0)
      throw new LogstreamError('BAD_CONFIG', 'refresh_interval: expected more than 0s', {
        option: 'refresh_interval',
      })
    const source = new DockerSource(options, ctx)
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

class DockerSource {
  readonly #ctx: ComponentContext
  readonly #intake: ReplayableIntake
  readonly #engine: DockerEngine
  readonly #containers = new Map<string, Container>()
  /** Those that have left the list and whose rest is being read. */
  readonly #finishing = new Set<Container>()
  readonly #counted: { entry(): void; error(): void }
  #options: DockerOptions
  #started = false
  #stopping = false

  constructor(options: DockerOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#intake = new ReplayableIntake(ctx, options.max_line_size)
    this.#engine = dockerEngine(options.host, options.http_client_config, () => ctx.clock.now())
    const entries = ctx.metrics.counter(
      'loki_source_docker_target_entries_total',
      'Total number of successful entries sent to the Docker target',
    )
    const errors = ctx.metrics.counter(
      'loki_source_docker_target_parsing_errors_total',
      'Total number of parsing errors while receiving Docker messages',
    )
    this.#counted = { entry: () => void entries.value++, error: () => void errors.value++ }
  }

  get output(): ReplayableIntake['output'] {
    return this.#intake.output
  }

  get problem(): string {
    for (const { id, problem } of this.#containers.values())
      if (problem !== '') return `container ${id.slice(0, 12)}: ${problem}`
    return ''
  }

  async start(): Promise<void> {
    await this.#intake.load()
    this.#started = true
    this.#follow()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#intake.stop()
    await Promise.all([...this.#containers.values()].map((container) => container.stop()))
    this.#intake.end()
  }

  async close(): Promise<void> {
    if (!this.#stopping) await this.stop()
    await this.#intake.close()
    await this.#engine.close()
  }

  /** Other targets are taken up in place; what all containers share needs a new component. */
  update(changed: DockerOptions): boolean {
    const shared = ({ targets: _targets, forward_to: _forwardTo, ...rest }: DockerOptions): string =>
      JSON.stringify(rest, (_key, value: unknown) => (value instanceof Map ? [...value] : value))
    if (shared(changed) !== shared(this.#options)) return false
    this.#options = changed
    if (this.#started) this.#follow()
    return true
  }

  status(): unknown {
    return {
      targets_info: [...this.#containers.values()].map((container) => ({
        id: container.id,
        last_error: container.problem,
        is_running: !container.gone,
        read_offset: container.cursor === undefined ? '' : container.cursor.last,
      })),
    }
  }

  #follow(): void {
    if (this.#stopping) return
    const targets = oneForEach(this.#options.targets)
    for (const [id, target] of targets) if (!this.#containers.has(id)) this.#add(id, target)
    for (const container of this.#containers.values())
      if (!targets.has(container.id) && !this.#finishing.has(container)) void this.#finish(container)
  }

  #add(id: string, target: Target): void {
    const container = new Container({
      id,
      labels: { stdout: this.#labels(target, 'stdout'), stderr: this.#labels(target, 'stderr') },
      engine: this.#engine,
      partition: this.#intake.partition(id, isSinceCursor),
      counted: this.#counted,
      clock: this.#ctx.clock,
      log: this.#ctx.log,
    })
    this.#containers.set(id, container)
    container.start()
  }

  async #finish(container: Container): Promise<void> {
    this.#finishing.add(container)
    await container.finish()
    this.#finishing.delete(container)
    if (this.#stopping) return
    this.#containers.delete(container.id)
    // A cursor is of use for as long as the container could be started again.
    if (container.gone) this.#intake.forget(container.id)
    else this.#intake.release(container.id)
    // It may have been listed again in between.
    this.#follow()
  }

  #labels(target: Target, stream: string): LabelSet {
    const labels = new Map([...target, ...(this.#options.labels ?? [])])
    labels.set('__meta_docker_container_log_stream', stream)
    const { relabel_rules: rules } = this.#options
    // Rules that drop empty the labels and keep the entry, as in Alloy.
    if (rules !== undefined && compileRules(rules)(labels) === 'drop') labels.clear()
    return labelSet([...labels].filter(([name, value]) => !name.startsWith('__') && value !== ''))
  }
}

/** A container with several ports or networks has several targets: the first by its labels counts, so that it's always the same. */
function oneForEach(targets: readonly Target[]): Map<string, Target> {
  const textOf = (target: Target): string =>
    [...target]
      .map((pair) => JSON.stringify(pair))
      .sort()
      .join()
  const found = new Map<string, Target>()
  for (const target of targets) {
    const id = target.get(ID)
    if (id === undefined || id === '') continue
    const before = found.get(id)
    if (before === undefined || textOf(target) < textOf(before)) found.set(id, target)
  }
  return found
}
