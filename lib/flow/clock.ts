/** Time as components see it: one object, so that tests can pass in another. */

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
 * How far timestamps may be ahead of the clock. A step of NTP stays below and keeps the order of lines; a clock that
 * was hours ahead must not go on deciding what lines get once it is right again, since Loki refuses times more than
 * 10 minutes ahead (its `creation_grace_period`).
 */
export const MAX_AHEAD_MS = 10_000

/**
 * Timestamps for lines as they are read: strictly increasing by at least one nanosecond, since Loki stores two
 * equal lines with one timestamp only once. They step back only with a clock that is set back by more than
 * `MAX_AHEAD_MS`. The clock is read once per `refresh()`, as reading it for every line would cost more than cutting
 * the line.
 */
export class Stamps {
  seconds = 0
  nanos = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    this.refresh()
  }

  /** Moves to the present, unless that is a small step back. */
  refresh(): void {
    const now = this.#clock.now()
    const seconds = Math.floor(now / 1000)
    // `| 0` as floor: a small integer to V8 from the start, whatever it compiles this to.
    const nanos = ((now - seconds * 1000) * 1e6) | 0
    const back = seconds < this.seconds || (seconds === this.seconds && nanos <= this.nanos)
    if (back && this.seconds * 1000 + this.nanos / 1e6 - now <= MAX_AHEAD_MS) return
    this.seconds = seconds
    this.nanos = nanos
  }

  /** Adds one nanosecond; read `seconds` and `nanos` afterwards. */
  next(): void {
    if (++this.nanos < 1_000_000_000) return
    this.nanos = 0
    this.seconds++
  }
}
