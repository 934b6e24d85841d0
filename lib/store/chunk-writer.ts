/**
 * Fills the chunks that go into DuckDB, as columns.ts reads those that come out. The package's own way calls into C for each
 * string, which costs 0.5 µs each; here the strings of a column go over as one, and DuckDB's references into it are made in
 * JavaScript.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api'
import { MOST_INLINE, POINTER_BYTE, STRING_BYTES, STRING_WORDS, type Bindings } from './columns.ts'

/** DuckDB's vector size: the most rows of a chunk. */
export const CHUNK = 2048

const POINTER_WORD = POINTER_BYTE / 4

/** Writes columns of chunks, one after the other: it has memory that is used again. A chunk needs its number of rows first. */
export class ChunkWriter {
  readonly #bindings: Bindings
  readonly #words = new Uint32Array(CHUNK * STRING_WORDS)
  readonly #ends = new Int32Array(CHUNK)
  #bytes = Buffer.alloc(256 * 1024)

  constructor(bindings: Bindings) {
    this.#bindings = bindings
  }

  /** An INTEGER column. */
  integers(chunk: DuckDBDataChunk, column: number, values: readonly number[]): void {
    this.#copy(this.#vector(chunk, column), new Int32Array(values))
  }

  /** A BIGINT column. */
  bigints(chunk: DuckDBDataChunk, column: number, values: readonly bigint[]): void {
    this.#copy(this.#vector(chunk, column), new BigInt64Array(values))
  }

  /** A VARCHAR column. Halves of surrogate pairs become U+FFFD. */
  texts(chunk: DuckDBDataChunk, column: number, texts: readonly string[]): void {
    const vector = this.#vector(chunk, column)
    const size = this.#encode(texts)
    const bytes = this.#bytes
    const words = this.#words
    const ends = this.#ends
    let low = 0
    let high = 0
    if (size > MOST_INLINE) {
      this.#bindings.vector_assign_string_element_len(vector, 0, bytes.subarray(0, size))
      const { buffer, byteOffset } = this.#bindings.vector_get_data(vector, STRING_BYTES)
      ;[low = 0, high = 0] = new Uint32Array(buffer, byteOffset + POINTER_BYTE, 2)
    }
    for (let row = 0, start = 0; row < texts.length; row++) {
      const end = ends[row]!
      const at = row * STRING_WORDS
      words[at] = end - start
      if (end - start <= MOST_INLINE)
        for (let word = 1; word < STRING_WORDS; word++) {
          words[at + word] = wordOf(bytes, start + 4 * (word - 1), end)
        }
      else {
        words[at + 1] = wordOf(bytes, start, end)
        // Its sum is below 2^33, so the lower half is the remainder.
        words[at + POINTER_WORD] = low + start
        words[at + POINTER_WORD + 1] = high + (low + start >= 2 ** 32 ? 1 : 0)
      }
      start = end
    }
    this.#copy(vector, words.subarray(0, texts.length * STRING_WORDS))
  }

  /** Writes the texts one after the other, and where each ends. Returns the end of the last. */
  #encode(texts: readonly string[]): number {
    const all = texts.join('')
    const isAscii = Buffer.byteLength(all) === all.length
    // Apart from each other, halves of a surrogate pair take six bytes for four.
    const most = isAscii ? all.length : 3 * all.length
    if (most > this.#bytes.length) this.#bytes = Buffer.alloc(most)
    const ends = this.#ends
    let end = 0
    if (isAscii) {
      this.#bytes.write(all, 'latin1')
      for (let i = 0; i < texts.length; i++) ends[i] = end += texts[i]!.length
    } else for (let i = 0; i < texts.length; i++) ends[i] = end += this.#bytes.write(texts[i]!, end)
    return end
  }

  #vector(chunk: DuckDBDataChunk, column: number): object {
    return this.#bindings.data_chunk_get_vector(chunk.chunk, column)
  }

  #copy(vector: object, { buffer, byteOffset, byteLength }: Int32Array | BigInt64Array | Uint32Array): void {
    this.#bindings.copy_data_to_vector(vector, 0, buffer, byteOffset, byteLength)
  }
}

/** Four bytes, those from `end` on as zeros. */
function wordOf(bytes: Buffer, at: number, end: number): number {
  let word = 0
  for (let i = Math.min(3, end - at - 1); i >= 0; i--) word = (word << 8) | bytes[at + i]!
  return word
}
