/** The log of one container of a pod, followed through its restarts until the pod is gone. */
import { messageOf } from '../../errors.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { Signal } from '../../flow/signal.ts'
import type { Turns } from '../../flow/turns.ts'
import { ApiError } from '../../net/kubernetes/api.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Instance } from './container-state.ts'
import { ContainerLog, type ContainerLogOptions } from './container-log.ts'
import type { PodTarget } from './pod-target.ts'

/** Between two looks at a container whose log has ended: it's started again at once, then after 10 s and more. */
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 10_000
/** The rest of a container that has left the targets is read for at most this long. */
const LEAVING_MS = 60_000

export interface PodContainerOptions extends ContainerLogOptions {
  /** Few logs are opened at once, however many there are. */
  readonly openings: Turns
  readonly log: Logger
}

export class PodContainer {
  /** Why its log can't be read, '' when it can. */
  problem = ''
  readonly #options: PodContainerOptions
  readonly #log: ContainerLog
  readonly #stopped = new AbortController()
  readonly #wake = new Signal()
  #running: Promise<void> | undefined
  #leaving = false
  #wait = FIRST_WAIT_MS
  /** The instance whose log was read to its end. */
  #finished: Instance | undefined

  constructor(options: PodContainerOptions) {
    this.#options = options
    this.#log = new ContainerLog(options)
  }

  /** Nothing more will come of it: the pod is gone, or its container won't be started again. */
  get over(): boolean {
    return this.#log.gone || this.#finished?.final === true
  }

  /** The pod is gone: its position is of no more use. */
  get gone(): boolean {
    return this.#log.gone
  }

  get target(): PodTarget {
    return this.#options.target
  }

  /** Labels of lines from now on. */
  set labels(labels: LabelSet) {
    this.#log.labels = labels
  }

  status(): unknown {
    const { namespace, pod, container } = this.target
    const { last, labels } = this.#log
    return {
      target: `${namespace}/${pod}:${container}`,
      labels: labels.toObject(),
      last_error: this.problem,
      update_time: last === undefined ? '' : new Date(last.seconds * 1000).toISOString(),
    }
  }

  /** Begins to follow. */
  start(): void {
    this.#running ??= this.#follow(this.#stopped.signal)
  }

  /** Reads nothing more. What was read goes its way. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wake.notify()
    await this.#running
  }

  /**
   * It has left the targets. One that still runs is left at once; of one that has ended, or whose pod is being deleted, the
   * rest is read. Resolves when everything that was read has ended.
   */
  async finish(): Promise<void> {
    this.#leaving = true
    const deadline = this.#options.clock.after(LEAVING_MS, () => this.#stopped.abort())
    if (await this.#goesOn()) this.#stopped.abort()
    this.#wake.notify()
    await this.#running
    deadline.cancel()
    await this.#options.partition.settled()
  }

  async #goesOn(): Promise<boolean> {
    try {
      const seen = await this.#log.look(this.#stopped.signal)
      return seen !== undefined && !seen.deleting && seen.instance?.ended === ''
    } catch {
      // Out of reach: the loop finds out more.
      return false
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.over) {
      try {
        if (await this.#readOnce(signal)) this.#wait = FIRST_WAIT_MS
        if (this.#leaving && this.#finished !== undefined) return
      } catch (error) {
        if (signal.aborted) return
        this.#failed(error)
      }
      if (signal.aborted || this.over) return
      await this.#wake.nextWithin(this.#wait, this.#options.clock)
      this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2)
    }
  }

  /** Reads what there is to read. Resolves with whether there may be more at once. */
  async #readOnce(signal: AbortSignal): Promise<boolean> {
    const { openings, partition } = this.#options
    // Reading on from the position while lines are in flight would send those twice.
    await partition.settled(signal)
    const endTurn = await openings.take(signal)
    if (endTurn === undefined) return false
    const open = await this.#log.open(this.#finished, signal).finally(endTurn)
    this.#works()
    if (open === undefined) return false
    const { more, whole } = await this.#log.read(open, signal)
    if (whole) this.#finished = open.instance
    return more
  }

  #works(): void {
    if (this.problem !== '')
      this.#options.log.info('the log of a container can be read again', this.#fields())
    this.problem = ''
  }

  #failed(error: unknown): void {
    const { log, warnings } = this.#options
    const message = messageOf(error)
    // A body that breaks off is read on; only a request that fails is a problem.
    if (!(error instanceof ApiError)) return log.debug('a log has broken off', this.#fields(message))
    if (this.problem === '')
      warnings.warn('unreadable', 'the log of a container cannot be read', this.#fields(message))
    this.problem = message
  }

  #fields(error?: string): Record<string, string> {
    const { namespace, pod, container } = this.target
    return { namespace, pod, container, ...(error === undefined ? {} : { error }) }
  }
}
