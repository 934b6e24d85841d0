/**
 * Many lines in one buffer, and a column for each thing that is known of them: where they lie, their label sets, their
 * times, the values extracted from them. Stages with a kernel and sinks work on these; for all others each row becomes
 * an `Entry`. An entry and its strings cost 1 µs, which is more than all else that happens to a usual line.
 */
import type { Ack } from './ack.ts'
import { ABSENT, Cells } from './cells.ts'
import { ColumnMemory } from './column-memory.ts'
import { copyText } from './copy-text.ts'
import { Extracted, type Shape } from './extracted.ts'
import type { LabelSet } from './labels.ts'
import { CellValues } from './cell-values.ts'

/** Name and value pairs, as an entry's structured metadata. */
type Pairs = readonly (readonly [string, string])[]

/** By row the label set whose labels are written over the extracted values, as an index into `sets`; -1: none. */
export type LabelLayer = Int32Array

/** What was extracted, the oldest first; a later layer wins. */
export type ColumnLayer = LabelLayer | Cells

/** The parts of new columns: one element per row in each, more than `size` is allowed. */
export interface ColumnParts {
  readonly size: number
  /** Valid UTF-8. */
  readonly bytes: Buffer
  /** How many of the bytes mean something; left out: all. */
  readonly used?: number
  readonly ascii: boolean
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly seconds: Float64Array
  readonly nanos: Int32Array
  readonly sets: LabelSet[]
  readonly set: Int32Array
  readonly metadata?: (Pairs | undefined)[]
  readonly ack: Ack
  /** What the arrays were taken from. */
  readonly memory?: ColumnMemory
}

let serials = 0

/** Strings of a batch that are made of the bytes: one of all of them would be 120 KB, often for a single value. */
const FEW_SLICES = 16

export class Columns {
  /** Tells these columns from all others, for what stages remember about them. */
  readonly serial = ++serials
  /** How many rows there were at the start. Row numbers stay below it. */
  readonly size: number
  /**
   * Valid UTF-8, with room at its end: the lines, and the values cut out of them, lie in it. What is there never changes, but
   * `setLine` and `append` add to it, and may replace it by a larger one that begins with the same.
   */
  bytes: Buffer
  view: DataView
  /** Whether what they began with is. */
  readonly #ascii: boolean
  /** The rows that a kernel works on are `rows[0]` to `rows[count - 1]`, rising. */
  rows: Int32Array
  count: number
  /** By row, where the line begins and ends in `bytes`. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** By row, as in `Entry`. */
  readonly seconds: Float64Array
  readonly nanos: Int32Array
  /** The label sets that occur. A set may be listed twice. */
  readonly sets: LabelSet[]
  /** By row, the structured metadata, unless it is in `metadataCells`; `undefined` while no row has any. */
  metadata: (Pairs | undefined)[] | undefined
  /** The structured metadata of rows where its values are strings in the bytes: each cell is such a span, or absent. */
  metadataCells: Cells | undefined
  /** Every row owes one part of it, but for those that `owe` was called for. */
  readonly #ack: Ack
  #acks: (Ack | undefined)[] | undefined
  readonly #memory: ColumnMemory
  /** Whether entries were made of rows: they may be kept for ever. */
  #isPinned = false
  #isReleased = false
  #set: Int32Array
  /** Whether a layer refers to `#set`, so that it must not change. */
  #setIsShared = true
  #layers: ColumnLayer[]
  /** The bytes that the columns began with, one character each, once more than a few strings of some are asked for. */
  #text: string | undefined
  #slices = 0
  readonly #began: number
  /** How many of the bytes mean something. */
  #used: number

  constructor(parts: ColumnParts) {
    const { size, bytes } = parts
    this.size = size
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.#used = this.#began = parts.used ?? bytes.length
    this.#ascii = parts.ascii
    this.starts = parts.starts
    this.ends = parts.ends
    this.seconds = parts.seconds
    this.nanos = parts.nanos
    this.sets = parts.sets
    this.metadata = parts.metadata
    this.#ack = parts.ack
    this.#memory = parts.memory ?? new ColumnMemory()
    this.#set = parts.set
    this.#layers = [parts.set]
    this.rows = firstRows(size)
    this.count = size
  }

