/**
 * Finds the values that `| json` makes labels of in the bytes of a line, without a string of any: the same members as
 * `parseJsonLine` finds, or nothing where that has to read the line.
 */
import { labelNameOf } from '../syntax/label-names.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
const NULL = Buffer.from('null')

/** Keys that are remembered, and the slots for them, a power of two. */
const MAX_KEYS = 256
const SLOTS = 1024

/** What is known of a key: the field it is for, -1 for none, and whether a field's name may begin with it. */
interface KnownKey {
  readonly bytes: Buffer
  readonly field: number
  readonly isPrefix: boolean
  /** The key that came after it last: in most lines it's the same one, which saves the search. */
  next: KnownKey | undefined
}

export class JsonFields {
  /** By field: where its value lies, of strings what is between the quotes; a start of -1: nowhere. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly #fields: readonly string[]
  readonly #keys: (KnownKey | undefined)[] = Array.from({ length: SLOTS })
  #known = 0
  /** What is before the first key of a line. */
  readonly #begin: KnownKey = { bytes: Buffer.alloc(0), field: -1, isPrefix: false, next: undefined }
  /** The end of the value that was read last. */
  #at = 0

  /** `fields` are names of labels. */
  constructor(fields: readonly string[]) {
    this.#fields = fields
    this.starts = new Int32Array(fields.length)
    this.ends = new Int32Array(fields.length)
  }

  /**
   * Finds the fields of the line in [from, to): of equal ones the first that isn't null. Returns `false` for lines with
   * a mistake, an escape in a key, or an object that may hold a field.
   */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    this.starts.fill(-1)
    let at = skipBlanks(bytes, from, to)
    if (at >= to || bytes[at] !== OPEN) return false
    at = skipBlanks(bytes, at + 1, to)
    let last = this.#begin
    for (;;) {
      if (at >= to) return false
      if (bytes[at] === CLOSE) return true
      if (bytes[at] !== QUOTE) return false
      const start = ++at
      let key = last.next
      if (key !== undefined && isKeyAt(key.bytes, bytes, at, to)) at += key.bytes.length
      else {
        let hash = 0
        for (; at < to && bytes[at] !== QUOTE; at++) {
          if (bytes[at] === BACKSLASH) return false
          hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
        }
        if (at >= to) return false
        key = last.next = this.#keyOf(bytes, start, at, hash)
      }
      last = key
      at = skipBlanks(bytes, at + 1, to)
      if (at >= to || bytes[at] !== COLON) return false
      if (!this.#value(bytes, skipBlanks(bytes, at + 1, to), to, key)) return false
      at = skipBlanks(bytes, this.#at, to)
      if (at >= to) return false
      if (bytes[at] === CLOSE) return true
      if (bytes[at] !== COMMA) return false
      at = skipBlanks(bytes, at + 1, to)
    }
  }

  #value(bytes: Uint8Array, at: number, to: number, { field, isPrefix }: KnownKey): boolean {
    if (at >= to) return false
    switch (bytes[at]) {
      case QUOTE: {
        const end = stringEnd(bytes, at + 1, to)
        if (end < 0) return false
        this.#at = end + 1
        this.#found(field, at + 1, end)
        return true
      }
      case OPEN:
        if (isPrefix) return false
        this.#at = blockEnd(bytes, at, to, OPEN, CLOSE)
        return this.#at >= 0
      case OPEN_ARRAY:
        this.#at = blockEnd(bytes, at, to, OPEN_ARRAY, CLOSE_ARRAY)
        return this.#at >= 0
      default:
        return this.#scalar(bytes, at, to, field)
    }
  }

  #scalar(bytes: Uint8Array, start: number, to: number, field: number): boolean {
    let end = start
    while (end < to && !endsScalar(bytes[end]!)) end++
    this.#at = end
    if (end === start) return false
    const first = bytes[start]!
    if ((first >= 0x30 && first <= 0x39) || first === 0x2d) {
      this.#found(field, start, end)
      return true
    }
    if (isEqual(TRUE, bytes, start, end) || isEqual(FALSE, bytes, start, end)) this.#found(field, start, end)
    else if (!isEqual(NULL, bytes, start, end)) return false
    return true
  }

  #found(field: number, start: number, end: number): void {
    if (field < 0 || this.starts[field]! >= 0) return
    this.starts[field] = start
    this.ends[field] = end
  }

  #keyOf(bytes: Uint8Array, start: number, end: number, hash: number): KnownKey {
    for (let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const known = this.#keys[slot]
      if (known === undefined) {
        const made = this.#newKey(Buffer.from(bytes.subarray(start, end)))
        if (this.#known < MAX_KEYS) {
          this.#known++
          this.#keys[slot] = made
        }
        return made
      }
      if (isEqual(known.bytes, bytes, start, end)) return known
    }
  }

  #newKey(bytes: Buffer): KnownKey {
    const name = labelNameOf(bytes.toString())
    const field = name === '' ? -1 : this.#fields.indexOf(name)
    const isPrefix = this.#fields.some((each) => each.startsWith(name))
    return { bytes, field, isPrefix, next: undefined }
  }
}

/** Whether a key and the quote after it are at a place. */
function isKeyAt(key: Uint8Array, bytes: Uint8Array, at: number, to: number): boolean {
  const end = at + key.length
  return end < to && bytes[end] === QUOTE && isEqual(key, bytes, at, end)
}

function isEqual(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false
  return true
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === CLOSE || byte === CLOSE_ARRAY || isBlank(byte)
}

function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && isBlank(bytes[at]!)) at++
  return at
}

/** The place of the quote that ends a string whose content starts at `from`, or -1. */
function stringEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] === QUOTE) return at
    if (bytes[at] === BACKSLASH) at++
  }
  return -1
}

/** The place after the bracket that closes the one at `from`, or -1. Other kinds of brackets are ignored. */
function blockEnd(bytes: Uint8Array, from: number, to: number, open: number, close: number): number {
  let level = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = stringEnd(bytes, at + 1, to)
      if (at < 0) return -1
    } else if (byte === open) level++
    else if (byte === close && --level === 0) return at + 1
  }
  return -1
}
