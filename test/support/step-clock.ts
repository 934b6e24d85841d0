/** The tests' clock: time moves only when a test advances it. */
import type { Clock, Timer } from '../../lib/flow/clock.ts'

interface Pending {
  readonly at: number
  readonly run: () => void
}

export class StepClock implements Clock {
  #now: number
  readonly #timers = new Set<Pending>()

  /** Starts at `now`, in milliseconds; by default at 2026-01-02T03:04:05Z. */
  constructor(now = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Timer {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves on by `ms` and runs what falls due on the way, each at its own time, also what those timers set. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = end
  }

  #next(end: number): Pending | undefined {
    let first: Pending | undefined
    for (const timer of this.#timers)
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
}
