/**
 * Acknowledgements: what an entry owes to the source that read it. Every entry holds one; what ends the entry (a
 * drop, a sink, a spool) settles it exactly once. Entries don't get a closure each: all of a batch share its
 * `SourceAck`.
 */
import type { Ledger } from './ledger.ts'
import { DELIVERED, worse, type Outcome } from './outcome.ts'

/** What one entry owes its source. What ends the entry settles it, exactly once. */
export interface Ack {
  /** Whether the source can hold back and read again after a restart (a file can, a socket cannot). */
  readonly replayable: boolean
  /** Ends one part of what is owed. */
  settle(outcome: Outcome): void
  /** Ends `parts` of it at once; left out where an entry owes all of it. */
  settleMany?(outcome: Outcome, parts: number): void
  /** Told that others owe it from here on: parts of the entry, or one that it was merged into. */
  passedOn?(): void
}

/** For entries that no source waits for: those of tests, and of library users who write plain entries. */
export const NO_ACK: Ack = { replayable: false, settle: () => {} }

/** What a source learns when all units of a batch have ended. */
export interface AckOwner {
  readonly ledger: Ledger
  readonly replayable: boolean
  settled(ack: SourceAck): void
}

/** The acknowledgement of one batch as its source made it: `units` entries, one unit each. */
export class SourceAck implements Ack {
  readonly replayable: boolean
  readonly #owner: AckOwner
  #pending: number
  /** What entries of several units owe, by how many. */
  #several: (SeveralUnits | undefined)[] | undefined

  constructor(owner: AckOwner, units: number) {
    this.#owner = owner
    this.#pending = units
    this.replayable = owner.replayable
  }

  get done(): boolean {
    return this.#pending === 0
  }

  settle(outcome: Outcome): void {
    this.settleMany(outcome, 1)
  }

  settleMany(outcome: Outcome, units: number): void {
    if (this.#pending < units) throw new Error('broken invariant: a unit was settled twice')
    this.#pending -= units
    this.#owner.ledger.end(outcome, units, this.replayable)
    if (this.#pending === 0) this.#owner.settled(this)
  }

  /** Returns what one more entry of `units` units owes. */
  several(units: number): Ack {
    this.#several ??= []
    return (this.#several[units] ??= new SeveralUnits(this, units)).forOneMore()
  }
}

/** What an entry made of several units of one batch owes. Entries of as many units share it, or each would keep an object until it is delivered. */
class SeveralUnits implements Ack {
  readonly replayable: boolean
  readonly batch: SourceAck
  readonly #units: number
  #pending = 0

  constructor(batch: SourceAck, units: number) {
    this.batch = batch
    this.#units = units
    this.replayable = batch.replayable
  }

  forOneMore(): this {
    this.#pending++
    return this
  }

  settle(outcome: Outcome): void {
    this.settleMany(outcome, 1)
  }

  settleMany(outcome: Outcome, entries: number): void {
    // The batch has other units, which a second time would end.
    if (this.#pending < entries) throw new Error('broken invariant: a merged entry was settled twice')
    this.#pending -= entries
    this.batch.settleMany(outcome, entries * this.#units)
  }
}

/** One unit in several parts (fan-out, split_json): it ends when the last part does, as the worst of them. */
class SharedAck implements Ack {
  readonly replayable = false
  readonly whole: Ack
  #pending: number
  #worst: Outcome = DELIVERED

  constructor(whole: Ack, parts: number) {
    this.whole = whole
    this.#pending = parts
  }

  settle(outcome: Outcome): void {
    if (this.#pending === 0) throw new Error('broken invariant: a part was settled twice')
    this.#worst = worse(this.#worst, outcome)
    if (--this.#pending === 0) this.whole.settle(this.#worst)
  }
}

/** Several units in one entry (multiline, cri): all end as it does. */
class MergedAck implements Ack {
  readonly replayable: boolean
  readonly #acks: readonly Ack[]
  #settled = false

  constructor(acks: readonly Ack[]) {
    this.#acks = acks
    this.replayable = acks.every((ack) => ack.replayable)
  }

  get first(): Ack {
    return this.#acks[0]!
  }

  settle(outcome: Outcome): void {
    // The units lie in batches that others settle too, so a second time would end theirs.
    if (this.#settled) throw new Error('broken invariant: a merged entry was settled twice')
    this.#settled = true
    for (const ack of this.#acks) ack.settle(outcome)
  }
}

/** Returns the acknowledgement that the source made for the entry's unit; for a merged entry, for the first of them. */
export function unitOf(ack: Ack): Ack {
  if (ack instanceof SharedAck) return unitOf(ack.whole)
  if (ack instanceof SeveralUnits) return ack.batch
  return ack instanceof MergedAck ? unitOf(ack.first) : ack
}

/** Ends `parts` of what is owed. */
export function settleMany(ack: Ack, outcome: Outcome, parts: number): void {
  if (ack.settleMany !== undefined) ack.settleMany(outcome, parts)
  else for (let i = 0; i < parts; i++) ack.settle(outcome)
}

/**
 * Splits what is owed over `parts` entries, each of which must be settled once. A shared unit counts as not
 * replayable: one dead branch must not hold back the others, so its part goes to the spool instead.
 */
export function shareAck(ack: Ack, parts: number): Ack {
  if (parts === 1 || ack === NO_ACK) return ack
  ack.passedOn?.()
  return new SharedAck(ack, parts)
}

/** Joins what several entries owe into one acknowledgement for all of them. The list is kept, not copied. */
export function mergeAcks(acks: readonly Ack[]): Ack {
  const [first] = acks as [Ack]
  if (acks.length === 1) return first
  if (first instanceof SourceAck && acks.every((ack) => ack === first)) return first.several(acks.length)
  for (const ack of acks) ack.passedOn?.()
  return new MergedAck(acks)
}
