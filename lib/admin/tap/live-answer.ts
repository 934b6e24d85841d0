/** A response that streams until the client leaves. A client that reads too slowly misses messages; nothing waits for it. */
import type { ServerResponse } from 'node:http'

/** Bytes buffered for one client: room for a few hundred messages, since they come in bursts. */
const MOST_BYTES = 1024 * 1024

export class LiveAnswer {
  readonly #response: ServerResponse
  readonly #ends: (() => void)[] = []
  #skipped = 0

  constructor(response: ServerResponse, type: string) {
    this.#response = response
    response.writeHead(200, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
    })
    response.flushHeaders()
    response.once('close', () => {
      for (const end of this.#ends) end()
    })
  }

  /** Messages that weren't written. */
  get skipped(): number {
    return this.#skipped
  }

  /** Writes a message unless the buffer is full. Returns whether it was written. */
  write(text: string): boolean {
    const { destroyed, writableLength } = this.#response
    if (destroyed || writableLength > MOST_BYTES) {
      this.#skipped++
      return false
    }
    this.#response.write(text)
    return true
  }

  /** Calls `run` again and again until the client has left. */
  every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms)
    timer.unref()
    this.onEnd(() => clearInterval(timer))
  }

  /** Calls `end` when the client has left. */
  onEnd(end: () => void): void {
    this.#ends.push(end)
  }
}
