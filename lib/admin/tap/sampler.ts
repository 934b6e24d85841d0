/** Samples entries, spread over each batch, up to a number per second. */
import type { Entry } from '../../flow/entry.ts'
import { TokenBucket } from '../../token-bucket.ts'

export class Sampler {
  readonly #bucket: TokenBucket
  readonly #random: () => number
  #seen = 0

  /** `random` (0 to 1) chooses where in a batch to start. */
  constructor(perSecond: number, random: () => number = Math.random) {
    this.#bucket = new TokenBucket(perSecond, perSecond)
    this.#random = random
  }

  /** Entries so far, picked or not. */
  get seen(): number {
    return this.#seen
  }

  /** `now` in milliseconds. */
  pick(entries: readonly Entry[], now: number): readonly Entry[] {
    this.#seen += entries.length
    let count = 0
    while (count < entries.length && this.#bucket.take(now)) count++
    if (count === entries.length) return entries
    const step = entries.length / count
    const start = this.#random()
    return Array.from({ length: count }, (_, i) => entries[Math.floor((i + start) * step)]!)
  }
}
