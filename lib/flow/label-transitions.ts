/**
 * The label sets that bytes led to: what `stage.labels` makes of a set and some values, found again by comparing bytes,
 * without a string of any value.
 */
import { emptyColumn, type Columns } from './columns.ts'
import { labelGeneration, type LabelSet } from './labels.ts'
import type { ValueReader } from './value-reader.ts'

/** Direct-mapped, so a power of two: what no longer fits is worked out again. */
const SLOTS = 4096
/** Words that the values of a row may take together: longer ones are seldom seen again. */
const LONGEST = 128
/** In place of the length of a value that isn't there. */
const MISSING = -1

export class LabelTransitions {
  readonly #readers: readonly ValueReader[]
  readonly #change: (labels: LabelSet, values: readonly (string | undefined)[]) => LabelSet
  #generation = labelGeneration()
  readonly #from = emptyColumn<LabelSet>(SLOTS)
  readonly #to = emptyColumn<LabelSet>(SLOTS)
  readonly #keys = emptyColumn<Int32Array>(SLOTS)
  /** For which columns the index of `#to` is known, and the index. */
  readonly #serials = new Float64Array(SLOTS)
  readonly #indexes = new Int32Array(SLOTS)
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
    if (this.#generation !== labelGeneration()) this.#forget()
    for (const reader of this.#readers) reader.begin(columns)
    const set = columns.writableSet()
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const from = sets[set[row]!]!
      const hash = this.#readValues(row, view, end, from.id)
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

  #isKnown(slot: number, from: LabelSet): boolean {
    const known = this.#keys[slot]
    const length = this.#length
    if (this.#from[slot] !== from || known === undefined || known.length !== length) return false
    const key = this.#key
    for (let i = 0; i < length; i++) if (known[i] !== key[i]) return false
    return true
  }

  #keep(slot: number, from: LabelSet, to: LabelSet, serial: number, index: number): void {
    this.#from[slot] = from
    this.#to[slot] = to
    this.#keys[slot] = this.#key.slice(0, this.#length)
    this.#serials[slot] = serial
    this.#indexes[slot] = index
  }

  // The table of label sets has turned a generation: keeping old ones by identity would keep them alive for ever.
  #forget(): void {
    this.#generation = labelGeneration()
    this.#from.fill(undefined)
    this.#to.fill(undefined)
    this.#keys.fill(undefined)
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
