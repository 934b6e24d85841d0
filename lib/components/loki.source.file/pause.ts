/** The waiting of one reader: for the next poll or a nudge, and none of it once it ends. */
import type { Clock, Timer } from '../../flow/clock.ts'

export class Pause {
  readonly #clock: Clock
  readonly #min: number
  readonly #max: number
  readonly #gap: number
  #delay: number
  #nudged = false
  #ended = false
  #waiting = false
  #timer: Timer | undefined
  #resume: ((nudged: boolean) => void) | undefined

  /** Polls every `min` milliseconds, slower and slower up to `max` while nothing moves, never within `gap`. */
  constructor(clock: Clock, min: number, max: number, gap: number) {
    this.#clock = clock
    this.#gap = gap
    this.#min = Math.max(gap, min)
    this.#max = Math.max(this.#min, max)
    this.#delay = this.#min
  }

  /** Whether nothing waits any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** Resolves at the next poll, in `atLeast` milliseconds or more, or soon after a nudge: then with `true`. */
  wait(moved: boolean, atLeast = 0): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false)
    this.#delay = moved ? this.#min : Math.min(this.#delay * 2, this.#max)
    const nudged = this.#nudged
    this.#nudged = false
    this.#waiting = true
    const delay = nudged ? this.#gap : Math.max(this.#delay, atLeast)
    return new Promise<boolean>((resolve) => {
      this.#resume = resolve
      this.#timer = this.#clock.after(delay, () => this.#wake(nudged))
    })
  }

  nudge(): void {
    if (this.#nudged) return
    this.#nudged = true
    if (!this.#waiting) return
    this.#nudged = false
    this.#timer?.cancel()
    this.#timer = this.#clock.after(this.#gap, () => this.#wake(true))
    this.#waiting = false
  }

  end(): void {
    this.#ended = true
    this.#wake(false)
  }

  #wake(nudged: boolean): void {
    this.#waiting = false
    this.#timer?.cancel()
    this.#resume?.(nudged)
  }
}
