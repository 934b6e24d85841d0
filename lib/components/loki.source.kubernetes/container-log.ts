/** Reads the log of a container, or of its instance before the last restart, from where it was read to. */
import type { Readable } from 'node:stream'
import type { Clock } from '../../flow/clock.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { formatRfc3339Nano, type Instant } from '../../go/rfc3339.ts'
import type { Partition } from '../../intake/partition.ts'
import { SincePosition } from '../../intake/since-position.ts'
import type { Warnings } from '../../intake/warnings.ts'
import { ApiError, type KubernetesApi } from '../../net/kubernetes/api.ts'
import type { Pod } from '../../net/kubernetes/objects.ts'
import { pathOf } from '../../net/kubernetes/resources.ts'
import { instanceOf, type Instance } from './container-state.ts'
import { PodLogLines, type PodLogLine } from './log-lines.ts'
import { startOf, type PodCursor, type Run } from './pod-cursor.ts'
import type { PodTarget } from './pod-target.ts'
import { Session } from './session.ts'

export interface ContainerLogOptions {
  readonly target: PodTarget
  readonly api: KubernetesApi
  readonly partition: Partition<PodCursor | undefined>
  /** Without a position, lines from before it are left out: milliseconds of Unix time, 0 for all lines. */
  readonly from: number
  readonly clock: Clock
  readonly warnings: Warnings
}

/** A log that is open. */
export interface OpenLog {
  /** The latest instance. */
  readonly instance: Instance
  /** Whose log it is: that of the latest instance, or of the one before. */
  readonly run: Run
  readonly position: SincePosition
  readonly body: Readable
  readonly session: Session
}

export interface LogRead {
  /** Whether to read on at once. */
  readonly more: boolean
  /** The instance had ended before its log was opened, so all of it was read. */
  readonly whole: boolean
}

interface Seen {
  /** `undefined`: no instance was started yet. */
  readonly instance: Instance | undefined
  readonly deleting: boolean
}

