/** Time as components see it: one object, so that tests can stand in another. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds of wall time, as `Date.now()`. */
  now(): number
  /** Calls `run` once after `ms` milliseconds. A timer alone does not keep the process alive. */
  after(ms: number, run: () => void): Timer
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.max(0, ms))
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

/**
 * Timestamps for lines as they are read: strictly increasing by at least one nanosecond, since Loki stores two
 * equal lines with one timestamp only once. `next()` moves on; the clock is asked once per `refresh()`, for a
 * line's own call would cost more than cutting the line.
 */
export class Stamps {
  seconds = 0
  nanos = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.refresh()
  }

  /** Moves to the present unless that would be a step back. */
  refresh(): void {
    const now = this.#clock.now()
    const seconds = Math.floor(now / 1000)
    const nanos = Math.floor((now - seconds * 1000) * 1e6)
    if (seconds < this.seconds || (seconds === this.seconds && nanos <= this.nanos)) return
    this.seconds = seconds
    this.nanos = nanos
  }

  /** Moves one nanosecond on; read `seconds` and `nanos` afterwards. */
  next(): void {
    if (++this.nanos < 1_000_000_000) return
    this.nanos = 0
    this.seconds++
  }
}
