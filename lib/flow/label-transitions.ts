/**
 * The label sets that bytes led to: what `stage.labels` makes of a set and some values, found again by comparing bytes,
 * without a string of any value.
 */
import { emptyColumn, type Columns } from './columns.ts'
import { labelGeneration, type LabelSet } from './labels.ts'
import type { ValueReader } from './value-reader.ts'

/** Direct-mapped, so a power of two: what no longer fits is worked out again. */
const SLOTS = 4096
/** Longer values are seldom seen again. */
const LONGEST = 512
// Neither byte occurs in UTF-8: the end of a value, and a value that isn't there.
const END = 0xff
const MISSING = 0xfe

export class LabelTransitions {
  readonly #readers: readonly ValueReader[]
  readonly #change: (labels: LabelSet, values: readonly (string | undefined)[]) => LabelSet
  #generation = labelGeneration()
  readonly #from = emptyColumn<LabelSet>(SLOTS)
  readonly #to = emptyColumn<LabelSet>(SLOTS)
  readonly #values = emptyColumn<DataView>(SLOTS)
  /** For which columns the index of `#to` is known, and the index. */
  readonly #serials = new Float64Array(SLOTS)
  readonly #indexes = new Int32Array(SLOTS)
  /** Where the values of a row lie, two numbers each. */
  readonly #spans: Int32Array
  /** Bytes of the values of a row, each with its end; -1: they don't lie in the bytes, or are long. */
  #length = 0

  /** `change` says which set `labels` become with the values of `readers`; `undefined` for one that is nil or missing. */
  constructor(
    readers: readonly ValueReader[],
    change: (labels: LabelSet, values: readonly (string | undefined)[]) => LabelSet,
  ) {
    this.#readers = readers
    this.#spans = new Int32Array(2 * readers.length)
    this.#change = change
  }

  /** Changes the labels of all rows. */
  apply(columns: Columns): void {
    const { rows, count, view, sets } = columns
    if (this.#generation !== labelGeneration()) this.#forget()
    for (const reader of this.#readers) reader.begin(columns)
    const set = columns.writableSet()
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const from = sets[set[row]!]!
      const hash = this.#readValues(row, view, from.id)
      const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
      if (this.#length < 0 || !this.#isKnown(slot, from, view)) {
        const to = this.#change(
          from,
          this.#readers.map((reader) => reader.text(row)),
        )
        set[row] = to === from ? set[row]! : sets.push(to) - 1
        if (this.#length >= 0) this.#keep(slot, from, to, columns, set[row]!)
        continue
      }
      if (this.#serials[slot] !== columns.serial) {
        this.#serials[slot] = columns.serial
        this.#indexes[slot] = sets.push(this.#to[slot]!) - 1
      }
      set[row] = this.#indexes[slot]!
    }
  }

  // Finds the values of a row and returns their hash.
  #readValues(row: number, view: DataView, seed: number): number {
    const readers = this.#readers
    const spans = this.#spans
    let hash = seed
    let length = 0
    for (let i = 0; i < readers.length; i++) {
      const reader = readers[i]!
      if (reader.inBytes(row)) {
        const { from, to } = reader
        spans[2 * i] = from
        spans[2 * i + 1] = to
        length += to - from + 1
        if (length > LONGEST) return this.#notInBytes()
        let k = from
        for (; k + 4 <= to; k += 4) hash = mixed(hash, view.getInt32(k, true))
        for (; k < to; k++) hash = mixed(hash, view.getUint8(k))
        hash = mixed(hash, END)
      } else if (reader.text(row) === undefined) {
        spans[2 * i] = -1
        length++
        hash = mixed(hash, MISSING)
      } else return this.#notInBytes()
    }
    this.#length = length
    return hash
  }

  #notInBytes(): number {
    this.#length = -1
    return 0
  }

  #isKnown(slot: number, from: LabelSet, view: DataView): boolean {
    const values = this.#values[slot]
    if (this.#from[slot] !== from || values === undefined || values.byteLength !== this.#length) return false
    const spans = this.#spans
    let at = 0
    for (let i = 0; i < spans.length; i += 2) {
      let k = spans[i]!
      if (k < 0) {
        if (values.getUint8(at++) !== MISSING) return false
        continue
      }
      const end = spans[i + 1]!
      for (; k + 4 <= end; k += 4, at += 4) if (values.getInt32(at) !== view.getInt32(k)) return false
      for (; k < end; k++, at++) if (values.getUint8(at) !== view.getUint8(k)) return false
      if (values.getUint8(at++) !== END) return false
    }
    return true
  }

  #keep(slot: number, from: LabelSet, to: LabelSet, { serial, bytes }: Columns, index: number): void {
    const values = new Uint8Array(this.#length)
    let at = 0
    for (let i = 0; i < this.#spans.length; i += 2) {
      const start = this.#spans[i]!
      if (start >= 0) for (let k = start; k < this.#spans[i + 1]!; k++) values[at++] = bytes[k]!
      values[at++] = start < 0 ? MISSING : END
    }
    this.#from[slot] = from
    this.#to[slot] = to
    this.#values[slot] = new DataView(values.buffer)
    this.#serials[slot] = serial
    this.#indexes[slot] = index
  }

  // The table of label sets has turned a generation: keeping old ones by identity would keep them alive for ever.
  #forget(): void {
    this.#generation = labelGeneration()
    this.#from.fill(undefined)
    this.#to.fill(undefined)
    this.#values.fill(undefined)
  }
}

function mixed(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x2c1b3c6d)
  return product ^ (product >>> 15)
}
