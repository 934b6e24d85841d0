/**
 * The public account of every source unit: read = delivered + spooled + dropped{reason} + dead_lettered + in
 * flight. It counts units (lines or messages as they were read), not entries: a clone or a split part does not
 * count twice, a merged entry counts for all its lines.
 */
import type { Outcome, UnitState } from './outcome.ts'

/** One row of the account. */
export interface LedgerRow {
  readonly state: UnitState
  readonly reason: string
  readonly units: number
}

/**
 * What the equation of a run cannot hold, since it happened before or outside of it, and must not be silent either:
 * entries of an earlier run that were `adopted` from its spool, entries of a spool that were lost with a damaged file
 * (`torn`) or refused without room to keep them (`unsaved`), and bytes that a source `skipped` unread.
 */
export const LEDGER_NOTES = ['adopted', 'torn', 'unsaved', 'skipped'] as const
export type LedgerNote = (typeof LEDGER_NOTES)[number]
export type LedgerNotes = Readonly<Record<LedgerNote, number>>

/** Counts units as sources take them over and as they end; `inFlight` is what is between. */
export class Ledger {
  #read = 0
  #ended = 0
  #replayableInFlight = 0
  readonly #units = new Map<Outcome, number>()
  readonly #notes = new Map<LedgerNote, number>()

  /** Counts units that a source has taken over from the outside; `replayable`: it can read them again. */
  units(count: number, replayable = false): void {
    this.#read += count
    if (replayable) this.#replayableInFlight += count
  }

  /** Counts `count` units that have ended in `outcome`. */
  end(outcome: Outcome, count: number, replayable = false): void {
    this.#ended += count
    if (replayable) this.#replayableInFlight -= count
    this.#units.set(outcome, (this.#units.get(outcome) ?? 0) + count)
  }

  get read(): number {
    return this.#read
  }

  /** Units that were read and have not ended. */
  get inFlight(): number {
    return this.#read - this.#ended
  }

  /** Those of them that no source can read again: lost if the process ended now. */
  get inFlightOnce(): number {
    return this.inFlight - this.#replayableInFlight
  }

  /** How many units ended in a state, over all reasons. */
  total(state: UnitState): number {
    let sum = 0
    for (const [outcome, units] of this.#units) if (outcome.state === state) sum += units
    return sum
  }

  /** Units that were lost: they could be neither delivered nor kept. */
  get lost(): number {
    let sum = 0
    for (const [outcome, units] of this.#units) if (outcome.lost === true) sum += units
    return sum
  }

  /** All rows, one per state and reason seen so far. */
  rows(): LedgerRow[] {
    const rows = new Map<string, LedgerRow>()
    for (const [{ state, reason }, units] of this.#units) {
      const key = `${state} ${reason}`
      rows.set(key, { state, reason, units: units + (rows.get(key)?.units ?? 0) })
    }
    return [...rows.values()]
  }

  /** Adds to a note. */
  note(what: LedgerNote, count: number): void {
    if (count > 0) this.#notes.set(what, this.noted(what) + count)
  }

  noted(what: LedgerNote): number {
    return this.#notes.get(what) ?? 0
  }

  /** All notes. */
  notes(): LedgerNotes {
    return {
      adopted: this.noted('adopted'),
      torn: this.noted('torn'),
      unsaved: this.noted('unsaved'),
      skipped: this.noted('skipped'),
    }
  }
}
