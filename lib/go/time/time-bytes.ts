/** Reads times that lie in bytes, as a time format reads their texts, mostly without a string of them. */
import { Rfc3339Bytes } from '../rfc3339-bytes.ts'
import type { Instant } from './instant.ts'
import { compileTimeFormat, isRfc3339, needsNow, type TimeFormatOptions, type TimeParser } from './formats.ts'

/** The last text whose time is known: longer ones hold more than a time. */
const LONGEST = 64

export class ByteTimes {
  /** What `read` has found. */
  seconds = 0
  nanos = 0
  readonly #parse: TimeParser
  readonly #isRfc3339: boolean
  readonly #remembers: boolean
  /** The last text that `parse` has read, and its time: in many formats lines of one second share their text. */
  readonly #text = new Uint8Array(LONGEST)
  #length = -1
  #seconds = 0
  #nanos = 0
  readonly #rfc3339 = new Rfc3339Bytes()

  /** `formats` are tried in order. */
  constructor(formats: readonly string[], options: TimeFormatOptions = {}) {
    const parsers = formats.map((format) => compileTimeFormat(format, options))
    this.#parse = parsers.length === 1 ? parsers[0]! : (text) => firstOf(parsers, text)
    this.#isRfc3339 = isRfc3339(formats[0]!)
    this.#remembers = !formats.some(needsNow)
  }

  /** Reads a text. */
  parse(text: string): Instant | undefined {
    return this.#parse(text)
  }

  /** As `parse` of the text that lies in [from, to). Returns whether it is a time. */
  read(bytes: Buffer, from: number, to: number): boolean {
    if (this.#isRfc3339 && this.#rfc3339.read(bytes, from, to)) {
      this.seconds = this.#rfc3339.seconds
      this.nanos = this.#rfc3339.nanos
      return true
    }
    if (this.#isLast(bytes, from, to)) {
      this.seconds = this.#seconds
      this.nanos = this.#nanos
      return true
    }
    const found = this.#parse(bytes.toString('utf8', from, to))
    if (found === undefined) return false
    this.seconds = found.seconds
    this.nanos = found.nanos
    if (this.#remembers && to - from <= LONGEST) this.#remember(bytes, from, to)
    return true
  }

  #isLast(bytes: Uint8Array, from: number, to: number): boolean {
    const text = this.#text
    if (to - from !== this.#length) return false
    // From the end, where times differ.
    for (let at = to - 1, i = this.#length - 1; i >= 0; at--, i--) if (bytes[at] !== text[i]) return false
    return true
  }

  #remember(bytes: Uint8Array, from: number, to: number): void {
    this.#length = to - from
    for (let i = 0; i < this.#length; i++) this.#text[i] = bytes[from + i]!
    this.#seconds = this.seconds
    this.#nanos = this.nanos
  }
}

function firstOf(parsers: readonly TimeParser[], text: string): Instant | undefined {
  for (let i = 0; i < parsers.length; i++) {
    const found = parsers[i]!(text)
    if (found !== undefined) return found
  }
  return undefined
}
