/**
 * Reads the columns of DuckDB's results. The package's own reader costs 3.5 µs a line, since it asks for the memory of each
 * string and decodes it by itself. Strings of a result mostly lie one after the other, so here they're read and decoded
 * some dozens at a time, which costs 0.05 µs a line.
 */
import { isAscii } from 'node:buffer'
import { createRequire } from 'node:module'
import type { DuckDBDataChunk } from '@duckdb/node-api'

/** What is used of `@duckdb/node-bindings`, DuckDB's C interface, which the package is made of. */
export interface Bindings {
  data_chunk_get_vector(chunk: DuckDBDataChunk['chunk'], column: number): object
  vector_get_data(vector: object, bytes: number): Uint8Array<ArrayBuffer>
  /** `null` where no row is NULL. */
  vector_get_validity(vector: object, bytes: number): Uint8Array | null
  /** Bytes at the pointer that lies at `offset`. */
  get_data_from_pointer(buffer: ArrayBuffer, offset: number, bytes: number): Uint8Array<ArrayBuffer>
  vector_assign_string_element_len(vector: object, row: number, bytes: Uint8Array): void
  copy_data_to_vector(
    vector: object,
    offset: number,
    source: ArrayBufferLike,
    sourceOffset: number,
    bytes: number,
  ): void
  /** How far a statement is, without working on it. */
  pending_execute_check_state(pending: object): number
}

/** Loads those that `@duckdb/node-api` uses, which must be there. */
export function loadBindings(): Bindings {
  const api = createRequire(import.meta.url).resolve('@duckdb/node-api')
  return createRequire(api)('@duckdb/node-bindings') as Bindings
}

/**
 * DuckDB's string in a vector, 16 bytes: a length, then up to 12 bytes of it, or 4 bytes and a pointer
 * (https://github.com/duckdb/duckdb/blob/main/src/include/duckdb.h, duckdb_string_t).
 */
export const STRING_WORDS = 4
export const STRING_BYTES = 16
export const MOST_INLINE = 12
export const POINTER_BYTE = 8

/**
 * Strings are cut out of pieces of so many bytes at most, and V8 keeps a piece while any string of it is in use: with
 * the 160 KiB of a whole chunk a few thousand lines of an answer could hold a gigabyte.
 */
const PIECE_BYTES = 4096

/** Of a second. */
const NANOS = 1e9

/** Short strings that are remembered, a power of two; levels mostly. */
const KNOWN = 64

/** The columns of one chunk: up to 2,048 rows. NULL reads as '' or as what is in its place. */
export class Columns {
  readonly rows: number
  readonly #bindings: Bindings
  readonly #chunk: DuckDBDataChunk
  readonly #shorts: ShortTexts

  constructor(bindings: Bindings, chunk: DuckDBDataChunk, shorts: ShortTexts) {
    this.#bindings = bindings
    this.#chunk = chunk
    this.rows = chunk.rowCount
    this.#shorts = shorts
  }

  /** How many columns there are. */
  get width(): number {
    return this.#chunk.columnCount
  }

  /** An INTEGER column. */
  integers(column: number): Int32Array {
    const { buffer, byteOffset } = this.#data(column, 4)
    return new Int32Array(buffer, byteOffset, this.rows).slice()
  }

  /** A DOUBLE column; for as long as the chunk is held. */
  doubles(column: number): Float64Array {
    const { buffer, byteOffset } = this.#data(column, 8)
    return new Float64Array(buffer, byteOffset, this.rows)
  }

  /** A BIGINT column of nanoseconds as whole seconds and the rest, from 0 to 999,999,999. */
  moments(column: number): { readonly seconds: Float64Array; readonly nanos: Int32Array } {
    const words = this.words(column)
    const seconds = new Float64Array(this.rows)
    const nanos = new Int32Array(this.rows)
    for (let row = 0; row < this.rows; row++) {
      const low = words[2 * row]!
      // A double is up to 2 µs off, but the last 32 bits of the difference are exact.
      let second = Math.floor(((words[2 * row + 1]! | 0) * 2 ** 32 + low) / NANOS)
      let rest = (low - Math.imul(second, NANOS)) | 0
      if (rest < 0) {
        second--
        rest += NANOS
      } else if (rest >= NANOS) {
        second++
        rest -= NANOS
      }
      seconds[row] = second
      nanos[row] = rest
    }
    return { seconds, nanos }
  }

  /** A BIGINT column. */
  bigints(column: number): BigInt64Array {
    const { buffer, byteOffset } = this.#data(column, 8)
    return new BigInt64Array(buffer, byteOffset, this.rows).slice()
  }

