/** Go's base64 and base32 decoders, with the place of the first mistake. */
import { fromBytes, toBytes } from '../../strings/bytes.ts'

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const PADDING = 0x3d

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d
}

/** Digits of `bits` bits each as whole bytes. */
function pack(digits: readonly number[], bits: number): Uint8Array {
  const bytes: number[] = []
  let held = 0
  let count = 0
  for (const digit of digits) {
    held = (held << bits) | digit
    count += bits
    if (count < 8) continue
    count -= 8
    bytes.push((held >> count) & 0xff)
    held &= (1 << count) - 1
  }
  return Uint8Array.from(bytes)
}

/** Where the padding that starts at `at`, digit `place` of 4, is wrong; undefined if it is right. */
function badPadding64(bytes: Uint8Array, at: number, place: number): number | undefined {
  if (place < 2) return at
  let next = at + 1
  if (place === 2) {
    while (isLineEnd(bytes[next])) next++
    if (next === bytes.length) return bytes.length
    if (bytes[next] !== PADDING) return next - 1
    next++
  }
  while (isLineEnd(bytes[next])) next++
  return next < bytes.length ? next : undefined
}

/** The digits, or the offset of a mistake. */
function digits64(bytes: Uint8Array): number[] | number {
  const digits: number[] = []
  for (const [at, byte] of bytes.entries()) {
    const digit = base64Alphabet.indexOf(String.fromCharCode(byte))
    if (digit >= 0) digits.push(digit)
    else if (byte === PADDING) return badPadding64(bytes, at, digits.length % 4) ?? digits
    else if (!isLineEnd(byte)) return at
  }
  const left = digits.length % 4
  return left === 0 ? digits : bytes.length - left
}

/** The decoded text, or Go's error message, which sprig returns instead. */
export function decodeBase64(text: string): string {
  const digits = digits64(toBytes(text))
  if (typeof digits === 'number') return `illegal base64 data at input byte ${digits}`
  return fromBytes(pack(digits, 6))
}

/** Where padding of 8 digits is wrong: it starts at `at`, digit `place`. */
function badPadding32(bytes: Uint8Array, at: number, place: number): number | undefined {
  const rest = bytes.length - at - 1
  if (rest + place < 7) return bytes.length
  for (let k = 0; k < 7 - place; k++) {
    if (k < rest && bytes[at + 1 + k] !== PADDING) return at + k
  }
  return place === 3 || place === 6 ? at : undefined
}

function digits32(bytes: Uint8Array): number[] | number {
  const digits: number[] = []
  for (const [at, byte] of bytes.entries()) {
    const place = digits.length % 8
    if (byte === PADDING && place >= 2 && bytes.length - at - 1 < 8)
      return badPadding32(bytes, at, place) ?? digits
    const digit = base32Alphabet.indexOf(String.fromCharCode(byte))
    if (digit < 0) return at
    digits.push(digit)
  }
  const left = digits.length % 8
  return left === 0 ? digits : bytes.length - left
}

/** As decodeBase64. */
export function decodeBase32(text: string): string {
  const digits = digits32(toBytes(text).filter((byte) => !isLineEnd(byte)))
  if (typeof digits === 'number') return `illegal base32 data at input byte ${digits}`
  return fromBytes(pack(digits, 5))
}

export function encodeBase32(text: string): string {
  let encoded = ''
  let held = 0
  let count = 0
  for (const byte of toBytes(text)) {
    held = (held << 8) | byte
    count += 8
    while (count >= 5) {
      count -= 5
      encoded += base32Alphabet[(held >> count) & 31]
    }
    held &= (1 << count) - 1
  }
  if (count > 0) encoded += base32Alphabet[(held << (5 - count)) & 31]
  return encoded.padEnd(Math.ceil(encoded.length / 8) * 8, '=')
}
