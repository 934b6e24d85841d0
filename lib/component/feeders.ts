/** The streams that are piped into another one, which may not be the only one to take what they emit. */
import type { Readable, Writable } from 'node:stream'

export class Feeders {
  readonly #streams = new Set<Readable>()

  /** Keeps track of what is piped into `stream`. */
  constructor(stream: Writable) {
    stream.on('pipe', (source: Readable) => this.#streams.add(source))
    stream.on('unpipe', (source: Readable) => this.#streams.delete(source))
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#streams.size > 0
  }

  /** How many Node streams take what comes in: with more than one, each must get clones. */
  get takers(): number {
    let most = 1
    for (const stream of this.#streams) most = Math.max(most, stream.listenerCount('data'))
    return most
  }
}
