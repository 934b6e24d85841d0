/**
 * Go strings are bytes, JavaScript's are UTF-16: this keeps them apart. A byte that is not part of valid UTF-8 travels
 * as the lone low surrogate U+DC00 + byte, so that cutting a character in two and joining it again loses nothing.
 */
import { Buffer, isUtf8 } from 'node:buffer'

/** True if every character is ASCII, so that bytes, characters and UTF-16 units are the same. */
export function isAscii(text: string): boolean {
  // For short texts a loop is cheaper than the call into the runtime.
  if (text.length > 50) return Buffer.byteLength(text) === text.length
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

// ES2024; Node has it from version 20 on.
const { isWellFormed } = String.prototype as unknown as { isWellFormed: (this: string) => boolean }

function hasLoneSurrogate(text: string): boolean {
  return !isWellFormed.call(text)
}

function pushUtf8(bytes: number[], code: number): void {
  if (code < 0x80) bytes.push(code)
  else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
  else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  else
    bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
}

/** The bytes of a text; a lone surrogate that stands for no byte becomes U+FFFD. */
export function toBytes(text: string): Uint8Array {
  if (!hasLoneSurrogate(text)) return Buffer.from(text, 'utf8')
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00)
    else pushUtf8(bytes, code >= 0xd800 && code <= 0xdfff ? 0xfffd : code)
  }
  return Uint8Array.from(bytes)
}

/** The length of the valid UTF-8 sequence at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

function decode(bytes: Uint8Array, invalid: (byte: number) => string): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf8(bytes)) return buffer.toString('utf8')
  let text = ''
  let start = 0
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    text += buffer.toString('utf8', start, at) + invalid(bytes[at] ?? 0)
    start = ++at
  }
  return text + buffer.toString('utf8', start)
}

/** The text of some bytes; bytes that are no UTF-8 are kept as lone surrogates (see the head of this file). */
export function fromBytes(bytes: Uint8Array): string {
  return decode(bytes, (byte) => String.fromCharCode(0xdc00 + byte))
}

/** The text for the world outside: each byte that is no UTF-8 is one U+FFFD, as Go prints it. */
export function wellFormed(text: string): string {
  return hasLoneSurrogate(text) ? decode(toBytes(text), () => '\ufffd') : text
}

/** The same text, with bytes that belong together again as the character that they make. */
export function rejoined(text: string): string {
  return hasLoneSurrogate(text) ? fromBytes(toBytes(text)) : text
}

/** Go's `len` of a string. */
export function byteLength(text: string): number {
  if (isAscii(text)) return text.length
  const length = Buffer.byteLength(text)
  return !hasLoneSurrogate(text) ? length : toBytes(text).length
}

/** Go's `text[start:end]`; undefined where Go panics. */
export function byteSlice(text: string, start: number, end: number): string | undefined {
  const ascii = isAscii(text)
  const bytes = ascii ? undefined : toBytes(text)
  if (start < 0 || start > end || end > (bytes ?? text).length) return undefined
  return bytes === undefined ? text.slice(start, end) : fromBytes(bytes.subarray(start, end))
}

/** The order of Go strings: that of their bytes, which for valid text is the order of code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // A surrogate pair is above every other character, though its units are below U+E000.
    if (x >= 0xd800 && y >= 0xd800) return ((x - 0xe000) & 0xffff) - ((y - 0xe000) & 0xffff)
    return x - y
  }
  return a.length - b.length
}

/** The code point of a character that a `for of` gave, U+FFFD for a byte that is no UTF-8. */
export function runeOf(char: string): number {
  const code = char.codePointAt(0) ?? 0xfffd
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code
}

/** Go's unicode.IsSpace. */
export function isSpace(char: string): boolean {
  return /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(char)
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrint(char: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)
}