  /**
   * Appends the bytes of a VARCHAR column without NULLs to `target`, from `at` on, and writes where each row's end. Returns
   * the end of the last one, or -1 when `target` is too small; nothing is lost then.
   */
  bytes(column: number, target: Uint8Array, at: number, ends: Int32Array): number {
    const data = this.#data(column, STRING_BYTES)
    const words = new Uint32Array(data.buffer, data.byteOffset, this.rows * STRING_WORDS)
    let total = at
    for (let row = 0; row < this.rows; row++) ends[row] = total += words[row * STRING_WORDS]!
    if (total > target.length) return -1
    for (let row = 0, to = at; row < this.rows;) {
      const first = row * STRING_WORDS
      let size = words[first]!
      const start = data.byteOffset + row * STRING_BYTES
      row++
      if (size === 0) continue
      if (size <= MOST_INLINE) target.set(new Uint8Array(data.buffer, start + 4, size), to)
      else {
        for (; row < this.rows; row++) {
          const next = row * STRING_WORDS
          if (words[next]! <= MOST_INLINE || !follows(words, first, size, next)) break
          size += words[next]!
        }
        target.set(this.#bindings.get_data_from_pointer(data.buffer, start + POINTER_BYTE, size), to)
      }
      to += size
    }
    return total
  }

  /** A BIGINT column as pairs of words, the lower one first; for as long as the chunk is held. */
  words(column: number): Uint32Array {
    const { buffer, byteOffset } = this.#data(column, 8)
    return new Uint32Array(buffer, byteOffset, this.rows * 2)
  }

  /** A VARCHAR column. */
  texts(column: number): string[] {
    const data = this.#data(column, STRING_BYTES)
    const words = new Uint32Array(data.buffer, data.byteOffset, this.rows * STRING_WORDS)
    const isNull = this.#nulls(column)
    const texts = Array.from({ length: this.rows }, () => '')
    for (let row = 0; row < this.rows;) {
      if (isNull?.(row) === true) row++
      else if (words[row * STRING_WORDS]! <= MOST_INLINE) {
        texts[row] = this.#shorts.read(data, words, row)
        row++
      } else row = this.#readRun(data, words, { row, isNull, texts })
    }
    return texts
  }

  // The chunk owns the memory: what outlives the call is copied.
  #data(column: number, width: number): Uint8Array<ArrayBuffer> {
    const vector = this.#bindings.data_chunk_get_vector(this.#chunk.chunk, column)
    return this.#bindings.vector_get_data(vector, this.rows * width)
  }

  #nulls(column: number): ((row: number) => boolean) | undefined {
    const vector = this.#bindings.data_chunk_get_vector(this.#chunk.chunk, column)
    const bits = this.#bindings.vector_get_validity(vector, Math.ceil(this.rows / 64) * 8)
    if (bits === null) return undefined
    const copy = bits.slice()
    return (row) => (copy[row >>> 3]! & (1 << (row & 7))) === 0
  }

  /** Reads strings that lie one after the other in memory. Returns the first row after them. */
  #readRun(
    data: Uint8Array<ArrayBuffer>,
    words: Uint32Array,
    {
      row,
      isNull,
      texts,
    }: {
      readonly row: number
      readonly isNull: ((row: number) => boolean) | undefined
      readonly texts: string[]
    },
  ): number {
    let end = row
    let size = 0
    const at = row * STRING_WORDS
    for (; end < this.rows; end++) {
      const word = end * STRING_WORDS
      const length = words[word]!
      if (length <= MOST_INLINE || isNull?.(end) === true) break
      if (end > row && (size + length > PIECE_BYTES || !follows(words, at, size, word))) break
      size += length
    }
    const pointer = data.byteOffset + row * STRING_BYTES + POINTER_BYTE
    const found = this.#bindings.get_data_from_pointer(data.buffer, pointer, size)
    const bytes = Buffer.from(found.buffer, found.byteOffset, size)
    if (isAscii(bytes)) {
      const piece = bytes.toString('latin1', 0, size)
      for (let i = row, from = 0; i < end; i++) {
        const to = from + words[i * STRING_WORDS]!
        texts[i] = piece.slice(from, to)
        from = to
      }
    } else
      for (let i = row, from = 0; i < end; i++) {
        const to = from + words[i * STRING_WORDS]!
        texts[i] = bytes.toString('utf8', from, to)
        from = to
      }
    return end
  }
}

// Pointers have 64 bits; the sums of their halves are exact.
function follows(words: Uint32Array, first: number, size: number, next: number): boolean {
  const low = words[first + 2]! + size
  const carry = low >= 2 ** 32 ? 1 : 0
  return words[next + 2] === low % 2 ** 32 && words[next + 3] === words[first + 3]! + carry
}

/** Remembers the short strings that come again and again, by their bytes. */
export class ShortTexts {
  readonly #words = new Uint32Array(KNOWN * STRING_WORDS)
  readonly #texts = Array.from({ length: KNOWN }, () => '')

  read(data: Uint8Array<ArrayBuffer>, words: Uint32Array, row: number): string {
    const at = row * STRING_WORDS
    const length = words[at]!
    // The bytes after a string that doesn't fill its twelve are zero.
    const [a, b, c] = [words[at + 1]!, words[at + 2]!, words[at + 3]!]
    const slot = (Math.imul(a ^ Math.imul(b ^ Math.imul(c, 31), 31), 0x9e3779b1) >>> 26) % KNOWN
    const known = slot * STRING_WORDS
    const own = this.#words
    if (own[known] === length && own[known + 1] === a && own[known + 2] === b && own[known + 3] === c)
      return this.#texts[slot]!
    const start = data.byteOffset + row * STRING_BYTES + 4
    const text = Buffer.from(data.buffer, start, length).toString()
    own.set([length, a, b, c], known)
    this.#texts[slot] = text
    return text
  }
}
