/**
 * How a source unit (one line or message that was read) can end. Outcomes are interned, so that counting one
 * is a field increment and comparing two is a number comparison.
 */

/** The states a unit can end in, from best to worst. */
export type UnitState = 'delivered' | 'spooled' | 'dropped' | 'dead_lettered'

/** One way to end. The parts of a unit may end differently; the unit ends as the part with the highest rank. */
export interface Outcome {
  readonly state: UnitState
  /** Why: a drop reason (`drop_stage`) or Loki's refusal; empty for delivered. */
  readonly reason: string
  readonly rank: number
  /** Dropped against the config's will: it could be neither delivered nor kept. */
  readonly lost?: boolean
}

/** The endpoint has accepted it. */
export const DELIVERED: Outcome = { state: 'delivered', reason: '', rank: 0 }

/** It is safe on disk in the spool and will be sent by a later try or the next start. */
export const SPOOLED: Outcome = { state: 'spooled', reason: '', rank: 1 }

const drops = new Map<string, Outcome>()
const deadLetters = new Map<string, Outcome>()
const losses = new Map<string, Outcome>()

/** Dropped on purpose, for a named reason. Equal reasons give the same object. */
export function dropped(reason: string): Outcome {
  return interned(drops, 'dropped', reason, 2)
}

/** Lost: a drop that no config asked for. Equal reasons give the same object. */
export function lost(reason: string): Outcome {
  return interned(losses, 'dropped', reason, 4, true)
}

/** Refused for good by the endpoint and kept in the dead letters. Equal reasons give the same object. */
export function deadLettered(reason: string): Outcome {
  return interned(deadLetters, 'dead_lettered', reason, 3)
}

/** The worse of two outcomes; the first when they are equally bad. */
export function worse(a: Outcome, b: Outcome): Outcome {
  return b.rank > a.rank ? b : a
}

function interned(
  table: Map<string, Outcome>,
  state: UnitState,
  reason: string,
  rank: number,
  isLost = false,
): Outcome {
  let outcome = table.get(reason)
  if (outcome === undefined) {
    outcome = isLost ? { state, reason, rank, lost: true } : { state, reason, rank }
    table.set(reason, outcome)
  }
  return outcome
}
