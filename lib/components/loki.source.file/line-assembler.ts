/** Whole lines out of chunks that are cut anywhere, for bytes that come as a stream. */
import type { TextEncoding } from './encoding.ts'
import { lastLineEnd, MAX_LINE_BYTES, partEnd } from './lines.ts'

export class LineAssembler {
  readonly #encoding: TextEncoding
  readonly #limit: number
  #held: Buffer[] = []
  #size = 0

  /** A line longer than `limit` bytes is given in parts. */
  constructor(encoding: TextEncoding, limit = MAX_LINE_BYTES) {
    this.#encoding = encoding
    this.#limit = limit
  }

  /** The bytes of all lines that end in what came so far, of a part of one that is too long, or nothing. */
  push(chunk: Buffer): Buffer | undefined {
    this.#held.push(chunk)
    this.#size += chunk.length
    if (!chunk.includes(0x0a) && this.#size < this.#limit && this.#encoding.unit === 1) return undefined
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held)
    const end = lastLineEnd(bytes, 0, bytes.length, this.#encoding)
    if (end > 0) return this.#give(bytes, end)
    return bytes.length < this.#limit
      ? this.#give(bytes, 0)
      : this.#give(bytes, partEnd(bytes, 0, this.#limit, this.#encoding))
  }

  /** What has no end yet. */
  rest(): Buffer | undefined {
    const bytes = Buffer.concat(this.#held)
    return this.#give(bytes, bytes.length)
  }

  #give(bytes: Buffer, end: number): Buffer | undefined {
    const rest = bytes.subarray(end)
    this.#held = rest.length === 0 ? [] : [rest]
    this.#size = rest.length
    return end === 0 ? undefined : bytes.subarray(0, end)
  }
}
