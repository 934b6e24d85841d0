/**
 * Finds a few values in a JSON object by scanning its bytes: no object is built, and no string made. It takes only what
 * every reader of JSON takes alike; for all else `parseJson` decides.
 */

/** Where a field is: a string or a number in the bytes, or what it is. */
export const NIL = 0
export const STRING = 1
/** A string with escapes. */
export const ESCAPED = 2
export const NUMBER = 3
export const TRUE = 4
export const FALSE = 5

/** What is looked for inside an object: the names of its fields, and what is looked for in each. */
interface Wanted {
  readonly names: Buffer[]
  readonly fields: Wanted[]
  /** The place of this value among the paths; -1: only something inside it is looked for. */
  place: number
  /** The places of it and of all that is inside it. */
  readonly places: number[]
  /** The keys of an object that came by, in order: those of the next one are mostly the same. */
  readonly expected: Expected[]
  /** How many keys weren't the expected ones. */
  misses: number
}

interface Expected {
  /** The key as it is written, from its first quote to the colon. */
  readonly key: Uint8Array
  readonly field: Wanted | undefined
}

/** Keys of one object that are expected, and bytes of each. */
const MAX_EXPECTED = 64
const LONGEST_EXPECTED = 64
/** After so many misses other keys are expected. */
const MAX_MISSES = 256

