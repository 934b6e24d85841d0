/** A batch: the chunk of every object-mode Node stream here. One entry a chunk would cost three times the CPU. */
import { NO_ACK, shareAck } from './ack.ts'
import { Columns } from './columns.ts'
import { Entry } from './entry.ts'
import type { LabelSet } from './labels.ts'

/** A source ends a batch at either of these (one longer line still is a batch). */
export const MAX_BATCH_ENTRIES = 2048
export const MAX_BATCH_BYTES = 1024 * 1024

/**
 * Entries on their way to one owner, as objects or as the rows of columns. The consumer that takes a batch owns its
 * entries and changes them in place, so a batch that several Node streams take (a library user who pipes one stage into
 * two) is cloned for each.
 */
export class Batch {
  /** Entries are made of columns when they are asked for. */
  #content: Entry[] | Columns
  readonly size: number
  /** What clones are made of: the entries, until a consumer may have changed them. */
  #pristine: readonly Entry[] | undefined
  #isHandedOver = false
  /** How many of the takers that were said have not come yet; `undefined` before the first one. */
  #left: number | undefined

  constructor(content: Entry[] | Columns) {
    this.#content = content
    this.size = content instanceof Columns ? content.count : content.length
  }

  /**
   * Says that nothing but the next taker will look at it, as it is between components. A library user's own streams may
   * keep a batch that they pass on.
   */
  handOver(): this {
    this.#isHandedOver = true
    return this
  }

  /** Whether the taker may give the memory of its columns to others. */
  get isHandedOver(): boolean {
    return this.#isHandedOver
  }

  /**
   * The entries, for the caller to keep and change. `takers` is how many Node streams take this same batch; with
   * more than one each gets clones that share the acknowledgements, so a unit ends when its last branch has. One
   * more taker than was said gets clones that owe nothing.
   */
  take(takers = 1): Entry[] {
    if (takers <= 1 && this.#left === undefined) {
      this.#left = 0
      return this.#entries()
    }
    if (this.#left === undefined) {
      this.#left = takers
      this.#pristine = this.#entries().map((entry) => entry.clone(shareAck(entry.ack, takers)))
    }
    const owed = this.#left > 0
    if (owed) this.#left--
    return (this.#pristine ?? this.#entries()).map((entry) => entry.clone(owed ? entry.ack : NO_ACK))
  }

  /** As `take()` for a single taker that can work on columns: those, if the batch has them. */
  takeColumns(): Columns | undefined {
    if (this.#left !== undefined || !(this.#content instanceof Columns)) return undefined
    this.#left = 0
    return this.#content
  }

  /** Looks at the entries without taking them: counting, showing. They must not be kept or changed. */
  peek(): readonly Entry[] {
    return this.#entries()
  }

  /** As `peek()`, but the same entry objects are taken later. Turns columns into entries. */
  follow(): readonly Entry[] {
    return (this.#content = this.#entries())
  }

  /** Whether `test` holds for the labels of some entry. Asked once per label set, without making entries of columns. */
  some(test: (labels: LabelSet) => boolean): boolean {
    const content = this.#content
    if (!(content instanceof Columns)) {
      let last: LabelSet | undefined
      return content.some(({ labels }) => labels !== last && test((last = labels)))
    }
    const { rows, count, set } = content
    const holds = content.sets.map(test)
    if (!holds.includes(true)) return false
    for (let i = 0; i < count; i++) if (holds[set[rows[i]!]!]!) return true
    return false
  }

  #entries(): Entry[] {
    return this.#content instanceof Columns ? entriesOf(this.#content) : this.#content
  }
}

/** The rows of columns as entries, which see what the columns hold now. From here on those belong to them. */
export function entriesOf(columns: Columns): Entry[] {
  const { rows, count } = columns
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) entries.push(Entry.ofRow(columns, rows[i]!))
  return entries
}
