/** What the entries of one push owe: it is answered when all of them have ended, and by how the worst of them did. */
import type { Ack } from '../flow/ack.ts'
import type { Ledger } from '../flow/ledger.ts'
import { DELIVERED, worse, type Outcome } from '../flow/outcome.ts'

export class PushAck implements Ack {
  /** The client can push again, but logstream can't ask it to after a restart. */
  readonly replayable = false
  /** Resolves with the worst outcome. */
  readonly settled: Promise<Outcome>
  readonly #ledger: Ledger
  readonly #onEnd: (outcome: Outcome) => void
  #pending: number
  #worst: Outcome = DELIVERED
  #resolve: (worst: Outcome) => void = () => {}

  /** `onEnd` sees the outcome of each unit. */
  constructor(ledger: Ledger, units: number, onEnd: (outcome: Outcome) => void = () => {}) {
    this.#ledger = ledger
    this.#pending = units
    this.#onEnd = onEnd
    this.settled = new Promise((resolve) => (this.#resolve = resolve))
    ledger.units(units)
    if (units === 0) this.#resolve(DELIVERED)
  }

  settle(outcome: Outcome): void {
    if (this.#pending === 0) throw new Error('broken invariant: a unit was settled twice')
    this.#ledger.end(outcome, 1)
    this.#onEnd(outcome)
    this.#worst = worse(this.#worst, outcome)
    if (--this.#pending === 0) this.#resolve(this.#worst)
  }
}
