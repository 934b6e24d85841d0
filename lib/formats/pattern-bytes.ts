/** Finds captures of a pattern in the bytes of a line, without a string of any; see `Pattern.captures`. */
import { patternParts } from './pattern.ts'

export class PatternFields {
  /** By field: where its value lies; a start of -1: nowhere. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly #start: Buffer
  /** By capture: the field that it is, -1 for none, and the literal after it. */
  readonly #fields: readonly number[]
  readonly #untils: readonly Uint8Array[]

  /** `pattern` must be one that `compilePattern` takes; `fields` are the captures that are wanted. */
  constructor(pattern: string, fields: readonly string[]) {
    this.starts = new Int32Array(fields.length)
    this.ends = new Int32Array(fields.length)
    const { start, steps } = patternParts(pattern)
    this.#start = Buffer.from(start)
    const all = steps.map(({ name }) => (name === '' ? -1 : fields.indexOf(name)))
    // What comes after the last capture that is wanted changes nothing.
    this.#fields = all.slice(0, all.findLastIndex((field) => field >= 0) + 1)
    this.#untils = steps.map(({ until }) => Buffer.from(until))
  }

  /** Finds the captures of the line in [from, to). Always returns `true`: there is no line that it can't read. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    this.starts.fill(-1)
    if (from === to || !hasAt(bytes, from, to, this.#start)) return true
    let at = from + this.#start.length
    const fields = this.#fields
    for (let i = 0; i < fields.length; i++) {
      const until = this.#untils[i]!
      const end = until.length === 0 ? -1 : find(bytes, at, to, until)
      const field = fields[i]!
      if (field >= 0) {
        this.starts[field] = at
        this.ends[field] = end < 0 ? to : end
      }
      if (end < 0) return true
      at = end + until.length
    }
    return true
  }
}

function hasAt(bytes: Uint8Array, at: number, to: number, literal: Uint8Array): boolean {
  if (at + literal.length > to) return false
  for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false
  return true
}

/** The first place of a literal in [from, to), or -1. */
function find(bytes: Uint8Array, from: number, to: number, literal: Uint8Array): number {
  const first = literal[0]!
  const last = to - literal.length
  for (let at = from; at <= last; at++)
    if (bytes[at] === first && (literal.length === 1 || hasAt(bytes, at, to, literal))) return at
  return -1
}
