/** The `output` of a source: a Readable of batches that is filled from outside and says when to wait. */
import { Readable } from 'node:stream'
import type { Batch } from '../flow/batch.ts'

export class BatchOutput {
  readonly stream: Readable
  #wanted: (() => void)[] = []
  #full = false

  constructor() {
    this.stream = new Readable({
      objectMode: true,
      highWaterMark: 2,
      read: () => this.#wake(),
      destroy: (error, done) => {
        this.#wake()
        done(error)
      },
    })
  }

  /** Hands a batch on. `false`: wait for `room()` before the next one (it was taken all the same). */
  push(batch: Batch): boolean {
    if (this.stream.destroyed || this.stream.readableEnded) return true
    this.#full = !this.stream.push(batch)
    return !this.#full
  }

  /** Resolves when another batch may be pushed, or when nobody will ever read again. */
  async room(): Promise<void> {
    while (this.#full && !this.stream.destroyed)
      await new Promise<void>((resolve) => this.#wanted.push(resolve))
  }

  /** Nothing more comes; the stream ends when what was pushed has been read. */
  end(): void {
    if (!this.stream.destroyed) this.stream.push(null)
  }

  #wake(): void {
    this.#full = false
    for (const resolve of this.#wanted.splice(0)) resolve()
  }
}