  /** By row, the index of the label set in `sets`. Must not be changed: see `relabel`. */
  get set(): Int32Array {
    return this.#set
  }

  get layers(): readonly ColumnLayer[] {
    return this.#layers
  }

  labels(row: number): LabelSet {
    return this.sets[this.#set[row]!]!
  }

  /** By row, the index of the label set, to be changed. */
  writableSet(): Int32Array {
    if (this.#setIsShared) {
      const own = this.ints()
      own.set(this.#set.subarray(0, this.size))
      this.#set = own
      this.#setIsShared = false
    }
    return this.#set
  }

  /** An array with room for a number per row, of any value at first. It lives as long as the columns. */
  ints(): Int32Array {
    return this.#memory.ints(this.size)
  }

  /** Says that entries refer to these columns from here on. */
  pin(): void {
    if (this.#isReleased)
      throw new Error('broken invariant: an entry was made of columns that were given back')
    this.#isPinned = true
  }

  /** The rows have been copied by their last owner: unless entries refer to them, later columns get their memory. */
  release(): void {
    if (this.#isPinned || this.#isReleased) return
    this.#isReleased = true
    this.#memory.release()
  }

  /** Changes the labels of all rows; `change` is asked once for each set. */
  relabel(change: (labels: LabelSet) => LabelSet): void {
    const { sets, rows, count } = this
    const set = this.writableSet()
    const next = new Int32Array(sets.length).fill(-1)
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const from = set[row]!
      let to = next[from]!
      if (to < 0) {
        const labels = change(sets[from]!)
        next[from] = to = labels === sets[from] ? from : sets.push(labels) - 1
      }
      set[row] = to
    }
  }

  /** Forgets what was extracted: from here on it is the labels as they are. */
  resetExtracted(): void {
    this.#layers = [this.#set]
    this.#setIsShared = true
  }

  /** Writes the labels of all rows over their extracted values. */
  extractLabels(): void {
    const layer = this.ints().fill(-1)
    for (let i = 0; i < this.count; i++) layer[this.rows[i]!] = this.#set[this.rows[i]!]!
    this.#layers.push(layer)
  }

  /** A new layer of extracted values, empty in all rows. */
  addCells(shape: Shape): Cells {
    const cells = this.newCells(shape)
    this.addLayer(cells)
    return cells
  }

  /** Cells that aren't a layer yet. */
  newCells(shape: Shape): Cells {
    return new Cells(shape, this.size, this.#memory)
  }

  addLayer(cells: Cells): void {
    this.#layers.push(cells)
  }

  /** What was extracted from a row. Later changes of the columns don't show in it only if there are none. */
  extracted(row: number): Extracted {
    const [arrived] = this.#layers as [LabelLayer]
    const extracted = new Extracted(this.sets[arrived[row]!]!)
    for (let i = 1; i < this.#layers.length; i++) {
      const layer = this.#layers[i]!
      if (layer instanceof Cells) {
        if (layer.filled[row] === 1) extracted.setSource(new CellValues(layer, row, this))
      } else if (layer[row]! >= 0) extracted.setLabels(this.sets[layer[row]!]!)
    }
    return extracted
  }

  /** The structured metadata of a row; `undefined` if it has none. */
  metadataOf(row: number): Pairs | undefined {
    const { metadata, metadataCells: cells } = this
    const pairs = metadata?.[row]
    if (pairs !== undefined || cells?.filled[row] !== 1) return pairs
    const { spans, width, shape } = cells
    return shape.names.flatMap((name, i): Pairs => {
      const at = row * width + 2 * i
      return spans[at] === ABSENT ? [] : [[name, this.slice(spans[at]!, spans[at + 1]!)]]
    })
  }

  line(row: number): string {
    return this.slice(this.starts[row]!, this.ends[row]!)
  }

  /** The bytes from `from` to `to` as a string. */
  slice(from: number, to: number): string {
    if (to > this.#began || !(this.#ascii || this.#isAscii(from, to)))
      return this.bytes.toString('utf8', from, to)
    // One string for all, and slices of it, cost a third of one string each, where places in bytes are places in text.
    if (this.#text === undefined) {
      if (++this.#slices <= FEW_SLICES) return this.bytes.toString('latin1', from, to)
      this.#text = this.bytes.toString('latin1', 0, this.#began)
    }
    return this.#text.slice(from, to)
  }

  /** Sets the line of a row. A lone surrogate in it becomes U+FFFD, as it does when it is sent. */
  setLine(row: number, text: string): void {
    this.starts[row] = this.#used
    this.ends[row] = this.appendText(text)
  }

  /** Where the next bytes are added. */
  get end(): number {
    return this.#used
  }

  /** Adds a copy of the bytes from `from` to `to`. Returns where it ends, as all that add do. */
  append(from: number, to: number): number {
    this.#makeRoom(to - from)
    copyText(this, from, to, this.bytes, this.view, this.#used)
    return (this.#used += to - from)
  }

  appendBytes(utf8: Uint8Array): number {
    const size = utf8.length
    this.#makeRoom(size)
    const { bytes } = this
    for (let i = 0, at = this.#used; i < size; i++, at++) bytes[at] = utf8[i]!
    return (this.#used += size)
  }

  appendText(text: string): number {
    // A UTF-16 unit takes up to three bytes.
    this.#makeRoom(3 * text.length)
    return (this.#used += this.bytes.write(text, this.#used))
  }

  #makeRoom(size: number): void {
    const used = this.#used
    if (used + size <= this.bytes.length) return
    const larger = this.#memory.buffer(used + (used >> 1) + size)
    this.bytes.copy(larger, 0, 0, used)
    this.bytes = larger
    this.view = viewOf(larger)
  }

  #isAscii(from: number, to: number): boolean {
    const { bytes } = this
    for (let i = from; i < to; i++) if (bytes[i]! > 127) return false
    return true
  }

  /** What a row owes. */
  ackOf(row: number): Ack {
    return this.#acks?.[row] ?? this.#ack
  }

  /** Sets what a row owes, which what it has owed so far must be a part of. */
  owe(row: number, ack: Ack): void {
    this.#acks ??= emptyColumn(this.size)
    this.#acks[row] = ack
  }

  /** Leaves only the rows that `stays` holds for. What the others owe must be settled by then. */
  filter(stays: (row: number) => boolean): void {
    const { rows, count } = this
    const kept = this.ints()
    let n = 0
    for (let i = 0; i < count; i++) if (stays(rows[i]!)) kept[n++] = rows[i]!
    this.rows = kept
    this.count = n
  }

  /** Runs a kernel on some of the rows only: the first `count` of `picked`, which rise. */
  within(picked: Int32Array, count: number, kernel: () => void): void {
    const { rows: all, count: before } = this
    this.rows = picked
    this.count = count
    kernel()
    const { rows: left, count: after } = this
    this.rows = all
    this.count = before
    if (after === count) return
    let at = 0
    let next = 0
    this.filter((row) => {
      const isPicked = picked[at] === row
      if (isPicked) at++
      const stays = !isPicked || (next < after && left[next] === row)
      if (isPicked && stays) next++
      return stays
    })
  }
}

/** A column with nothing in its rows. `Array.from` looks each of them up in the object that says how many, which is 0.1 µs a row. */
export function emptyColumn<T>(rows: number): (T | undefined)[] {
  // oxlint-disable-next-line unicorn/no-new-array -- filled at once
  return new Array<T | undefined>(rows).fill(undefined)
}

let firsts = new Int32Array(0)

// `rows` is never changed in place, so all complete columns share one.
function firstRows(count: number): Int32Array {
  if (firsts.length < count) firsts = Int32Array.from({ length: Math.max(1024, count) }, (_, i) => i)
  return firsts
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
