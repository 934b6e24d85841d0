/** Reads one extracted value row after row, without making strings of those that lie in the bytes of the lines. */
import { cellValue } from './cell-values.ts'
import { ABSENT, Cells } from './cells.ts'
import type { Columns } from './columns.ts'
import { textOf, type ExtractedValue } from './extracted.ts'

const NOT_LOOKED = Symbol('not looked')

type Known = string | undefined | typeof NOT_LOOKED

export class ValueReader {
  readonly name: string
  /** The bytes of the value that `inBytes` has found. */
  from = 0
  to = 0
  #columns: Columns | undefined
  // The layers that may hold the value, the newest first: cells with the place of its name, or labels.
  #cells: (Cells | undefined)[] = []
  #places: number[] = []
  #labels: Int32Array[] = []
  /** What the label sets say, by their index. */
  #known: Known[] = []

  constructor(name: string) {
    this.name = name
  }

  /** Turns to other columns, as they are now: layers and label sets that come later are not seen. */
  begin(columns: Columns): this {
    this.#columns = columns
    this.#cells = []
    this.#places = []
    this.#labels = []
    for (const layer of columns.layers.toReversed()) {
      const place = layer instanceof Cells ? layer.shape.index.get(this.name) : 0
      if (place === undefined) continue
      this.#cells.push(layer instanceof Cells ? layer : undefined)
      this.#labels.push(layer instanceof Cells ? NO_LABELS : layer)
      this.#places.push(2 * place)
    }
    this.#known = Array.from({ length: columns.sets.length }, () => NOT_LOOKED)
    return this
  }

  /** Whether the value, as text, lies in the bytes: then `from` and `to` say where. Otherwise ask `get` or `text`. */
  inBytes(row: number): boolean {
    const at = this.#find(row)
    if (at < 0 || this.#cells[at] === undefined) return false
    const { spans, width } = this.#cells[at]
    const cell = row * width + this.#places[at]!
    const from = spans[cell]!
    if (from < 0) return false
    const to = spans[cell + 1]!
    this.from = from
    this.to = to < 0 ? ~to : to
    return true
  }

  /** Whether there is a value, nil included. */
  has(row: number): boolean {
    return this.#find(row) >= 0
  }

  /** The value, as `Extracted` gives it. */
  get(row: number): ExtractedValue | undefined {
    const at = this.#find(row)
    if (at < 0) return undefined
    const cells = this.#cells[at]
    if (cells === undefined) return this.#labelValue(this.#labels[at]![row]!)
    return cellValue(cells, row, this.#places[at]! / 2, this.#columns!)
  }

  /** The value as text; `undefined` for nil and where there is none. */
  text(row: number): string | undefined {
    return textOf(this.get(row))
  }

  // Returns which layer holds the row's value; -1: none.
  #find(row: number): number {
    for (let i = 0; i < this.#cells.length; i++) {
      const cells = this.#cells[i]
      if (cells === undefined) {
        const set = this.#labels[i]![row]!
        if (set >= 0 && this.#labelValue(set) !== undefined) return i
      } else if (cells.filled[row] === 1 && cells.spans[row * cells.width + this.#places[i]!] !== ABSENT)
        return i
    }
    return -1
  }

  #labelValue(set: number): string | undefined {
    let value = this.#known[set]
    if (value === NOT_LOOKED) this.#known[set] = value = this.#columns!.sets[set]!.get(this.name)
    return value
  }
}

const NO_LABELS = new Int32Array(0)
