/** `discovery.docker`: the containers of a Docker engine as targets, seen as they start. */
import { pipeline } from 'node:stream/promises'
import type { Value } from '../../alloy/value.ts'
import { defineComponent, type ComponentContext } from '../../component/component.ts'
import {
  blocks,
  duration,
  flag,
  integer,
  list,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { Timer } from '../../flow/clock.ts'
import { clientFields } from '../../net/client/fields.ts'
import { dockerEngine, type DockerEngine } from '../../net/docker/engine.ts'
import { containerTargets, type ContainerSummary, type NetworkSummary } from './container-targets.ts'

const fields = {
  host: required(text, 'Docker engine, as unix:///var/run/docker.sock or tcp://host:2375.'),
  port: optional(integer, 80, 'Port of targets whose container exposes none.'),
  host_networking_host: optional(text, 'localhost', "Address of containers in the host's network."),
  refresh_interval: optional(
    duration,
    60_000,
    'Time between two full lists; starts and exits are seen at once.',
  ),
  match_first_network: optional(flag, true, 'Only the first network of a container makes targets.'),
  filter: blocks(
    {
      name: required(text, 'Name of the filter.'),
      values: required(list(text), 'Values, one of which must match.'),
    },
    'Filters of the Docker API.',
  ),
  ...clientFields,
}

type DiscoveryOptions = OptionsOf<typeof fields>

/** Several events in a row (a compose project that starts) make one list. */
const SETTLE_MS = 200
/** An event carries the labels of its container. */
const MAX_EVENT_BYTES = 1024 * 1024
/** Before the stream of events is opened again. */
const RECONNECT_MS = 5000

export const discoveryDocker = defineComponent({
  name: 'discovery.docker',
  summary: 'Finds the containers of a Docker engine.',
  fields,
  stability: 'generally-available',
  exports: { targets: 'list(map(string)): the running containers, with the labels of docker_sd_configs' },
  create: (options, ctx) => {
    if (options.refresh_interval <= 0)
      throw new LogstreamError('BAD_CONFIG', 'refresh_interval: expected more than 0s', {
        option: 'refresh_interval',
      })
    const discovery = new Discovery(options, ctx)
    return {
      exports: new Map<string, Value>([['targets', []]]),
      start: () => discovery.start(),
      close: () => discovery.close(),
      health: () =>
        discovery.problem === ''
          ? { state: 'healthy', message: '' }
          : { state: 'unhealthy', message: discovery.problem },
      status: () => ({ targets: discovery.count }),
    }
  },
})

class Discovery {
  problem = ''
  count = 0
  readonly #options: DiscoveryOptions
  readonly #ctx: ComponentContext
  readonly #engine: DockerEngine
  readonly #closed = new AbortController()
  #timer: Timer | undefined
  #retry: Timer | undefined
  #looking: Promise<void> = Promise.resolve()
  /** Containers that started since the last list: some are gone again when the next one is made. */
  #started = new Set<string>()
  #key = '[]'

  constructor(options: DiscoveryOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#engine = dockerEngine(options.host, options, () => ctx.clock.now())
  }

  /** Makes the first list, then follows. */
  async start(): Promise<void> {
    void this.#follow()
    await this.#look()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#timer?.cancel()
    this.#retry?.cancel()
    await this.#looking
    await this.#engine.close()
  }

  /** Lists all containers after `ms`, unless a list comes sooner. */
  #lookIn(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#ctx.clock.after(ms, () => void this.#look())
  }

  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#list())
    return this.#looking
  }

  async #list(): Promise<void> {
    const { signal } = this.#closed
    if (signal.aborted) return
    const started = this.#started
    this.#started = new Set()
    try {
      const [running, networks] = await Promise.all([
        this.#engine.json(`/containers/json${this.#query({})}`, signal),
        this.#engine.json('/networks', signal),
      ])
      const containers = running as ContainerSummary[]
      const gone = [...started].filter((id) => containers.every(({ Id }) => Id !== id))
      const exited =
        gone.length === 0
          ? []
          : await this.#engine.json(`/containers/json${this.#query({ id: gone })}`, signal)
      this.#publish([...containers, ...(exited as ContainerSummary[])], networks as NetworkSummary[])
      this.#tell('')
    } catch (error) {
      if (signal.aborted) return
      for (const id of started) this.#started.add(id)
      this.#tell(messageOf(error))
    }
    this.#lookIn(this.#options.refresh_interval)
  }

  // `all=1` lists containers that have exited too; only those asked for by id.
  #query({ id = [] }: { readonly id?: readonly string[] }): string {
    const filters: Record<string, Record<string, true>> = {}
    const add = (name: string, values: readonly string[]): void => {
      filters[name] = {
        ...filters[name],
        ...Object.fromEntries(values.map((value) => [value, true as const])),
      }
    }
    for (const { name, values } of this.#options.filter) add(name, values)
    if (id.length > 0) add('id', id)
    return `?all=${id.length > 0 ? 1 : 0}&filters=${encodeURIComponent(JSON.stringify(filters))}`
  }

  #publish(containers: readonly ContainerSummary[], networks: readonly NetworkSummary[]): void {
    const {
      port,
      host_networking_host: hostNetworkingHost,
      match_first_network: matchFirstNetwork,
    } = this.#options
    const targets = containerTargets(containers, networks, { port, hostNetworkingHost, matchFirstNetwork })
    this.count = targets.length
    const key = JSON.stringify(targets.map((target) => [...target]))
    if (key === this.#key) return
    this.#key = key
    this.#ctx.export(new Map<string, Value>([['targets', targets]]))
  }

  #tell(problem: string): void {
    if (problem !== '' && this.problem === '')
      this.#ctx.log.error('containers cannot be listed, the last targets are kept', { error: problem })
    if (problem === '' && this.problem !== '') this.#ctx.log.info('containers can be listed again')
    this.problem = problem
  }

  /** Follows the engine's events for as long as the component lives. */
  async #follow(): Promise<void> {
    const { signal } = this.#closed
    const filters = JSON.stringify({
      type: { container: true },
      event: { start: true, die: true, destroy: true },
    })
    try {
      const events = await this.#engine.stream(`/events?filters=${encodeURIComponent(filters)}`, signal)
      // What started before the stream was open.
      this.#lookIn(SETTLE_MS)
      const { default: split2 } = await import('split2')
      await pipeline(events, split2({ maxLength: MAX_EVENT_BYTES }), async (lines: AsyncIterable<string>) => {
        for await (const line of lines) this.#event(line)
      })
    } catch (error) {
      if (!signal.aborted)
        this.#ctx.log.debug("the engine's events have stopped", { error: messageOf(error) })
    }
    if (!signal.aborted) this.#retry = this.#ctx.clock.after(RECONNECT_MS, () => void this.#follow())
  }

  // What an event says besides doesn't matter: a list follows anyway.
  #event(line: string): void {
    const { Action, Actor } = JSON.parse(line) as { Action?: string; Actor?: { ID?: string } }
    if (Action === 'start' && Actor?.ID !== undefined) this.#started.add(Actor.ID)
    this.#lookIn(SETTLE_MS)
  }
}
