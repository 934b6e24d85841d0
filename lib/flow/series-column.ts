/** The series of many rows: each label set is looked up once, however many rows have it. */
import { emptyColumn, type Columns } from './columns.ts'
import type { Series, SeriesTable } from './series.ts'

export class SeriesColumn {
  readonly #table: SeriesTable
  readonly #columns: Columns
  readonly #now: number
  readonly #known: (Series | undefined)[]

  /** `now` in Unix seconds. */
  constructor(table: SeriesTable, columns: Columns, now: number) {
    this.#table = table
    this.#columns = columns
    this.#now = now
    this.#known = emptyColumn(columns.sets.length)
  }

  /** As `SeriesTable.touch` for the row's labels. */
  touch(row: number): Series {
    const set = this.#columns.set[row]!
    const known = this.#known[set]
    if (known !== undefined) return known
    const series = this.#table.touch(this.#columns.sets[set]!, this.#now)
    // Every update that is left out counts.
    if (!this.#table.refuses(series)) this.#known[set] = series
    return series
  }
}
