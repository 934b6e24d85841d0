/** Takes the lines of a logger: into the queue on disk at once, from there to Loki. */
import { join } from 'node:path'
import { LogstreamError, messageOf } from '../errors.ts'
import { keepAlive } from '../flow/keep-alive.ts'
import { componentContext, lokiWriter, type LokiWriterOptions } from '../library.ts'
import { pipeline } from '../pipeline.ts'
import { Queue } from './queue.ts'

const GIB = 1024 ** 3

/** So many lines are collected at most before they are appended. */
const MOST_WAITING = 1024

/** How long a program that ends waits for Loki; the rest is on disk. */
const DRAIN = '5s'

const WARN_EVERY_MS = 10_000

export interface QueueOptions {
  /** Folder of the queue, of what Loki has refused, and of what waits while Loki is away. Processes may share it. */
  readonly dataDir: string
  /** Most bytes in the queue of this process; 1 GiB by default. Lines that don't fit are dropped, counted and told. */
  readonly maxQueueBytes?: number
}

/** Where and how to push: the options of `lokiWriter`. */
export type SenderOptions = Omit<LokiWriterOptions, 'id' | 'dataDir' | 'keepsRunning'> & QueueOptions

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
  readonly #encode: (raw: string) => string
  readonly #done: Promise<void>
  readonly #started: Promise<void>
  #waiting: string[] = []
  #scheduled = false
  #closing: Promise<void> | undefined
  #warned = -Infinity
  dropped = 0

  constructor(options: SenderOptions, encode: (raw: string) => string) {
    const { dataDir, maxQueueBytes = GIB, ...endpoint } = options
    if (typeof dataDir !== 'string' || dataDir === '')
      throw new LogstreamError('BAD_ARGUMENT', 'dataDir: expected the folder for the queue, found nothing', {
        option: 'dataDir',
      })
    const id = 'transport'
    const given = {
      ...endpoint,
      queue_config: { drain_timeout: DRAIN, ...endpoint.queue_config },
      dataDir: join(dataDir, 'loki'),
      id,
      // The queue has it all.
      keepsRunning: false,
    }
    const writer = lokiWriter(given as LokiWriterOptions)
    this.#encode = encode
    this.#queue = new Queue(join(dataDir, 'queue'), maxQueueBytes, componentContext(id, { id }))
    this.#done = pipeline(this.#queue.output, writer)
    this.#done.catch((error: unknown) => this.#warn(`delivery has ended: ${messageOf(error)}`))
    this.#started = this.#queue.start()
    this.#started.catch((error: unknown) => this.#warn(`the queue cannot be read: ${messageOf(error)}`))
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

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    const release = keepAlive()
    try {
      await this.flush()
      await this.#started
      await this.#queue.end()
      await this.#done.catch(() => undefined)
      await this.#queue.close()
    } finally {
      release()
    }
  }

  #drop(lines: number, why: string): void {
    this.dropped += lines
    this.#warn(`${this.dropped} log lines dropped so far: ${why}`)
  }

  #warn(message: string): void {
    const now = performance.now()
    if (now - this.#warned < WARN_EVERY_MS) return
    this.#warned = now
    process.emitWarning(message, { type: 'LogstreamWarning' })
  }
}
