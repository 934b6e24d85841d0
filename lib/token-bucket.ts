/** A token bucket, as golang.org/x/time/rate has it: starts full, refills continuously, never above `burst`. */

export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #at = -Infinity

  /** `rate` is tokens a second. */
  constructor(rate: number, burst: number) {
    this.#perMs = rate / 1000
    this.#burst = burst
    this.#tokens = burst
  }

  /** Takes a token if there is one. `now` in milliseconds; a clock that goes back adds nothing. */
  take(now: number): boolean {
    this.#refill(now)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Milliseconds until there is a token. */
  wait(now: number): number {
    this.#refill(now)
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMs
  }

  #refill(now: number): void {
    if (now > this.#at && this.#at !== -Infinity)
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
  }
}
