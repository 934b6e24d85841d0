/** How long a log is followed over one connection, so that one that has silently died is noticed. */
import type { Clock, Timer } from '../../flow/clock.ts'

/** Alloy opens logs anew after an hour; here after 45 to 60 minutes, so that they don't all come at once. */
const LONGEST_MS = 3_600_000

export class Session {
  readonly signal: AbortSignal
  readonly #over = new AbortController()
  readonly #timer: Timer

  constructor(clock: Clock, stopped: AbortSignal) {
    this.signal = AbortSignal.any([stopped, this.#over.signal])
    this.#timer = clock.after(LONGEST_MS * (0.75 + Math.random() / 4), () => this.#over.abort())
  }

  /** Closes the connection. */
  end(): void {
    this.#timer.cancel()
    this.#over.abort()
  }
}
