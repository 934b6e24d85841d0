/** Reads one extracted value row after row, without making strings of those that lie in the bytes of the lines. */
import { ABSENT, Cells, DELETED_CELL } from './cells.ts'
import { emptyColumn, type Columns } from './columns.ts'
import { textOf, type ExtractedValue } from './extracted.ts'

/** Where a value was found. */
const NOWHERE = 0
const IN_BYTES = 1
const IN_LABELS = 2
const IN_OTHERS = 3

/** What a label set says to a test. */
const UNASKED = 0
const UNKNOWN = 1
const YES = 2
const NO = 3

export class ValueReader {
  readonly name: string
  /** The bytes of the value that `inBytes` has found. */
  from = 0
  to = 0
  #columns: Columns | undefined
  // The layers that may hold the value, the newest first: cells with the place of its name, or labels.
  readonly #cells: (Cells | undefined)[] = []
  readonly #places: number[] = []
  readonly #labels: Int32Array[] = []
  // The newest of them, if it is cells: mostly they hold the value.
  #filled: Uint8Array = NO_FLAGS
  #spans: Int32Array = NO_NUMBERS
  #width = 0
  #place = 0
  /** What the label sets say, by their index; null: nothing. Filled as rows ask. */
  #known: (string | null | undefined)[] = []
  /** The value that was found, where it isn't in the bytes. */
  #value: ExtractedValue = null
  #isNumber = false

  constructor(name: string) {
    this.name = name
  }

  /** Turns to other columns, as they are now: layers and label sets that come later are not seen. */
  begin(columns: Columns): this {
    this.#columns = columns
    this.#cells.length = this.#places.length = this.#labels.length = 0
    const { layers } = columns
    for (let i = layers.length - 1; i >= 0; i--) {
      const layer = layers[i]!
      const place = layer instanceof Cells ? layer.shape.index.get(this.name) : 0
      if (place === undefined) continue
      this.#cells.push(layer instanceof Cells ? layer : undefined)
      this.#labels.push(layer instanceof Cells ? NO_NUMBERS : layer)
      this.#places.push(2 * place)
    }
    const newest = this.#cells[0]
    this.#filled = newest?.filled ?? NO_FLAGS
    this.#spans = newest?.spans ?? NO_NUMBERS
    this.#width = newest?.width ?? 0
    this.#place = this.#places[0] ?? 0
    this.#known = emptyColumn(columns.sets.length)
    return this
  }

  /** Whether the value, as text, lies in the bytes: then `from` and `to` say where. Otherwise ask `get` or `text`. */
  inBytes(row: number): boolean {
    if (this.#filled[row] === 1) {
      const at = row * this.#width + this.#place
      const from = this.#spans[at]!
      const to = this.#spans[at + 1]!
      // Anything else than a string is rare.
      if (from >= 0 && to >= 0) {
        this.from = from
        this.to = to
        this.#isNumber = false
        return true
      }
    }
    return this.#find(row) === IN_BYTES
  }

  /** Whether there is a value, nil included. */
  has(row: number): boolean {
    return this.#find(row) !== NOWHERE
  }

  /**
   * Whether there is a value, or with `text` whether it is that, for row after row. Where labels hold it, each set is asked
   * once.
   */
  test(text?: string): (row: number) => boolean {
    const wanted = text === undefined ? undefined : Buffer.from(text)
    const general = (row: number): boolean =>
      wanted === undefined ? this.has(row) : this.is(row, text!, wanted)
    const [cells] = this.#cells
    const [layer] = this.#labels
    if (cells !== undefined || layer === undefined) return general
    const { sets } = this.#columns!
    const verdicts = new Uint8Array(sets.length)
    return (row) => {
      const set = layer[row]!
      if (set < 0) return general(row)
      if (verdicts[set] === UNASKED) {
        const value = sets[set]!.get(this.name)
        verdicts[set] = value === undefined ? UNKNOWN : text === undefined || value === text ? YES : NO
      }
      return verdicts[set] === UNKNOWN ? general(row) : verdicts[set] === YES
    }
  }

  /** Whether the value is the given text, whose UTF-8 is `wanted`. */
  is(row: number, text: string, wanted: Uint8Array): boolean {
    const where = this.#find(row)
    if (where !== IN_BYTES) return where !== NOWHERE && textOf(this.#value) === text
    const { from, to } = this
    if (to - from !== wanted.length) return false
    const { bytes } = this.#columns!
    for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false
    return true
  }

  /** The value, as `Extracted` gives it. */
  get(row: number): ExtractedValue | undefined {
    const where = this.#find(row)
    if (where === NOWHERE) return undefined
    if (where !== IN_BYTES) return this.#value
    const text = this.#columns!.slice(this.from, this.to)
    return this.#isNumber ? Number(text) : text
  }

  /** The value as text; `undefined` for nil and where there is none. */
  text(row: number): string | undefined {
    const where = this.#find(row)
    if (where === NOWHERE) return undefined
    // A number too is there as Go writes it.
    return where === IN_BYTES ? this.#columns!.slice(this.from, this.to) : textOf(this.#value)
  }

  #find(row: number): number {
    const layers = this.#cells
    for (let i = 0; i < layers.length; i++) {
      const cells = layers[i]
      if (cells === undefined) {
        const set = this.#labels[i]![row]!
        if (set < 0) continue
        const value = this.#known[set] === undefined ? this.#look(set) : this.#known[set]
        if (value === null) continue
        this.#value = value
        return IN_LABELS
      }
      if (cells.filled[row] !== 1) continue
      const at = row * cells.width + this.#places[i]!
      const from = cells.spans[at]!
      if (from >= 0) {
        const to = cells.spans[at + 1]!
        this.from = from
        this.to = to < 0 ? ~to : to
        this.#isNumber = to < 0
        return IN_BYTES
      }
      if (from === ABSENT) continue
      if (from === DELETED_CELL) return NOWHERE
      this.#value = cells.other(at, this.#columns!)
      return IN_OTHERS
    }
    return NOWHERE
  }

  #look(set: number): string | null {
    return (this.#known[set] = this.#columns!.sets[set]!.get(this.name) ?? null)
  }
}

const NO_NUMBERS = new Int32Array(0)
const NO_FLAGS = new Uint8Array(0)
