/**
 * Go strings are bytes, JavaScript's are UTF-16. A byte that isn't part of valid UTF-8 travels as the lone low surrogate
 * U+DC00 + byte, so that nothing is lost when a character is cut in two and joined again.
 */
import { Buffer, isUtf8 } from 'node:buffer'

/** Whether every character is ASCII, so that bytes, characters and UTF-16 units are the same. */
export function isAscii(text: string): boolean {
  // For short texts a loop is cheaper than the call into the runtime.
  if (text.length > 50) return Buffer.byteLength(text) === text.length
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

// ES2024: Node 20 has it, but the types of ES2023 that we compile against don't.
const { isWellFormed } = String.prototype as unknown as { isWellFormed: (this: string) => boolean }

/** Whether a text holds bytes that aren't UTF-8, or half of a surrogate pair. */
export function hasLoneSurrogate(text: string): boolean {
  return !isWellFormed.call(text)
}

function pushUtf8(bytes: number[], code: number): void {
  if (code < 0x80) bytes.push(code)
  else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
  else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  else
    bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
}

/** The bytes of a text. A lone surrogate that doesn't stand for a byte becomes U+FFFD. */
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

/** The text of some bytes; bytes that aren't UTF-8 are kept as lone surrogates (see the head of this file). */
export function fromBytes(bytes: Uint8Array): string {
  return decode(bytes, (byte) => String.fromCharCode(0xdc00 + byte))
}

/** The text to send or show: each byte that isn't UTF-8 becomes one U+FFFD, as when Go prints it. */
export function wellFormed(text: string): string {
  return hasLoneSurrogate(text) ? decode(toBytes(text), () => '\ufffd') : text
}

/** The same text, with bytes that complete a character joined to that character. */
export function rejoined(text: string): string {
  return hasLoneSurrogate(text) ? fromBytes(toBytes(text)) : text
}

/** Go's `len` of a string. */
export function byteLength(text: string): number {
  if (isAscii(text)) return text.length
  const length = Buffer.byteLength(text)
  return !hasLoneSurrogate(text) ? length : toBytes(text).length
}

/** Go's `text[start:end]`; undefined if Go panics. */
export function byteSlice(text: string, start: number, end: number): string | undefined {
  const ascii = isAscii(text)
  const bytes = ascii ? undefined : toBytes(text)
  if (start < 0 || start > end || end > (bytes ?? text).length) return undefined
  return bytes === undefined ? text.slice(start, end) : fromBytes(bytes.subarray(start, end))
}

/** The code point of a character that `for of` yields, U+FFFD for a byte that isn't UTF-8. */
export function runeOf(char: string): number {
  const code = char.codePointAt(0) ?? 0xfffd
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code
}

/** Whether a text has more than `limit` bytes in UTF-8. Encodes it only if its length leaves the question open. */
export function longerThan(text: string, limit: number): boolean {
  // A UTF-16 unit takes one to three bytes, so mostly the length decides.
  if (text.length > limit) return true
  if (text.length * 3 <= limit) return false
  return (hasLoneSurrogate(text) ? toBytes(text).length : Buffer.byteLength(text)) > limit
}

/** The first `limit` bytes of a text. Each byte of a character cut in two leaves one U+FFFD, as when Go prints it. */
export function cutBytes(text: string, limit: number): string {
  if (!longerThan(text, limit)) return text
  return decode(toBytes(text).subarray(0, Math.max(0, limit)), () => '\ufffd')
}
