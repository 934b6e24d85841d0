/**
 * Acknowledgements in order, equal neighbours counted: entries of one source batch mostly stay together, so a batch of
 * ten thousand entries owes a few dozen runs, and settling it takes as many calls.
 */
import { settleMany, type Ack } from './ack.ts'
import type { Outcome } from './outcome.ts'

// With a label of many values each stream of a push has runs of its own, most of one entry: an array that grows by
// `push` would begin with room for 17.
const NO_ACKS: Ack[] = []
const NO_COUNTS: number[] = []

export class AckRuns {
  #acks: Ack[] = NO_ACKS
  #counts: number[] = NO_COUNTS
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
    const last = this.#acks.length - 1
    if (last >= 0 && this.#acks[last] === ack) this.#counts[last]! += count
    else if (last < 0) {
      this.#acks = [ack]
      this.#counts = [count]
    } else {
      this.#acks.push(ack)
      this.#counts.push(count)
    }
    this.#size += count
  }

  append(runs: AckRuns): void {
    for (let i = 0; i < runs.#acks.length; i++) this.push(runs.#acks[i]!, runs.#counts[i]!)
  }

  /** One for each entry, in order. */
  toArray(): Ack[] {
    const all: Ack[] = []
    for (let i = 0; i < this.#acks.length; i++)
      for (let k = 0; k < this.#counts[i]!; k++) all.push(this.#acks[i]!)
    return all
  }

  /** Ends what all of them owe. */
  settle(outcome: Outcome): void {
    for (let i = 0; i < this.#acks.length; i++) settleMany(this.#acks[i]!, outcome, this.#counts[i]!)
  }
}
