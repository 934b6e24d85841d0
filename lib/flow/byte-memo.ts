/** What short texts led to, found again by their bytes, without a string of any. */
import type { Columns } from './columns.ts'

/** A power of two. What no longer fits is worked out again. */
const SLOTS = 256
/** Longer texts are seldom seen again. */
const LONGEST = 32

interface Known<T> {
  readonly bytes: Uint8Array
  readonly result: T
}

export class ByteMemo<T> {
  readonly #make: (text: string) => T
  readonly #known: (Known<T> | undefined)[] = Array.from({ length: SLOTS })

  /** `make` must return the same for the same text. */
  constructor(make: (text: string) => T) {
    this.#make = make
  }

  /** What the text from `from` to `to` leads to. */
  of(columns: Columns, from: number, to: number): T {
    if (to - from > LONGEST) return this.#make(columns.slice(from, to))
    const { bytes } = columns
    let hash = 0
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x2c1b3c6d)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const known = this.#known[slot]
    if (known !== undefined && isSame(known.bytes, bytes, from, to)) return known.result
    const result = this.#make(columns.slice(from, to))
    this.#known[slot] = { bytes: Uint8Array.from(bytes.subarray(from, to)), result }
    return result
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false
  return true
}
