/** Tells the tails what has been stored, as soon as it's on disk, in the order in which it came. */
import type { LabelSet } from '../flow/labels.ts'

/** Rows of one commit, by columns; they must not be changed. */
export interface ArrivedRows {
  readonly streams: readonly { readonly id: number; readonly labels: LabelSet }[]
  /** Nanoseconds since 1970. */
  readonly times: readonly bigint[]
  readonly lines: readonly string[]
  /** As `metadataText` returns it. */
  readonly metadata: readonly string[]
  /** Rows that were stored before and aren't told. */
  readonly repeats: ReadonlySet<number>
}

export type ArrivalListener = (rows: ArrivedRows) => void

export class Arrivals {
  readonly #listeners = new Set<ArrivalListener>()

  /** Calls the listener for every commit until the returned function is called. */
  subscribe(listener: ArrivalListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Returns at once: the writer and the pushers wait for no listener. */
  publish(rows: ArrivedRows): void {
    if (this.#listeners.size === 0) return
    setImmediate(() => {
      for (const listener of this.#listeners) listener(rows)
    })
  }
}