/** Deeper nesting is left to the reader that counts it. */
const MAX_DEPTH = 40
/** Longer numbers may be too large for a double. */
const MAX_NUMBER = 40

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const BLANK = 0x20
const FAILED = -1
/** 1 for what strings hold as it is. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= BLANK && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

export class ByteFields {
  /** By place: NIL for a path that leads nowhere. */
  readonly kinds: Uint8Array
  /** By place: strings without their quotes. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly #root: Wanted
  #bytes: Uint8Array = new Uint8Array(0)
  #end = 0

  /** Each path is a list of names, from the outside to the inside; all differ. */
  constructor(paths: readonly (readonly string[])[]) {
    this.kinds = new Uint8Array(paths.length)
    this.starts = new Int32Array(paths.length)
    this.ends = new Int32Array(paths.length)
    this.#root = wanted()
    for (const [place, path] of paths.entries()) {
      let at = this.#root
      for (const name of path) {
        at.places.push(place)
        at = fieldOf(at, Buffer.from(name))
      }
      at.places.push(place)
      at.place = place
    }
  }

  /** Finds the values in the object that takes all of [from, to). Returns `false` where `parseJson` has to look. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    this.#bytes = bytes
    this.#end = to
    // `fill` is a call of 20 ns.
    for (let i = 0; i < this.kinds.length; i++) this.kinds[i] = NIL
    const start = this.#blanks(from)
    if (bytes[start] !== 0x7b || start >= to) return false
    const end = this.#object(start, this.#root, 0)
    return end >= 0 && this.#blanks(end) === to
  }

  // The functions below return where the thing that begins at `at` ends, or FAILED.

  #blanks(start: number): number {
    let at = start
    while (at < this.#end && isBlank(this.#bytes[at]!)) at++
    return at
  }

  #object(start: number, wants: Wanted | undefined, depth: number): number {
    const bytes = this.#bytes
    const to = this.#end
    let at = this.#blanks(start + 1)
    if (bytes[at] === 0x7d && at < to) return at + 1
    for (let n = 0; at < to && bytes[at] === QUOTE; n++) {
      const expected = wants?.expected[n]
      let field: Wanted | undefined
      if (expected !== undefined && this.#holds(expected.key, at)) {
        field = expected.field
        at += expected.key.length
      } else {
        const key = at++
        while (at < to && PLAIN[bytes[at]!] === 1) at++
        if (at >= to || bytes[at] !== QUOTE) return FAILED
        field = wants && fieldIn(wants, bytes, key + 1, at)
        at = this.#blanks(at + 1)
        if (at >= to || bytes[at] !== COLON) return FAILED
        at++
        if (wants !== undefined && at - key <= LONGEST_EXPECTED && isNews(wants, n))
          wants.expected.push({ key: Uint8Array.from(bytes.subarray(key, at)), field })
      }
      at = this.#value(bytes[at]! > BLANK ? at : this.#blanks(at), field, depth)
      if (at < 0) return FAILED
      if (bytes[at]! <= BLANK) at = this.#blanks(at)
      if (at >= to) return FAILED
      if (bytes[at] === 0x7d) return at + 1
      if (bytes[at] !== COMMA) return FAILED
      if (bytes[++at] !== QUOTE) at = this.#blanks(at)
    }
    return FAILED
  }

  #array(start: number, depth: number): number {
    const bytes = this.#bytes
    let at = this.#blanks(start + 1)
    if (bytes[at] === 0x5d && at < this.#end) return at + 1
    for (;;) {
      at = this.#value(at, undefined, depth)
      if (at < 0) return FAILED
      at = this.#blanks(at)
      if (at >= this.#end) return FAILED
      if (bytes[at] === 0x5d) return at + 1
      if (bytes[at] !== COMMA) return FAILED
      at = this.#blanks(at + 1)
    }
  }

  #value(at: number, field: Wanted | undefined, depth: number): number {
    if (at >= this.#end || depth > MAX_DEPTH) return FAILED
    const place = field === undefined ? -1 : field.place
    // Of equal names the last one counts, with all that is inside it.
    if (field !== undefined) for (let i = 0; i < field.places.length; i++) this.kinds[field.places[i]!] = NIL
    switch (this.#bytes[at]) {
      case QUOTE:
        return this.#string(at, place)
      case 0x7b:
        // Objects and arrays become JSON text, which is another's work.
        return place >= 0 ? FAILED : this.#object(at, field, depth + 1)
      case 0x5b:
        return place >= 0 ? FAILED : this.#array(at, depth + 1)
      case 0x74:
        return this.#word(at, 'true', place, TRUE)
      case 0x66:
        return this.#word(at, 'false', place, FALSE)
      case 0x6e:
        return this.#word(at, 'null', place, NIL)
      default:
        return this.#number(at, place)
    }
  }

  #string(start: number, place: number): number {
    const bytes = this.#bytes
    const to = this.#end
    let kind = STRING
    for (let at = start + 1; ; at++) {
      while (at < to && PLAIN[bytes[at]!] === 1) at++
      if (at >= to) return FAILED
      if (bytes[at] === QUOTE) {
        if (place >= 0) this.#found(place, kind, start + 1, at)
        return at + 1
      }
      if (bytes[at] !== BACKSLASH || ++at >= to || !isShortEscape(bytes[at]!)) return FAILED
      kind = ESCAPED
    }
  }

  // number = [ "-" ] ( "0" | digit { digit } ) [ "." digit { digit } ], without an exponent
  #number(start: number, place: number): number {
    const bytes = this.#bytes
    let at = bytes[start] === 0x2d ? start + 1 : start
    const first = at
    at = this.#digits(at)
    if (at === first || (bytes[first] === 0x30 && at > first + 1)) return FAILED
    if (at < this.#end && bytes[at] === 0x2e) {
      const point = at + 1
      at = this.#digits(point)
      if (at === point) return FAILED
    }
    if (at - start > MAX_NUMBER || (at < this.#end && (bytes[at]! | 0x20) === 0x65)) return FAILED
    if (place >= 0) this.#found(place, NUMBER, start, at)
    return at
  }

  #digits(start: number): number {
    let at = start
    while (at < this.#end && this.#bytes[at]! >= 0x30 && this.#bytes[at]! <= 0x39) at++
    return at
  }

  #word(start: number, word: string, place: number, kind: number): number {
    const end = start + word.length
    if (end > this.#end) return FAILED
    for (let i = 0; i < word.length; i++) if (this.#bytes[start + i] !== word.charCodeAt(i)) return FAILED
    if (place >= 0) this.#found(place, kind, start, end)
    return end
  }

  #holds(text: Uint8Array, start: number): boolean {
    const bytes = this.#bytes
    if (start + text.length > this.#end) return false
    for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false
    return true
  }

  #found(place: number, kind: number, start: number, end: number): void {
    this.kinds[place] = kind
    this.starts[place] = start
    this.ends[place] = end
  }
}

function wanted(): Wanted {
  return { names: [], fields: [], place: -1, places: [], expected: [], misses: 0 }
}

// Counts that the key at place `n` of an object wasn't the expected one. Returns whether it is to be expected from now on.
function isNews(wants: Wanted, n: number): boolean {
  if (++wants.misses > MAX_MISSES) {
    wants.misses = 0
    wants.expected.length = 0
  }
  return n === wants.expected.length && n < MAX_EXPECTED
}

// What is looked for under the key in [start, end).
function fieldIn(
  { names, fields }: Wanted,
  bytes: Uint8Array,
  start: number,
  end: number,
): Wanted | undefined {
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    if (name.length !== end - start) continue
    let k = 0
    while (k < name.length && name[k] === bytes[start + k]) k++
    if (k === name.length) return fields[i]
  }
  return undefined
}

function fieldOf(parent: Wanted, name: Buffer): Wanted {
  const known = parent.names.findIndex((each) => each.equals(name))
  if (known >= 0) return parent.fields[known]!
  const field = wanted()
  parent.names.push(name)
  parent.fields.push(field)
  return field
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d
}

// " / \ b f n r t; the escapes of code points have rules of their own.
function isShortEscape(byte: number): boolean {
  return (
    byte === QUOTE ||
    byte === BACKSLASH ||
    byte === 0x2f ||
    byte === 0x62 ||
    byte === 0x66 ||
    byte === 0x6e ||
    byte === 0x72 ||
    byte === 0x74
  )
}
