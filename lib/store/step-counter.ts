/**
 * Counts rows by stream and step as they come out of the database. Rows of a stream come together and in the order of time,
 * so this takes half the time of DuckDB's GROUP BY.
 */
import type { Columns } from './columns.ts'

/** Spans of so many nanoseconds, 104 days, can be counted: times in them are exact as numbers. */
export const LONGEST_SPAN = 2n ** 53n

/** How many rows of a stream lie in a step. */
export interface StreamStep {
  readonly id: number
  readonly index: number
  entries: number
  /** The time of the first one, in nanoseconds from the start of step 0. */
  first: number
}

export class StepCounter {
  readonly #begin: Uint32Array
  readonly #step: number
  readonly #wanted: ReadonlySet<number> | undefined
  readonly #found = new Map<number, Map<number, StreamStep>>()

  /** Step 0 begins after `begin`; `step` is its length in nanoseconds. Rows of other streams than `wanted` are left out. */
  constructor(begin: bigint, step: bigint, wanted: ReadonlySet<number> | undefined) {
    this.#begin = new Uint32Array(BigInt64Array.of(begin).buffer)
    this.#step = Number(step)
    this.#wanted = wanted
  }

  /** Adds rows with the columns `stream_id` and `ts`. */
  add(columns: Columns): void {
    const ids = columns.integers(0)
    const words = columns.words(1)
    const [low = 0, high = 0] = this.#begin
    const step = this.#step
    let id = -1
    let isWanted = false
    let end = 0
    let current: StreamStep | undefined
    for (let i = 0; i < ids.length; i++) {
      const time = ((words[2 * i + 1]! | 0) - (high | 0)) * 2 ** 32 + (words[2 * i]! - low)
      if (ids[i] !== id) {
        id = ids[i]!
        isWanted = this.#wanted?.has(id) !== false
        current = undefined
      }
      if (!isWanted) continue
      if (current === undefined || time > end || time <= end - step) {
        const index = Math.ceil(time / step) - 1
        end = (index + 1) * step
        current = this.#of(id, index, time)
      }
      current.entries++
      if (time < current.first) current.first = time
    }
  }

  #of(id: number, index: number, first: number): StreamStep {
    let ofStream = this.#found.get(id)
    if (ofStream === undefined) this.#found.set(id, (ofStream = new Map()))
    let found = ofStream.get(index)
    if (found === undefined) ofStream.set(index, (found = { id, index, entries: 0, first }))
    return found
  }

  /** What was counted, in the order of the first rows. */
  all(): StreamStep[] {
    const all = [...this.#found.values()].flatMap((ofStream) => [...ofStream.values()])
    return all.sort((a, b) => a.first - b.first || a.id - b.id)
  }
}
