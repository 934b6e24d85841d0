/** Warnings about what comes in: one a minute of each kind, so that a broken sender can't fill the log. */
import type { Clock } from '../flow/clock.ts'
import type { LogFields, Logger } from '../telemetry/log.ts'

const INTERVAL_MS = 60_000
const MAX_KINDS = 1000

interface Kind {
  since: number
  suppressed: number
}

export class Warnings {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #kinds = new Map<string, Kind>()

  constructor(log: Logger, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Logs it, unless `kind` was logged within the last minute; the next one then says how many were suppressed. */
  warn(kind: string, message: string, fields: LogFields = {}): void {
    const now = this.#clock.now()
    const known = this.#kinds.get(kind)
    if (known !== undefined && now - known.since < INTERVAL_MS) {
      known.suppressed++
      return
    }
    if (known === undefined && this.#kinds.size >= MAX_KINDS) this.#kinds.clear()
    this.#kinds.set(kind, { since: now, suppressed: 0 })
    const suppressed = known !== undefined && known.suppressed > 0 ? known.suppressed : undefined
    this.#log.warn(message, { ...fields, suppressed })
  }
}