/** Bounds memory only; the intake cuts lines at a limit of its own. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024

export class ContainerLog {
  /** The pod is gone. */
  gone = false
  /** Labels of lines from now on. */
  labels: LabelSet
  /** Time of the last line. */
  last: Instant | undefined
  readonly #options: ContainerLogOptions
  readonly #path: string

  constructor(options: ContainerLogOptions) {
    const { namespace, pod, labels } = options.target
    this.#options = options
    this.#path = `${pathOf('pod', namespace)}/${encodeURIComponent(pod)}`
    this.labels = labels
  }

  /** Returns `undefined` when the pod is gone; another one may have its name. Rejects with `ApiError`. */
  async look(signal: AbortSignal): Promise<Seen | undefined> {
    const { target } = this.#options
    const pod = await this.#pod(signal)
    if (pod?.metadata.uid !== target.uid) return undefined
    const deleting = pod.metadata.deletionTimestamp !== undefined
    return { instance: instanceOf(pod, target.container), deleting }
  }

  /** The pod of that name, which may be another one by now. */
  async #pod(signal: AbortSignal): Promise<Pod | undefined> {
    try {
      return (await this.#options.api.json(this.#path, {}, signal)) as Pod
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }

  /**
   * Opens what is to be read next; `undefined` when there is nothing, for now. `finished` is the instance whose log was
   * read as a whole. Rejects with `ApiError`.
   */
  async open(finished: Instance | undefined, signal: AbortSignal): Promise<OpenLog | undefined> {
    const instance = (await this.#lookAgain(signal))?.instance
    if (instance === undefined || (instance.id === finished?.id && instance.ended === finished.ended))
      return undefined
    const cursor = this.#cursor(instance)
    const position = new SincePosition(cursor)
    const session = new Session(this.#options.clock, signal)
    try {
      const body = await this.#stream(position, cursor, instance, session.signal)
      if (body !== undefined && (await this.#isStill(instance, signal)))
        return { instance, run: cursor, position, body, session }
    } catch (error) {
      session.end()
      throw error
    }
    session.end()
    return undefined
  }

  // Only names were asked for, which another pod or instance may have got in between. Where no pod has the name by now, the log can
  // only have been opened before.
  async #isStill(instance: Instance, signal: AbortSignal): Promise<boolean> {
    const { target } = this.#options
    const pod = await this.#pod(signal)
    if (pod === undefined) return true
    return pod.metadata.uid === target.uid && instanceOf(pod, target.container)?.id === instance.id
  }

  /** Reads an open log to its end. Rejects when it breaks off. */
  async read(open: OpenLog, signal: AbortSignal): Promise<LogRead> {
    const { instance, run, body, session } = open
    const lines = new PodLogLines(LONGEST_LINE_BYTES)
    let news = false
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        for (const line of lines.push(chunk)) news = this.#take(line, open) || news
        const room = this.#options.partition.room()
        if (room !== undefined) await room
      }
    } finally {
      session.end()
    }
    const now = (await this.#lookAgain(signal))?.instance
    // A kubelet that stops ends the body too, perhaps within a line; that one is read again as a whole.
    const ended = now?.id !== instance.id || now.ended !== ''
    const rest = ended ? lines.end() : undefined
    if (rest !== undefined) news = this.#take(rest, open) || news
    if (run.container === instance.id) return { more: news, whole: instance.ended !== '' }
    this.#options.partition.skip(startOf(runOf(instance)))
    return { more: true, whole: false }
  }

  async #lookAgain(signal: AbortSignal): Promise<Seen | undefined> {
    const seen = await this.look(signal)
    this.gone = seen === undefined
    return seen
  }

  // Kept at once: neither a restart of logstream nor one of the container moves where reading begins.
  #cursor(instance: Instance): PodCursor {
    const { partition, from } = this.#options
    if (partition.position !== undefined) return partition.position
    const start = startOf(runOf(instance), from)
    partition.skip(start)
    return start
  }

  /** `undefined`: there is no such log. */
  async #stream(
    position: SincePosition,
    run: Run,
    instance: Instance,
    signal: AbortSignal,
  ): Promise<Readable | undefined> {
    const { api, target, partition } = this.#options
    const previous = run.container !== instance.id
    const seconds = Number(position.since.split('.', 1)[0])
    const query = {
      container: target.container,
      timestamps: true,
      follow: !previous,
      previous,
      sinceTime: seconds === 0 ? '' : formatRfc3339Nano(seconds, 0),
    }
    if (previous && run.restarts + 1 !== instance.restarts)
      this.#warn('restarts', 'a container was restarted several times while its log was not read')
    try {
      return await api.stream(`${this.#path}/log`, query, signal)
    } catch (error) {
      // "is waiting to start", or "previous terminated container not found".
      if (!(error instanceof ApiError) || error.status !== 400) throw error
      if (!previous) return undefined
      this.#warn('previous', 'the log from before a restart is gone: lines may be missing')
      partition.skip(startOf(runOf(instance)))
      return undefined
    }
  }

  #take({ time, bytes, from, to, cut }: PodLogLine, { position, run }: OpenLog): boolean {
    const { partition } = this.#options
    if (time !== undefined && !position.next(time)) return false
    if (position.gap) this.#warn('rotated', 'a log was rotated before it was read: lines may be missing')
    if (cut > 0) this.#warn('cut', 'a line is too long, its end is cut off', { bytes: to - from + cut })
    this.last = time ?? this.last
    const cursor = { ...position.cursor, container: run.container, restarts: run.restarts }
    if (time === undefined || !partition.addBytes(bytes, [from, to], this.labels, cursor, time))
      partition.add(bytes.toString('utf8', from, to), this.labels, cursor, time)
    return true
  }

  #warn(kind: string, message: string, fields: Readonly<Record<string, number>> = {}): void {
    const { namespace, pod, container } = this.#options.target
    this.#options.warnings.warn(kind, message, { namespace, pod, container, ...fields })
  }
}

function runOf({ id, restarts }: Instance): Run {
  return { container: id, restarts }
}
