/** An answer without an end, written while a client listens. A client that reads too slowly misses something; nothing waits for it. */
import type { ServerResponse } from 'node:http'

/** What may wait for a client: some hundred messages, which may well come at once. */
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

  /** Texts that were left out. */
  get skipped(): number {
    return this.#skipped
  }

  /** Writes a text, unless too much waits for the client already. Returns whether it was written. */
  write(text: string): boolean {
    const { destroyed, writableLength } = this.#response
    if (destroyed || writableLength > MOST_BYTES) {
      this.#skipped++
      return false
    }
    this.#response.write(text)
    return true
  }

  /** Calls `run` again and again until the client is gone. */
  every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms)
    timer.unref()
    this.onEnd(() => clearInterval(timer))
  }

  /** Calls `end` when the client is gone. */
  onEnd(end: () => void): void {
    this.#ends.push(end)
  }
}
