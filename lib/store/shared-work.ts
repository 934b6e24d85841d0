/** What the stores of one process share, so that its memory doesn't grow with their number. */
import { Turns } from '../flow/turns.ts'
import { ByteBudget } from '../intake/byte-budget.ts'
import { RowMemory } from './row-memory.ts'

export interface SharedWork {
  /** Stores that there may be. */
  readonly stores: number
  readonly queries: Turns
  /** What queries read rows into. */
  readonly rows: RowMemory
  /** Sealing, and joining sealed files: each sorts as much as its memory allows. */
  readonly sealing: Turns
  /** Bytes of the pushes that are worked on. */
  readonly pushes: ByteBudget
}

/** Queries that run, and that wait for their turn. */
export const QUERY_TURNS = { running: 4, waiting: 100 }
/** Pushes that are worked on at the same time may hold so many times the largest one. */
const PUSHES = 3

export function sharedWork(stores: number, maxPushSize: number): SharedWork {
  return {
    stores,
    queries: new Turns(QUERY_TURNS),
    rows: new RowMemory(),
    sealing: new Turns({ running: 1 }),
    pushes: new ByteBudget(maxPushSize * PUSHES),
  }
}
