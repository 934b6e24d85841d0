/**
 * Which streams of a sealed file have which sequences of four bytes without digits in their lines, so that a search reads
 * only the streams whose lines can match. Digits are left out since times and numbers have all of them. In an index, deflated:
 *
 *   bytes of the lists (uint32), lists (JSON: places of streams that may have any sequence, then of those that have the same
 *   sequences), hashes of sequences (uint16 each, ascending), and for each of them the number of its list (uint16 each)
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'

const BITS = 16
const SLOTS = 2 ** BITS
const SHIFT = 32 - BITS
const LENGTH = 4
/** Digits in ASCII. */
const ZERO = 0x30
const NINE = 0x39

/** A stream with more different sequences, as of random letters, may have any. */
const MOST_GRAMS = 8192
/** Each stream takes 8 KiB while a file is written, so files with more of them have nothing. */
const MOST_STREAMS = 1024
/** Places in all lists. */
const MOST_PLACES = 65_536
/** U+FDD0 in UTF-8, which references to long lines begin with: their text isn't here. */
const MARK = [0xef, 0xb7, 0x90] as const

/** The sequences of some texts, as bits. */
class GramSet {
  readonly #words = new Uint32Array(SLOTS / 32)
  #size = 0

  /** How many different ones there are. */
  get size(): number {
    return this.#size
  }

  /** Adds those of the text in `bytes` from `start` to `end`, in UTF-8. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const words = this.#words
    let gram = 0
    let length = 0
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      if (byte >= ZERO && byte <= NINE) {
        length = 0
        continue
      }
      gram = (gram << 8) | byte
      if (++length < LENGTH) continue
      const slot = Math.imul(gram, 0x9e3779b1) >>> SHIFT
      const bit = 1 << (slot & 31)
      if ((words[slot >>> 5]! & bit) !== 0) continue
      words[slot >>> 5]! |= bit
      this.#size++
    }
  }

  /** Their hashes, ascending. */
  *slots(): Generator<number> {
    for (const [i, word] of this.#words.entries())
      for (let rest = word, bit = 0; rest !== 0; rest >>>= 1, bit++) if ((rest & 1) !== 0) yield i * 32 + bit
  }
}

/** Collects them while the lines of a file are read. */
export class StreamGramsWriter {
  /** By the places of the streams; `undefined` where a stream may have any. */
  readonly #seen: (GramSet | undefined)[]

  /** For so many streams. */
  constructor(streams: number) {
    const few = streams > MOST_STREAMS ? 0 : streams
    this.#seen = Array.from({ length: few }, () => new GramSet())
  }

  /** Whether there is nothing to collect. */
  get isIdle(): boolean {
    return this.#seen.length === 0
  }

  /** Adds the line in `bytes` from `start` to `end`, in UTF-8, of the stream at that place in the index. */
  add(place: number, bytes: Uint8Array, start: number, end: number): void {
    const seen = this.#seen[place]
    if (seen === undefined) return
    if (MARK.every((byte, i) => bytes[start + i] === byte)) this.#seen[place] = undefined
    else seen.add(bytes, start, end)
    if (seen.size > MOST_GRAMS) this.#seen[place] = undefined
  }

  /** Empty where that would take too much. */
  bytes(): Uint8Array {
    const unknown: number[] = []
    const streams = new Map<number, number[]>()
    for (const [place, seen] of this.#seen.entries())
      if (seen === undefined) unknown.push(place)
      else
        for (const slot of seen.slots()) {
          const list = streams.get(slot)
          if (list === undefined) streams.set(slot, [place])
          else list.push(place)
        }
    const lists = [unknown]
    const numbers = new Map<string, number>()
    let places = 0
    const table = new Uint16Array(streams.size * 2)
    for (const [i, [slot, list]] of [...streams].sort(([a], [b]) => a - b).entries()) {
      const key = list.join()
      let number = numbers.get(key)
      if (number === undefined) {
        if ((places += list.length) > MOST_PLACES || lists.length > SLOTS - 1) return new Uint8Array()
        numbers.set(key, (number = lists.push(list) - 1))
      }
      table[i] = slot
      table[streams.size + i] = number
    }
    if (this.isIdle) return new Uint8Array()
    const json = Buffer.from(JSON.stringify(lists))
    const head = Buffer.alloc(4)
    head.writeUInt32LE(json.length)
    const words = Buffer.alloc(table.length * 2)
    for (const [i, each] of table.entries()) words.writeUInt16LE(each, 2 * i)
    return deflateRawSync(Buffer.concat([head, json, words]))
  }
}

/** What an index knows. */
export class StreamGrams {
  readonly #lists: readonly (readonly number[])[]
  readonly #slots: Uint16Array
  readonly #numbers: Uint16Array

  private constructor(lists: readonly (readonly number[])[], slots: Uint16Array, numbers: Uint16Array) {
    this.#lists = lists
    this.#slots = slots
    this.#numbers = numbers
  }

  /** From what a writer returned; `undefined` for nothing. */
  static of(deflated: Uint8Array): StreamGrams | undefined {
    if (deflated.length === 0) return undefined
    const bytes = inflateRawSync(deflated)
    const begin = 4 + bytes.readUInt32LE()
    const lists = JSON.parse(bytes.toString('utf8', 4, begin)) as number[][]
    const words = Uint16Array.from({ length: (bytes.length - begin) / 2 }, (_, i) =>
      bytes.readUInt16LE(begin + 2 * i),
    )
    const half = words.length / 2
    return new StreamGrams(lists, words.subarray(0, half), words.subarray(half))
  }

  /** Bytes in memory, about. */
  get memory(): number {
    return this.#lists.reduce((sum, { length }) => sum + 32 + 8 * length, 2 * this.#slots.byteLength)
  }

  /** The places of the streams with lines that may contain the text; `undefined` for all of them. */
  streamsOf(text: string): ReadonlySet<number> | undefined {
    const [unknown = []] = this.#lists
    let found: ReadonlySet<number> | undefined
    const bytes = Buffer.from(text)
    const grams = new GramSet()
    grams.add(bytes, 0, bytes.length)
    for (const slot of grams.slots()) {
      const list = this.#listOf(slot)
      found = new Set(found === undefined ? list : list.filter((place) => found!.has(place)))
    }
    return found === undefined ? undefined : new Set([...unknown, ...found])
  }

  #listOf(slot: number): readonly number[] {
    let from = 0
    let to = this.#slots.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#slots[middle]! < slot) from = middle + 1
      else to = middle
    }
    return this.#slots[from] === slot ? this.#lists[this.#numbers[from]!]! : []
  }
}
