/**
 * The label sets that bytes led to: what `stage.labels` makes of a set and some values, found again by comparing bytes,
 * without a string of any value.
 */
import { emptyColumn, type Columns } from './columns.ts'
import { labelGeneration, type LabelSet } from './labels.ts'
import type { ValueReader } from './value-reader.ts'

/** Powers of two. Half full, the table is made larger, or begun anew: as many sets are forgotten by then. */
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
  #epoch = 0
  #slots = new Slots(FIRST_SLOTS)
  /** The keys of all slots, one after the other: an object for each would take more time and memory. */
  #words = new Int32Array(FIRST_WORDS)
  #used = 0
  /**
   * The values of a row, each as its length and then its bytes, four in a word and zeros in what is left of the last one. How
   * many words that is; -1: some value doesn't lie in the bytes, or they are long. No key is the beginning of another one.
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
    // The table has 32 bits for it: those of earlier columns must not come again.
    const serial = columns.serial | 0
    const epoch = Math.floor(columns.serial / 2 ** 32)
    // Old sets that are kept by identity would live for ever.
    if (this.#generation !== labelGeneration() || this.#epoch !== epoch) this.#forget(this.#slots.count)
    this.#epoch = epoch
    for (const reader of this.#readers) reader.begin(columns)
    const set = columns.writableSet()
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const from = sets[set[row]!]!
      const hash = this.#readValues(row, view, end, from.id)
      const slot = this.#length < 0 ? -1 : this.#find(hash, from.id)
      if (slot < 0) {
        const to = this.#change(
          from,
          this.#readers.map((reader) => reader.text(row)),
        )
        set[row] = to === from ? set[row]! : sets.push(to) - 1
        if (this.#length >= 0) this.#keep(hash, from, to, serial, set[row]!)
        continue
      }
      const { fields, to } = this.#slots
      const at = slot * FIELDS
      if (fields[at + SERIAL] !== serial) {
        fields[at + SERIAL] = serial
        fields[at + INDEX] = sets.push(to[slot]!) - 1
      }
      set[row] = fields[at + INDEX]!
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
    const last = mixed(mixed(hash, at), at)
    return last === EMPTY ? 1 : last
  }

  #notInBytes(): number {
    this.#length = -1
    return 0
  }

  // The slot of the row's key; -1: none.
  #find(hash: number, from: number): number {
    const { hashes, mask } = this.#slots
    for (let slot = home(hash) & mask; hashes[slot] !== EMPTY; slot = (slot + 1) & mask)
      if (hashes[slot] === hash && this.#isKnown(slot, from)) return slot
    return -1
  }

  #isKnown(slot: number, from: number): boolean {
    const { fields } = this.#slots
    if (fields[slot * FIELDS + FROM] !== (from | 0)) return false
    const known = this.#words
    const at = fields[slot * FIELDS + OFFSET]!
    const key = this.#key
    const length = this.#length
    for (let i = 0; i < length; i++) if (known[at + i] !== key[i]) return false
    return true
  }

  #keep(hash: number, from: LabelSet, to: LabelSet, serial: number, index: number): void {
    this.#makeRoom()
    const slots = this.#slots
    const slot = slots.take(hash, to)
    const at = slot * FIELDS
    slots.fields[at + FROM] = from.id
    slots.fields[at + OFFSET] = this.#used
    slots.fields[at + SERIAL] = serial
    slots.fields[at + INDEX] = index
    for (let i = 0; i < this.#length; i++) this.#words[this.#used++] = this.#key[i]!
  }

  // For one more slot and its key.
  #makeRoom(): void {
    const { count, taken } = this.#slots
    if (taken >= count / 2) {
      if (count === MOST_SLOTS) return this.#forget(count)
      this.#slots = this.#slots.larger()
    }
    if (this.#used + this.#length <= this.#words.length) return
    if (this.#words.length >= MOST_WORDS) return this.#forget(this.#slots.count)
    const larger = new Int32Array(2 * this.#words.length)
    larger.set(this.#words)
    this.#words = larger
  }

  #forget(slots: number): void {
    this.#generation = labelGeneration()
    this.#slots = new Slots(slots)
    this.#used = 0
  }
}

/** In place of a hash. */
const EMPTY = 0
/** Numbers of a slot, side by side: the processor's caches hold little of a large table. */
const FIELDS = 4
/** The id of the set that it leads from, and where the key lies. */
const FROM = 0
const OFFSET = 1
/** For which columns the index of the set that it leads to is known, and the index. */
const SERIAL = 2
const INDEX = 3

/** The table: open addressing, nothing is ever taken out. */
class Slots {
  readonly count: number
  readonly mask: number
  /** Apart from the rest, so that most slots that aren't the right one cost nothing. */
  readonly hashes: Int32Array
  readonly fields: Int32Array
  readonly to: (LabelSet | undefined)[]
  taken = 0

  constructor(count: number) {
    this.count = count
    this.mask = count - 1
    this.hashes = new Int32Array(count)
    this.fields = new Int32Array(count * FIELDS)
    this.to = emptyColumn<LabelSet>(count)
  }

  /** Returns a new slot, whose fields the caller writes. */
  take(hash: number, to: LabelSet): number {
    let slot = home(hash) & this.mask
    while (this.hashes[slot] !== EMPTY) slot = (slot + 1) & this.mask
    this.hashes[slot] = hash
    this.to[slot] = to
    this.taken++
    return slot
  }

  /** Returns a table with twice the slots and the same contents. */
  larger(): Slots {
    const slots = new Slots(2 * this.count)
    for (let i = 0; i < this.count; i++) {
      if (this.hashes[i] === EMPTY) continue
      const slot = slots.take(this.hashes[i]!, this.to[i]!)
      slots.fields.set(this.fields.subarray(i * FIELDS, (i + 1) * FIELDS), slot * FIELDS)
    }
    return slots
  }
}

function home(hash: number): number {
  return hash ^ (hash >>> 15)
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
