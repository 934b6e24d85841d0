/** Watches whether commits succeed, and heals the store when they don't: it isn't ready until it can write again. */
import type { Clock, Timer } from '../flow/clock.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'

export interface Trouble {
  readonly message: string
  /** Milliseconds since 1970. */
  readonly since: number
}

/** What can fail, and be tried again. */
export interface Healing {
  readonly failure: Error | undefined
  heal(): Promise<void>
}

/** Between two looks at the writer, and between two attempts. */
const CHECK_MS = 1000

export class StoreHealth {
  readonly #writer: Healing
  readonly #clock: Clock
  readonly #log: Logger
  #timer: Timer
  #since: number | undefined
  #closed = false

  constructor(writer: Healing, clock: Clock, log: Logger) {
    this.#writer = writer
    this.#clock = clock
    this.#log = log
    this.#timer = this.#plan()
  }

  get trouble(): Trouble | undefined {
    const { failure } = this.#writer
    if (failure === undefined) return undefined
    return { message: messageOf(failure), since: (this.#since ??= this.#clock.now()) }
  }

  close(): void {
    this.#closed = true
    this.#timer.cancel()
  }

  #plan(): Timer {
    return this.#clock.after(CHECK_MS, () => {
      void this.#check().then(() => {
        if (!this.#closed) this.#timer = this.#plan()
      })
    })
  }

  async #check(): Promise<void> {
    const first = this.#since === undefined
    const { trouble } = this
    if (trouble !== undefined) {
      if (first) this.#log.error('the store cannot take entries', { error: trouble.message })
      // On a full disk this works, since it writes little; the next look tells whether what waited was taken, too.
      return await this.#writer.heal().catch(() => undefined)
    }
    if (this.#since === undefined) return
    this.#log.info('the store takes entries again', { seconds: (this.#clock.now() - this.#since) / 1000 })
    this.#since = undefined
  }
}
