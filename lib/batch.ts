/** A batch: the chunk of every object-mode Node stream here. One entry a chunk would cost three times the CPU. */
import { shareAck } from './ack.ts'
import type { Entry } from './entry.ts'

/** A source ends a batch at either of these (one longer line still is a batch). */
export const MAX_BATCH_ENTRIES = 1024
export const MAX_BATCH_BYTES = 1024 * 1024

/**
 * Entries on their way to one owner. Whoever takes a batch owns its entries and changes them in place, so a
 * batch that several Node streams take (a library user who pipes one stage into two) is cloned for each.
 */
export class Batch {
  readonly #entries: Entry[]
  #taken = false
  #pristine: readonly Entry[] | undefined

  constructor(entries: Entry[]) {
    this.#entries = entries
  }

  get size(): number {
    return this.#entries.length
  }

  /**
   * The entries, for the caller to keep and change. `takers` is how many Node streams take this same batch; with
   * more than one each gets clones that share the acknowledgements, so a unit ends when its last branch has.
   */
  take(takers = 1): Entry[] {
    if (takers <= 1 && !this.#taken) {
      this.#taken = true
      return this.#entries
    }
    this.#taken = true
    this.#pristine ??= this.#entries.map((entry) => entry.clone(shareAck(entry.ack, takers)))
    return this.#pristine.map((entry) => entry.clone(entry.ack))
  }

  /** Looks at the entries without taking them: counting, showing. They must not be kept or changed. */
  peek(): readonly Entry[] {
    return this.#entries
  }
}
