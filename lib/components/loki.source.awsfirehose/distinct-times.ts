/** Times of entries, in milliseconds as the sender gave them, so that Loki doesn't take two equal lines for one. */
import type { Instant } from '../../go/rfc3339.ts'

/**
 * The second of two equal lines of one time gets a nanosecond more, and so on: Loki keeps equal lines of one time only
 * once. A request that is repeated gets the same times again. Equal times are expected to follow each other.
 */
export class DistinctTimes {
  readonly #lines = new Map<string, number>()
  #ms: number | undefined

  of(ms: number, line: string): Instant {
    if (ms !== this.#ms) this.#lines.clear()
    this.#ms = ms
    const before = this.#lines.get(line) ?? 0
    this.#lines.set(line, before + 1)
    const seconds = Math.floor(ms / 1000)
    return { seconds, nanos: (ms - seconds * 1000) * 1e6 + before }
  }
}
