/** The extracted values of one row after the other by their names, as `Extracted` has those of an entry. */
import type { Columns } from './columns.ts'
import type { ExtractedValue } from './extracted.ts'
import { ValueReader } from './value-reader.ts'

/** Names are mostly those in a template; more of them are computed by it. */
const MAX_READERS = 64

export class RowValues {
  row = 0
  #columns: Columns | undefined
  readonly #readers = new Map<string, ValueReader>()

  /** Turns to other columns, as they are now. */
  begin(columns: Columns): this {
    this.#columns = columns
    for (const reader of this.#readers.values()) reader.begin(columns)
    return this
  }

  get line(): string {
    return this.#columns!.line(this.row)
  }

  get(name: string): ExtractedValue | undefined {
    const known = this.#readers.get(name)
    if (known !== undefined) return known.get(this.row)
    const reader = new ValueReader(name).begin(this.#columns!)
    if (this.#readers.size < MAX_READERS) this.#readers.set(name, reader)
    return reader.get(this.row)
  }

  toMap(): Map<string, ExtractedValue> {
    return this.#columns!.extracted(this.row).toMap()
  }
}
