/** The `output` of a source: a Readable of batches, filled from outside, that says when its source has to wait. */
import { Readable } from 'node:stream'
import type { Batch } from '../flow/batch.ts'
import { Signal } from '../flow/signal.ts'

/** Unsettled bytes of all partitions together above which nothing more is read: four may hold their full share. */
const MAX_UNSETTLED_BYTES = 64 * 1024 * 1024

export class BatchOutput {
  readonly stream: Readable
  readonly #changed = new Signal()
  readonly #waiting = new Set<Signal>()
  #full = false
  #unsettled = 0
  #released = false

  constructor() {
    this.stream = new Readable({
      objectMode: true,
      highWaterMark: 2,
      read: () => this.#wanted(),
      destroy: (error, done) => {
        this.#wanted()
        done(error)
      },
    })
  }

  /** Whether the source has to wait: too much is unread, or unsettled. */
  get full(): boolean {
    if (this.#released || this.stream.destroyed) return false
    return this.#full || this.#unsettled > MAX_UNSETTLED_BYTES
  }

  /** Whether nothing waits any more, because the source is stopping. */
  get released(): boolean {
    return this.#released
  }

  /** Hands a batch on. It is taken even when the output is full. */
  push(batch: Batch): void {
    if (this.stream.destroyed || this.stream.readableEnded) return
    this.#full = !this.stream.push(batch)
  }

  /** `undefined`: read on. Otherwise resolves when there is room, or the source is stopping. */
  room(): Promise<void> | undefined {
    return this.full ? this.#changed.until(() => !this.full) : undefined
  }

  /** Waits on `signal` while `full()` holds and the source isn't stopping. */
  async waitWhile(full: () => boolean, signal: Signal): Promise<void> {
    this.#waiting.add(signal)
    await signal.until(() => this.#released || !full())
    this.#waiting.delete(signal)
  }

  /** Counts bytes handed on (positive) or settled (negative). */
  owe(bytes: number): void {
    this.#unsettled += bytes
    if (bytes < 0 && this.#unsettled <= MAX_UNSETTLED_BYTES) this.#changed.notify()
  }

  /** The source is stopping: nothing waits from now on, so that what was read can be handed on. */
  release(): void {
    this.#released = true
    this.#changed.notify()
    for (const signal of this.#waiting) signal.notify()
  }

  /** Nothing more comes; the stream ends when what was pushed has been read. */
  end(): void {
    if (!this.stream.destroyed) this.stream.push(null)
  }

  #wanted(): void {
    this.#full = false
    this.#changed.notify()
  }
}
