/**
 * Values that one stage has extracted from many lines, as places in their bytes: no string exists until one is
 * asked for.
 */
import type { ColumnMemory } from './column-memory.ts'
import type { ExtractedValue, Shape } from './extracted.ts'

/** In place of a value's start: this stage hasn't extracted it, though an earlier one may have. */
export const ABSENT = -(2 ** 31)

/** In place of a value's start: the row doesn't have this value, whatever an earlier stage has extracted. */
export const DELETED_CELL = ABSENT + 1

/** Starts of strings with escapes are counted down from here. */
const ESCAPED_FROM = -(2 ** 30)

/** Makes strings of places in the bytes that the cells are about. */
export interface Slicer {
  slice(from: number, to: number): string
}

/**
 * One row of cells for each line, one cell for each name of the shape. A cell is two numbers:
 * - `from <= to`: a string, the bytes from `from` to `to`
 * - `to < 0`: a number, written as Go writes it, in the bytes from `from` to `~to`
 * - `from < 0`: `others[~from]`, or nothing if it is `ABSENT` or `DELETED_CELL`; but see `setEscaped`
 */
export class Cells {
  readonly shape: Shape
  /** Numbers per row. */
  readonly width: number
  /** Those of rows that aren't filled mean nothing. */
  readonly spans: Int32Array
  /** 1 for rows that have cells. */
  readonly filled: Uint8Array
  readonly others: ExtractedValue[] = []

  constructor(shape: Shape, rows: number, memory: ColumnMemory) {
    this.shape = shape
    this.width = 2 * shape.names.length
    this.spans = memory.ints(rows * this.width)
    this.filled = memory.flags(rows)
  }

  /** Sets the cell of a name by its place in the shape to any value; `undefined`: the row doesn't have it. */
  set(row: number, place: number, value: ExtractedValue | undefined): void {
    this.spans[row * this.width + 2 * place] = value === undefined ? ABSENT : this.shared(value)
  }

  /** What stands for a value in the cells of as many rows as hold it. */
  shared(value: ExtractedValue): number {
    return ~(this.others.push(value) - 1)
  }

  /** Sets a cell so that the row no longer has the value. */
  delete(row: number, place: number): void {
    this.spans[row * this.width + 2 * place] = DELETED_CELL
  }

  /** Sets a cell to the string that lies from `from` to `to`. */
  setSpan(row: number, place: number, from: number, to: number): void {
    const at = row * this.width + 2 * place
    this.spans[at] = from
    this.spans[at + 1] = to
  }

  /** Sets a cell to the number that is written from `from` to `to`, as Go writes it. */
  setNumber(row: number, place: number, from: number, to: number): void {
    this.setSpan(row, place, from, ~to)
  }

  /** Sets a cell to the JSON string whose quotes enclose [from, to), for escapes are undone only for those who ask. */
  setEscaped(row: number, place: number, from: number, to: number): void {
    this.setSpan(row, place, ESCAPED_FROM - from, to)
  }

  /** The value of a cell whose span, at `at` in `spans`, begins below zero and isn't absent. */
  other(at: number, text: Slicer): ExtractedValue {
    const from = this.spans[at]!
    if (from > ESCAPED_FROM) return this.others[~from]!
    return JSON.parse(text.slice(ESCAPED_FROM - from - 1, this.spans[at + 1]! + 1)) as string
  }

  /** Fills a row with values in the order of the shape. */
  fill(row: number, values: readonly (ExtractedValue | undefined)[]): void {
    for (let place = 0; place < values.length; place++) this.set(row, place, values[place])
    this.filled[row] = 1
  }
}
