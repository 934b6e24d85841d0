/** One container's log, followed from where its lines were acknowledged last until the container is gone. */
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { Signal } from '../../flow/signal.ts'
import type { Partition } from '../../intake/partition.ts'
import { SincePosition, type SinceCursor } from '../../intake/since-position.ts'
import { EngineError, type DockerEngine } from '../../net/docker/engine.ts'
import { LogLines, type LogLine } from '../../net/docker/log-lines.ts'
import type { Logger } from '../../telemetry/log.ts'

/** Between two attempts, and between two looks at a container that has exited: it may be started again. */
const LOOK_MS = 5000
/** Bounds memory only; the intake cuts lines at a limit of its own. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024

export interface ContainerOptions {
  readonly id: string
  /** Labels of lines, by the stream they were written to. */
  readonly labels: Readonly<Record<LogLine['stream'], LabelSet>>
  readonly engine: DockerEngine
  readonly partition: Partition<SinceCursor | undefined>
  readonly counted: { entry(): void; error(): void }
  readonly clock: Clock
  readonly log: Logger
}

interface Inspected {
  readonly State?: { readonly Running?: boolean; readonly FinishedAt?: string; readonly StartedAt?: string }
  readonly Config?: { readonly Tty?: boolean }
}

export class Container {
  readonly id: string
  /** Why its log can't be read, '' when it can. */
  problem = ''
  /** The engine no longer knows it, and its log was read to the end. */
  gone = false
  readonly #options: ContainerOptions
  readonly #partition: Partition<SinceCursor | undefined>
  readonly #stopped = new AbortController()
  readonly #wake = new Signal()
  #running: Promise<void> | undefined
  #leaving = false
  /** The exit up to which the log was read. */
  #finished: string | undefined

  constructor(options: ContainerOptions) {
    this.id = options.id
    this.#options = options
    this.#partition = options.partition
  }

  get cursor(): SinceCursor | undefined {
    return this.#partition.position
  }

  /** Begins to follow. */
  start(): void {
    this.#running ??= this.#follow()
  }

  /** Reads nothing more. What was read goes its way. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wake.notify()
    await this.#running
  }

  /**
   * It isn't wanted any more. One that still runs is left at once; of one that has exited the rest is read, since that is
   * why it has left the list. Resolves when everything that was read has ended.
   */
  async finish(): Promise<void> {
    this.#leaving = true
    try {
      if (exitOf(await this.#inspect(this.#stopped.signal)) === undefined) this.#stopped.abort()
    } catch (error) {
      // Gone or out of reach: the loop finds out which, and stops at the former.
      this.#options.log.debug('a container that has left the list cannot be looked at', {
        error: messageOf(error),
      })
    }
    this.#wake.notify()
    await this.#running
    await this.#partition.settled()
  }

  async #follow(): Promise<void> {
    const { log, clock } = this.#options
    const { signal } = this.#stopped
    while (!signal.aborted && !this.gone) {
      try {
        await this.#readOnce(signal)
        if (this.#leaving && this.#finished !== undefined) return
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof EngineError && error.status === 404) {
          this.gone = true
          return log.info('a container is gone', { container: this.id })
        }
        if (this.problem === '')
          log.error('the log of a container cannot be read', { container: this.id, error: messageOf(error) })
        this.problem = messageOf(error)
        if (!(error instanceof EngineError)) this.#options.counted.error()
      }
      if (!signal.aborted) await this.#wake.nextWithin(LOOK_MS, clock)
    }
  }

  /** Reads the log to its end, which comes when the container exits; nothing where that was done already. */
  async #readOnce(signal: AbortSignal): Promise<void> {
    const about = await this.#inspect(signal)
    const exit = exitOf(about)
    if (exit !== undefined && exit === this.#finished) return
    // Reading on from the position while lines are in flight would send those twice.
    await this.#partition.settled(signal)
    if (signal.aborted) return
    const position = new SincePosition(this.#partition.position)
    const query = `follow=1&stdout=1&stderr=1&timestamps=1&since=${position.since}`
    const body = await this.#options.engine.stream(`${this.#path}/logs?${query}`, signal)
    this.#works()
    const lines = new LogLines(about.Config?.Tty === true, LONGEST_LINE_BYTES)
    for await (const chunk of body as AsyncIterable<Buffer>) {
      for (const line of lines.push(chunk)) this.#take(line, position)
      const room = this.#partition.room()
      if (room !== undefined) await room
    }
    this.#finished = exit
    // An engine that stops ends the body too, perhaps within a line; that one is read again as a whole.
    if (exit === undefined && exitOf(await this.#inspect(signal)) === undefined) return
    for (const line of lines.end()) this.#take(line, position)
  }

  #works(): void {
    if (this.problem !== '')
      this.#options.log.info('the log of a container can be read again', { container: this.id })
    this.problem = ''
  }

  get #path(): string {
    return `/containers/${encodeURIComponent(this.id)}`
  }

  async #inspect(signal: AbortSignal): Promise<Inspected> {
    return (await this.#options.engine.json(`${this.#path}/json`, signal)) as Inspected
  }

  #take(line: LogLine, position: SincePosition): void {
    if (!position.next(line)) return
    const { labels, log, counted } = this.#options
    if (line.cut > 0) {
      log.warn('a line is too long, its end is cut off', {
        container: this.id,
        bytes: line.line.length + line.cut,
      })
      counted.error()
    }
    // An empty line has no content to keep, as in Alloy.
    if (line.line === '') return this.#partition.skip(position.cursor)
    this.#partition.add(line.line, labels[line.stream], position.cursor, line)
    counted.entry()
  }
}

/** Tells the exits of a container apart; `undefined` while it runs. */
function exitOf({ State }: Inspected): string | undefined {
  return State?.Running === true ? undefined : `${State?.StartedAt} ${State?.FinishedAt}`
}
