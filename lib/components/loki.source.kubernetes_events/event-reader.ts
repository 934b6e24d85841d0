/** The events of one namespace, or of all: each state of each event once, across restarts. */
import type { Clock } from '../../flow/clock.ts'
import { labelSet } from '../../flow/labels.ts'
import type { Cursor } from '../../disk/cursors.ts'
import type { Partition } from '../../intake/partition.ts'
import type { KubernetesApi } from '../../net/kubernetes/api.ts'
import { ResourceWatch } from '../../net/kubernetes/resource-watch.ts'
import { pathOf } from '../../net/kubernetes/resources.ts'
import { isLater, type WatchEvent } from '../../net/kubernetes/watch.ts'
import type { Logger } from '../../telemetry/log.ts'
import { lineOf, timeOf, type KubernetesEvent, type LogFormat } from './event.ts'

// A type, not an interface: only the former are JSON to TypeScript.
export type EventCursor = {
  /** The resource version that was read up to. */
  readonly version: string
  /** Milliseconds of Unix time of the latest event, for a cluster that was set back and counts versions anew. */
  readonly latest: number
}

export interface EventReaderOptions {
  readonly api: KubernetesApi
  /** '' for all namespaces. */
  readonly namespace: string
  readonly format: LogFormat
  /** Labels of all lines; `namespace` is that of the object. */
  readonly labels: Readonly<Record<string, string>>
  readonly partition: Partition<EventCursor | undefined>
  readonly clock: Clock
  readonly log: Logger
}

export class EventReader {
  readonly #options: EventReaderOptions
  readonly #watch: ResourceWatch<KubernetesEvent>
  /** What was read up to; acknowledged or not. */
  #read: EventCursor | undefined
  #latest: number
  /** What a list has brought so far, by uid and version: it begins anew when one of its pages fails. */
  #listed = new Set<string>()

  constructor(options: EventReaderOptions) {
    this.#options = options
    this.#read = options.partition.position
    this.#latest = this.#read?.latest ?? 0
    this.#watch = new ResourceWatch<KubernetesEvent>({
      ...options,
      resource: { path: pathOf('event', options.namespace) },
      version: this.#read?.version,
      handlers: {
        page: (events, _first, version) => this.#page(events, version),
        listed: (version) => this.#passed(version),
        changed: (event) => this.#changed(event),
      },
    })
  }

  get problem(): string {
    return this.#watch.problem
  }

  start(): void {
    void this.#watch.start()
  }

  async stop(): Promise<void> {
    await this.#watch.stop()
  }

  status(): unknown {
    const { namespace } = this.#options
    const at = this.#latest === 0 ? '' : new Date(this.#latest).toISOString()
    return { namespace, last_event_timestamp: at, last_error: this.problem }
  }

  // Lists come in the order of names: there is nothing to go on from before the last page.
  async #page(events: readonly KubernetesEvent[], version: string): Promise<void> {
    const isNew = this.#newIn(version)
    for (const event of events) {
      const { uid, resourceVersion } = event.metadata
      const id = `${uid} ${resourceVersion}`
      if (!isNew(event) || this.#listed.has(id)) continue
      this.#listed.add(id)
      await this.#take(event, this.#read)
    }
  }

  async #changed({ type, object }: WatchEvent<KubernetesEvent>): Promise<void> {
    const version = object.metadata.resourceVersion ?? ''
    if (type === 'ADDED' || type === 'MODIFIED') {
      const latest = Math.max(this.#latest, millisOf(object))
      await this.#take(object, (this.#read = { version, latest }))
    } else this.#passed(version)
  }

  #passed(version: string): void {
    this.#listed.clear()
    this.#read = { version, latest: this.#latest }
    this.#options.partition.skip(this.#read)
  }

  /** Tells which events of a list of that version weren't read before it. */
  #newIn(version: string): (event: KubernetesEvent) => boolean {
    const read = this.#read
    if (read === undefined) return () => true
    if (isLater(read.version, version) !== false) return (event) => millisOf(event) >= read.latest
    return ({ metadata }) => isLater(metadata.resourceVersion ?? '', read.version) !== false
  }

  async #take(event: KubernetesEvent, position: EventCursor | undefined): Promise<void> {
    const { partition, labels, format } = this.#options
    const { namespace = '' } = event.involvedObject ?? {}
    this.#latest = Math.max(this.#latest, millisOf(event))
    const set = labelSet(Object.entries({ ...labels, namespace }).filter(([, value]) => value !== ''))
    partition.add(lineOf(event, format), set, position, timeOf(event))
    const room = partition.room()
    if (room !== undefined) await room
  }
}

function millisOf(event: KubernetesEvent): number {
  const { seconds, nanos } = timeOf(event) ?? { seconds: 0, nanos: 0 }
  return seconds * 1000 + Math.floor(nanos / 1e6)
}

export function isEventCursor(stored: Cursor): stored is EventCursor {
  const { version, latest } = (stored ?? {}) as Partial<Record<keyof EventCursor, Cursor>>
  return typeof version === 'string' && version !== '' && Number.isSafeInteger(latest)
}
