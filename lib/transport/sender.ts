/** Takes the lines of a logger: into the queue on disk at once, from there to Loki. */
import { join } from 'node:path'
import { LogstreamError, messageOf } from '../errors.ts'
import { keepAlive } from '../flow/keep-alive.ts'
import { componentContext, lokiSink, type LokiSink, type LokiWriterOptions } from '../library.ts'
import { pipeline } from '../pipeline.ts'
import type { LibraryLogger } from '../telemetry/library-log.ts'
import { Queue } from './queue.ts'

const GIB = 1024 ** 3

/** So many lines are collected at most before they are appended. */
const MOST_WAITING = 1024

const ID = 'transport'

/** How long a program that ends waits for Loki; the rest is on disk. */
const DRAIN = '5s'

/** Each kind of warning comes at most so often. */
const WARN_EVERY_MS = 60_000

export interface QueueOptions {
  /** Folder of the queue, of what Loki has refused, and of what waits while Loki is away. Processes may share it. */
  readonly dataDir: string
  /** Most bytes in the queue of this process; 1 GiB by default. Lines that don't fit are dropped, counted and told. */
  readonly maxQueueBytes?: number
}

/** Where and how to push: the options of `lokiWriter`. */
export type SenderOptions = Omit<LokiWriterOptions, 'id' | 'dataDir' | 'keepsRunning' | 'logger'> &
  QueueOptions

/** What a transport needs of the thread that does the work. */
export interface Sender {
  /** Takes a line; it's in the queue when the current turn of the event loop ends. Never throws. */
  write(raw: string): void
  /** Lines that were dropped because the queue, or the disk, was full. */
  readonly dropped: number
  /**
   * Resolves when everything written so far is synced to the queue on disk, and so is delivered even if this process is
   * killed now. Rejects with the system's error.
   */
  flush(): Promise<void>
  /** Takes nothing more; resolves when all has been delivered, or is safe on disk for the next start. */
  close(): Promise<void>
  /** Appends what has been written, now: the process is about to end. */
  save(): void
}

/** A sender in this thread. `encode` makes a record, as a line, of what was written. Throws for options that are wrong. */
export class LocalSender implements Sender {
  readonly #queue: Queue
  readonly #loki: LokiSink
  readonly #encode: (raw: string) => string
  readonly #abort = new AbortController()
  readonly #dataDir: string
  readonly #done: Promise<void>
  #started: Promise<void>
  #waiting: string[] = []
  #scheduled = false
  #closing: Promise<void> | undefined
  /** When each kind of warning was last given. */
  readonly #warned = new Map<string, number>()
  dropped = 0

  constructor(options: SenderOptions, encode: (raw: string) => string) {
    const { dataDir, maxQueueBytes = GIB } = options
    this.#loki = sinkOf(options, this.#logger())
    this.#encode = encode
    this.#dataDir = dataDir
    this.#queue = new Queue(join(dataDir, 'queue'), maxQueueBytes, componentContext(ID, { id: ID }))
    const { input } = this.#loki.component
    this.#done = pipeline(this.#queue.output, input!, { signal: this.#abort.signal })
    this.#done.catch((error: unknown) => {
      if (!this.#abort.signal.aborted) this.#warn('end', `delivery has ended: ${messageOf(error)}`)
    })
    this.#started = this.#start()
  }

  write(raw: string): void {
    if (this.#closing !== undefined) {
      this.#drop(1, 'the transport is closed')
      return
    }
    this.#waiting.push(raw)
    if (this.#waiting.length >= MOST_WAITING) this.save()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.save()
      })
    }
  }

  save(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    const lines = Buffer.from(waiting.map(this.#encode).join(''))
    if (this.#queue.isFull(lines.length)) return this.#drop(waiting.length, 'the queue is full')
    try {
      this.#queue.append(lines)
    } catch (error) {
      this.#drop(waiting.length, messageOf(error))
    }
  }

  async flush(): Promise<void> {
    this.save()
    await this.#queue.sync()
  }

  /** Delivers what was left in the queue's folder since the start, too. */
  adopt(): void {
    if (this.#closing === undefined) this.#started = this.#started.then(() => this.#adopt())
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #start(): Promise<void> {
    try {
      await this.#loki.component.start?.()
      await this.#queue.start()
    } catch (error) {
      this.#warn('start', `the queue cannot be read: ${messageOf(error)}`)
    }
  }

  async #adopt(): Promise<void> {
    try {
      await this.#queue.adopt()
    } catch (error) {
      this.#warn('adopt', `what was left in the queue waits for the next start: ${messageOf(error)}`)
    }
  }

  async #close(): Promise<void> {
    const release = keepAlive()
    const { component, drainTimeoutMs } = this.#loki
    try {
      await this.flush()
      await this.#started
      // What is in memory is in the queue too.
      if (!(await this.#queue.end(drainTimeoutMs))) this.#abort.abort()
      await this.#done.catch(() => undefined)
      await component.close?.()
      if (!(await this.#queue.close()))
        this.#warn('rest', `lines wait in ${this.#dataDir} for the next start`)
    } finally {
      release()
    }
  }

  #drop(lines: number, why: string): void {
    this.dropped += lines
    this.#warn(why, `${this.dropped} log lines dropped so far: ${why}`)
  }

  // What happens to deliveries, as warnings of the process: these lines can't go to the program's logger, which is this.
  #logger(): LibraryLogger {
    const warn = (fields: object, message: string): void =>
      this.#warn(message, [message, ...detailsOf(fields)].join(' '))
    return { debug: () => undefined, info: () => undefined, warn, error: warn }
  }

  #warn(kind: string, message: string): void {
    const now = performance.now()
    if (now - (this.#warned.get(kind) ?? -Infinity) < WARN_EVERY_MS) return
    this.#warned.set(kind, now)
    process.emitWarning(message, { type: 'LogstreamWarning' })
  }
}

/** Throws `LogstreamError` for options that are wrong. Nothing is opened before the component starts. */
function sinkOf(options: SenderOptions, logger: LibraryLogger | undefined): LokiSink {
  const { dataDir, queue_config } = options
  if (typeof dataDir !== 'string' || dataDir === '')
    throw new LogstreamError('BAD_ARGUMENT', 'dataDir: expected the folder for the queue, found nothing', {
      option: 'dataDir',
    })
  return lokiSink({
    ...options,
    queue_config: { drain_timeout: DRAIN, ...queue_config },
    // The queue's own.
    maxQueueBytes: undefined,
    dataDir: join(dataDir, 'loki'),
    id: ID,
    // The queue has it all.
    keepsRunning: false,
    logger,
  } as LokiWriterOptions)
}

/** Throws as `new LocalSender` does: for one that another thread makes. */
export function checkSenderOptions(options: SenderOptions): void {
  void sinkOf(options, undefined).component.close?.()
}

function detailsOf(fields: object): string[] {
  return Object.entries(fields)
    .filter(([name, value]) => name !== 'component' && value !== '' && value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
}
