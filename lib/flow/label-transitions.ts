/**
 * The label sets that bytes led to: what `stage.labels` makes of a set and some values, found again by comparing bytes,
 * without a string of any value.
 */
import type { Columns } from './columns.ts'
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
  readonly #from = emptySlots<LabelSet>()
  readonly #to = emptySlots<LabelSet>()
  readonly #values = emptySlots<Uint8Array>()
  /** For which columns the index of `#to` is known, and the index. */
  readonly #serials = new Float64Array(SLOTS)
  readonly #indexes = new Int32Array(SLOTS)
  /** The values of a row as bytes, each with its end. */
  readonly #key = new Uint8Array(LONGEST)
  #length = 0

  /** `change` says which set `labels` become with the values of `readers`; `undefined` for one that is nil or missing. */
  constructor(
    readers: readonly ValueReader[],
    change: (labels: LabelSet, values: readonly (string | undefined)[]) => LabelSet,
  ) {
    this.#readers = readers
    this.#change = change
  }

  /** Changes the labels of all rows. */
  apply(columns: Columns): void {
    const { rows, count, bytes, sets } = columns
    if (this.#generation !== labelGeneration()) this.#forget()
    for (const reader of this.#readers) reader.begin(columns)
    const set = columns.writableSet()
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const from = sets[set[row]!]!
      const hash = this.#readKey(row, bytes, from.id)
      const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
      if (this.#length < 0 || !this.#isKnown(slot, from)) {
        const to = this.#change(
          from,
          this.#readers.map((reader) => reader.text(row)),
        )
        set[row] = to === from ? set[row]! : sets.push(to) - 1
        if (this.#length >= 0) this.#keep(slot, from, to, columns.serial, set[row]!)
        continue
      }
      if (this.#serials[slot] !== columns.serial) {
        this.#serials[slot] = columns.serial
        this.#indexes[slot] = sets.push(this.#to[slot]!) - 1
      }
      set[row] = this.#indexes[slot]!
    }
  }

  // Puts the values of a row into `#key` and returns their hash. A length of -1: they don't lie in the bytes, or are long.
  #readKey(row: number, bytes: Buffer, seed: number): number {
    const key = this.#key
    let hash = seed
    let length = 0
    for (let i = 0; i < this.#readers.length; i++) {
      const reader = this.#readers[i]!
      if (reader.inBytes(row)) {
        const { from, to } = reader
        if (length + to - from + 2 > LONGEST) {
          this.#length = -1
          return 0
        }
        for (let k = from; k < to; k++) {
          const byte = bytes[k]!
          key[length++] = byte
          hash = Math.imul(hash ^ byte, 16777619)
        }
      } else if (reader.text(row) === undefined) key[length++] = MISSING
      else {
        this.#length = -1
        return 0
      }
      key[length++] = END
      hash = Math.imul(hash ^ END, 16777619)
    }
    this.#length = length
    return hash
  }

  #isKnown(slot: number, from: LabelSet): boolean {
    const values = this.#values[slot]
    if (this.#from[slot] !== from || values === undefined || values.length !== this.#length) return false
    for (let i = 0; i < values.length; i++) if (values[i] !== this.#key[i]) return false
    return true
  }

  #keep(slot: number, from: LabelSet, to: LabelSet, serial: number, index: number): void {
    this.#from[slot] = from
    this.#to[slot] = to
    this.#values[slot] = this.#key.slice(0, this.#length)
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

function emptySlots<T>(): (T | undefined)[] {
  return Array.from({ length: SLOTS }, () => undefined)
}
