/**
 * The label sets that bytes led to: what `stage.labels` makes of a set and some values, found again by comparing bytes,
 * without a string of any value.
 */
import { emptyColumn, type Columns } from './columns.ts'
import { labelGeneration, type LabelSet } from './labels.ts'
import type { ValueReader } from './value-reader.ts'

/**
 * A power of two: there are two places for each, and what no longer fits is worked out again. When half as many have been
 * worked out, there are four times as many: a label of 50,000 values gets all of them before its values come again.
 */
const FIRST_SLOTS = 4096
const MOST_SLOTS = 128 * 1024
/** Words of all keys. Full, they are begun anew. */
const FIRST_WORDS = 16 * 1024
const MOST_WORDS = 2 * 1024 * 1024
/** Words that the values of a row may take together: longer ones are seldom seen again. */
const LONGEST = 128
/** In place of the length of a value that isn't there. */
const MISSING = -1

export class LabelTransitions {
  readonly #readers: readonly ValueReader[]
  readonly #change: (labels: LabelSet, values: readonly (string | undefined)[]) => LabelSet
  #generation = labelGeneration()
  #slots = new Slots(FIRST_SLOTS)
  #missed = 0
  /** The keys of all slots, one after the other: an object for each would take more time and memory. */
  #words = new Int32Array(FIRST_WORDS)
  #used = 0
  /**
   * The values of a row, each as its length and then its bytes, four in a word and zeros in what is left of the last one. How
   * many words that is; -1: some value doesn't lie in the bytes, or they are long.
   */
  readonly #key = new Int32Array(LONGEST)
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
    const { rows, count, view, sets } = columns
    // V8 doesn't inline `view.byteLength`.
    const end = columns.bytes.length
    // Old sets that are kept by identity would live for ever.
    if (this.#generation !== labelGeneration()) this.#forget(this.#slots.count)
    for (const reader of this.#readers) reader.begin(columns)
    const set = columns.writableSet()
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const from = sets[set[row]!]!
      const hash = this.#readValues(row, view, end, from.id)
      const slot = this.#length < 0 ? -1 : this.#find(hash, from)
      if (slot < 0) {
        const to = this.#change(
          from,
          this.#readers.map((reader) => reader.text(row)),
        )
        set[row] = to === from ? set[row]! : sets.push(to) - 1
        if (this.#length >= 0) this.#keep(hash, from, to, columns.serial, set[row]!)
        continue
      }
      const { serials, indexes, to } = this.#slots
      if (serials[slot] !== columns.serial) {
        serials[slot] = columns.serial
        indexes[slot] = sets.push(to[slot]!) - 1
      }
      set[row] = indexes[slot]!
    }
  }

  // Finds the values of a row and returns their hash.
  #readValues(row: number, view: DataView, end: number, seed: number): number {
    const readers = this.#readers
    const key = this.#key
    let hash = seed
    let at = 0
    for (let i = 0; i < readers.length; i++) {
      const reader = readers[i]!
      let size = MISSING
      if (reader.inBytes(row)) size = reader.to - reader.from
      else if (reader.text(row) !== undefined) return this.#notInBytes()
      // A word for the length, and one that is begun.
      if (at + 2 + (size >> 2) > LONGEST) return this.#notInBytes()
      key[at++] = size
      hash = mixed(hash, size)
      let k = reader.from
      for (let left = size; left > 0; left -= 4, k += 4) {
        const word = left >= 4 ? view.getInt32(k, true) : lastWord(view, k, left, end)
        key[at++] = word
        hash = mixed(hash, word)
      }
    }
    this.#length = at
    // Twice more, or the end of the last value would hardly count.
    return mixed(mixed(hash, at), at)
  }

  #notInBytes(): number {
    this.#length = -1
    return 0
  }

  // The slot of the row's key; -1: none.
  #find(hash: number, from: LabelSet): number {
    const home = this.#slots.home(hash)
    if (this.#isKnown(home, from)) return home
    return this.#isKnown(home ^ 1, from) ? home ^ 1 : -1
  }

  #isKnown(slot: number, from: LabelSet): boolean {
    const slots = this.#slots
    const length = this.#length
    if (slots.from[slot] !== from || slots.lengths[slot] !== length) return false
    const known = this.#words
    const at = slots.offsets[slot]!
    const key = this.#key
    for (let i = 0; i < length; i++) if (known[at + i] !== key[i]) return false
    return true
  }

  #keep(hash: number, from: LabelSet, to: LabelSet, serial: number, index: number): void {
    this.#makeRoom()
    const slots = this.#slots
    const home = slots.home(hash)
    const slot = slots.from[home] !== undefined && slots.from[home ^ 1] === undefined ? home ^ 1 : home
    slots.from[slot] = from
    slots.to[slot] = to
    slots.offsets[slot] = this.#used
    slots.lengths[slot] = this.#length
    slots.serials[slot] = serial
    slots.indexes[slot] = index
    for (let i = 0; i < this.#length; i++) this.#words[this.#used++] = this.#key[i]!
  }

  // For one more slot and its key.
  #makeRoom(): void {
    const { count } = this.#slots
    if (++this.#missed > count / 2 && count < MOST_SLOTS) return this.#forget(4 * count)
    if (this.#used + this.#length <= this.#words.length) return
    if (this.#words.length >= MOST_WORDS) return this.#forget(count)
    const larger = new Int32Array(2 * this.#words.length)
    larger.set(this.#words)
    this.#words = larger
  }

  #forget(slots: number): void {
    this.#generation = labelGeneration()
    this.#slots = new Slots(slots)
    this.#used = 0
    this.#missed = 0
  }
}

/** The columns of the table. */
class Slots {
  readonly count: number
  readonly from: (LabelSet | undefined)[]
  readonly to: (LabelSet | undefined)[]
  /** Where the key lies. */
  readonly offsets: Int32Array
  readonly lengths: Int32Array
  /** For which columns the index of `to` is known, and the index. */
  readonly serials: Float64Array
  readonly indexes: Int32Array

  constructor(count: number) {
    this.count = count
    this.from = emptyColumn<LabelSet>(count)
    this.to = emptyColumn<LabelSet>(count)
    this.offsets = new Int32Array(count)
    this.lengths = new Int32Array(count)
    this.serials = new Float64Array(count)
    this.indexes = new Int32Array(count)
  }

  home(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.count - 1)
  }
}

// One to three bytes as a word. Mostly others follow, so that four can be read.
function lastWord(view: DataView, at: number, size: number, end: number): number {
  if (at + 4 <= end) return view.getInt32(at, true) & (-1 >>> (32 - 8 * size))
  let word = 0
  for (let i = 0; i < size; i++) word |= view.getUint8(at + i) << (8 * i)
  return word
}

function mixed(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x2c1b3c6d)
  return product ^ (product >>> 15)
}
