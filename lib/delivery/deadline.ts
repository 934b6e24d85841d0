/** How long an endpoint that is draining may still try: as long as it makes progress, and a little longer. */
import type { Clock, Timer } from '../flow/clock.ts'
import { LONGEST_RETRY_AFTER_MS } from './backoff.ts'

export interface DeadlineOptions {
  readonly clock: Clock
  /** Milliseconds without progress that an endpoint which had worked is given. */
  readonly patienceMs: number
  /** The same for one that fails already. */
  readonly patienceInTroubleMs: number
  /** Time is up. Called at most once. */
  readonly onPassed: () => void
}

/** How long a destination that only says "too much" may take nothing. */
const LONGEST_SLOWDOWN_MS = 60_000

export class Deadline {
  readonly #options: DeadlineOptions
  #draining = false
  #passed = false
  #at = Number.POSITIVE_INFINITY
  #limit = Number.POSITIVE_INFINITY
  #progressAt = 0
  #timer: Timer | undefined

  constructor(options: DeadlineOptions) {
    this.#options = options
  }

  /** No more tries. */
  get passed(): boolean {
    return this.#passed
  }

  /** Whether a limit was set from outside. */
  get limited(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY
  }

  /** Draining begins; it takes as long as it makes progress. */
  start(inTrouble: boolean): void {
    if (this.#passed) return
    this.#draining = true
    this.#progressAt = this.#options.clock.now()
    this.#allow(inTrouble ? this.#options.patienceInTroubleMs : this.#options.patienceMs)
  }

  /** At most `ms` are left; none for an endpoint in trouble. */
  limit(ms: number, inTrouble: boolean): void {
    this.#limit = this.#options.clock.now() + ms
    if (inTrouble) this.#pass()
    else this.#arm()
  }

  progress(): void {
    if (!this.#draining) return
    this.#progressAt = this.#options.clock.now()
    this.#allow(this.#options.patienceMs)
  }

  trouble(): void {
    if (this.limited) return this.#pass()
    const { clock, patienceInTroubleMs } = this.#options
    if (this.#draining) this.#at = Math.min(this.#at, clock.now() + patienceInTroubleMs)
    this.#arm()
  }

  /** The destination works, but wants less at once, after `retryAfterMs` if it said so: it gets time, up to a bound. */
  slowed(retryAfterMs = 0): void {
    if (!this.#draining) return
    const { clock, patienceMs } = this.#options
    const longest = retryAfterMs > 0 ? LONGEST_RETRY_AFTER_MS : LONGEST_SLOWDOWN_MS
    this.#at = Math.max(
      this.#at,
      Math.min(clock.now() + retryAfterMs, this.#progressAt + longest) + patienceMs,
    )
    this.#arm()
  }

  end(): void {
    this.#timer?.cancel()
  }

  #allow(ms: number): void {
    this.#at = this.#options.clock.now() + ms
    this.#arm()
  }

  #arm(): void {
    if (this.#passed) return
    const at = Math.min(this.#at, this.#limit)
    this.#timer?.cancel()
    if (at === Number.POSITIVE_INFINITY) return
    this.#timer = this.#options.clock.after(at - this.#options.clock.now(), () => this.#pass())
  }

  #pass(): void {
    if (this.#passed) return
    this.#passed = true
    this.#timer?.cancel()
    this.#options.onPassed()
  }
}
