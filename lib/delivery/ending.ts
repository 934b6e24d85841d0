/** How long an endpoint that is to end may still try: while it gets on, and a little longer when it does not. */
import type { Clock, Timer } from '../flow/clock.ts'

export interface EndingOptions {
  readonly clock: Clock
  /** Milliseconds without any progress that an endpoint which had worked is given. */
  readonly patience: number
  /** The same for one that fails already. */
  readonly patienceInTrouble: number
  /** Time is up. Called at most once. */
  readonly leave: () => void
}

export class Ending {
  readonly #options: EndingOptions
  #begun = false
  #leaving = false
  #deadline = Number.POSITIVE_INFINITY
  #absolute = Number.POSITIVE_INFINITY
  #timer: Timer | undefined
  #alive: NodeJS.Timeout | undefined
  #wake: (() => void) | undefined

  constructor(options: EndingOptions) {
    this.#options = options
  }

  /** No more tries. */
  get leaving(): boolean {
    return this.#leaving
  }

  /** There is a deadline from outside. */
  get hurried(): boolean {
    return this.#absolute !== Number.POSITIVE_INFINITY
  }

  begin(inTrouble: boolean): void {
    if (this.#leaving) return
    this.#begun = true
    this.#alive = setInterval(() => {}, 60_000)
    this.#allow(inTrouble ? this.#options.patienceInTrouble : this.#options.patience)
  }

  hurry(deadlineMs: number, inTrouble: boolean): void {
    this.#absolute = this.#options.clock.now() + deadlineMs
    if (inTrouble) this.#leave()
    else this.#arm()
  }

  progress(): void {
    if (this.#begun) this.#allow(this.#options.patience)
  }

  trouble(): void {
    if (this.hurried) return this.#leave()
    const { clock, patienceInTrouble } = this.#options
    if (this.#begun) this.#deadline = Math.min(this.#deadline, clock.now() + patienceInTrouble)
    this.#arm()
  }

  /** Resolves at the next change of anything. */
  change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  changed(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  end(): void {
    this.#timer?.cancel()
    clearInterval(this.#alive)
  }

  #allow(ms: number): void {
    this.#deadline = this.#options.clock.now() + ms
    this.#arm()
  }

  #arm(): void {
    if (this.#leaving) return
    const at = Math.min(this.#deadline, this.#absolute)
    this.#timer?.cancel()
    if (at === Number.POSITIVE_INFINITY) return
    this.#timer = this.#options.clock.after(at - this.#options.clock.now(), () => this.#leave())
  }

  #leave(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#timer?.cancel()
    this.#options.leave()
    this.changed()
  }
}
