/** Whole lines out of chunks that are cut anywhere, for bytes that come as a stream. */
import type { TextEncoding } from './encoding.ts'
import { lastLineEnd, partEnd, type Segment } from './lines.ts'

const FEED = 0x0a

export class LineAssembler {
  readonly #encoding: TextEncoding
  readonly #limit: number
  #held: Buffer[] = []
  #size = 0
  /** How many parts of the unfinished line have been given. */
  #parts: number

  /** A line without an end that is longer than `limit` bytes is given in parts; `parts` of the first one came before. */
  constructor(encoding: TextEncoding, limit: number, parts = 0) {
    this.#encoding = encoding
    this.#limit = Math.max(limit, 4)
    this.#parts = parts
  }

  /** The lines that end in what has come so far, and parts of one that is too long. */
  push(chunk: Buffer): Segment[] {
    this.#held.push(chunk)
    this.#size += chunk.length
    if (this.#encoding.unit === 1 && this.#size < this.#limit && !chunk.includes(FEED)) return []
    const bytes = this.#take()
    const segments: Segment[] = []
    let start = lastLineEnd(bytes, 0, bytes.length, this.#encoding)
    if (start > 0) segments.push(this.#lines(bytes, start))
    while (bytes.length - start >= this.#limit) {
      const end = partEnd(bytes, start, start + this.#limit, this.#encoding)
      segments.push({ bytes, start, end, encoding: this.#encoding, part: ++this.#parts, unfinished: true })
      start = end
    }
    if (start < bytes.length) {
      this.#held.push(start === 0 ? bytes : bytes.subarray(start))
      this.#size = bytes.length - start
    }
    return segments
  }

  /** The input has ended: what is left is a line too. */
  end(): Segment[] {
    const bytes = this.#take()
    return bytes.length === 0 ? [] : [this.#lines(bytes, bytes.length)]
  }

  #lines(bytes: Buffer, end: number): Segment {
    const part = this.#parts === 0 ? 0 : this.#parts + 1
    this.#parts = 0
    return { bytes, start: 0, end, encoding: this.#encoding, part }
  }

  #take(): Buffer {
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held)
    this.#held = []
    this.#size = 0
    return bytes
  }
}
