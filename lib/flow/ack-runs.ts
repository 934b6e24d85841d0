/**
 * Acknowledgements in order, equal neighbours counted: entries of one source batch mostly stay together, so a batch of
 * ten thousand entries owes a few dozen runs, and settling it takes as many calls.
 */
import { NO_ACK, settleMany, type Ack } from './ack.ts'
import type { Outcome } from './outcome.ts'

/** Longer arrays aren't kept. */
const MOST_KEPT = 1024

export class AckRuns {
  // With a label of many values each stream of a push has runs of its own, most of one entry: an array that grows by `push`
  // would begin with room for 17.
  #acks: Ack[] = [NO_ACK]
  #counts = [0]
  /** How many of the elements are in use. */
  #runs = 0
  #size = 0

  /** The runs of `acks`, one entry each. */
  static of(acks: Iterable<Ack>): AckRuns {
    const runs = new AckRuns()
    for (const ack of acks) runs.push(ack)
    return runs
  }

  /** How many entries owe. */
  get size(): number {
    return this.#size
  }

  /** Adds what `count` more entries owe. */
  push(ack: Ack, count = 1): void {
    const runs = this.#runs
    if (runs > 0 && this.#acks[runs - 1] === ack) this.#counts[runs - 1]! += count
    else {
      this.#acks[runs] = ack
      this.#counts[runs] = count
      this.#runs++
    }
    this.#size += count
  }

  append(runs: AckRuns): void {
    for (let i = 0; i < runs.#runs; i++) this.push(runs.#acks[i]!, runs.#counts[i]!)
  }

  /** Makes it empty. Its arrays stay for later runs, unless they are long. */
  clear(): void {
    if (this.#runs > MOST_KEPT) {
      this.#acks = [NO_ACK]
      this.#counts = [0]
    } else this.#acks.fill(NO_ACK, 0, this.#runs)
    this.#runs = this.#size = 0
  }

  /** One for each entry, in order. */
  toArray(): Ack[] {
    const all: Ack[] = []
    for (let i = 0; i < this.#runs; i++) for (let k = 0; k < this.#counts[i]!; k++) all.push(this.#acks[i]!)
    return all
  }

  /** Ends what all of them owe. */
  settle(outcome: Outcome): void {
    for (let i = 0; i < this.#runs; i++) settleMany(this.#acks[i]!, outcome, this.#counts[i]!)
  }
}
