/** Strict RFC 3339 times that lie in bytes, read without a string of them. */
import { daysFromCivil, daysInMonth } from './time/instant.ts'

const ZERO = 0x30
const BAD = -1

export class Rfc3339Bytes {
  /** What `read` has found. */
  seconds = 0
  nanos = 0
  /** The last day, and its midnight. */
  #day = BAD
  #midnight = 0

  /** As `parseRfc3339` of the text that lies in [from, to). Returns whether it is a time. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from < 20) return false
    const hour = pairAt(bytes, from + 11)
    const minute = pairAt(bytes, from + 14)
    const second = pairAt(bytes, from + 17)
    if ((hour | minute | second) < 0 || hour > 23 || minute > 59 || second > 59) return false
    // - - T : :
    if (bytes[from + 4] !== 0x2d || bytes[from + 7] !== 0x2d || bytes[from + 10] !== 0x54) return false
    if (bytes[from + 13] !== 0x3a || bytes[from + 16] !== 0x3a) return false
    const midnight = this.#midnightAt(bytes, from)
    if (Number.isNaN(midnight)) return false
    let at = from + 19
    let nanos = 0
    if (bytes[at] === 0x2e) {
      const first = ++at
      let scale = 1e9
      for (; at < to && isDigit(bytes[at]!); at++) {
        if (scale === 1) continue
        scale /= 10
        nanos += (bytes[at]! - ZERO) * scale
      }
      if (at === first) return false
    }
    const offset = offsetAt(bytes, at, to)
    if (Number.isNaN(offset)) return false
    this.seconds = midnight + hour * 3600 + minute * 60 + second - offset
    this.nanos = nanos
    return true
  }

  #midnightAt(bytes: Uint8Array, from: number): number {
    const century = pairAt(bytes, from)
    const ofCentury = pairAt(bytes, from + 2)
    const month = pairAt(bytes, from + 5)
    const day = pairAt(bytes, from + 8)
    if ((century | ofCentury | month | day) < 0) return NaN
    const year = century * 100 + ofCentury
    const key = (year * 100 + month) * 100 + day
    if (key === this.#day) return this.#midnight
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(month, year)) return NaN
    this.#day = key
    return (this.#midnight = daysFromCivil(year, month, day) * 86400)
  }
}

// The offset in seconds that takes all of [at, to), NaN for anything else.
function offsetAt(bytes: Uint8Array, at: number, to: number): number {
  const sign = bytes[at]
  if (sign === 0x5a) return to === at + 1 ? 0 : NaN
  if ((sign !== 0x2b && sign !== 0x2d) || to !== at + 6 || bytes[at + 3] !== 0x3a) return NaN
  const hours = pairAt(bytes, at + 1)
  const minutes = pairAt(bytes, at + 4)
  if ((hours | minutes) < 0 || hours > 23 || minutes > 59) return NaN
  const offset = hours * 3600 + minutes * 60
  return sign === 0x2d ? -offset : offset
}

/** Two digits, or BAD. */
function pairAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]! - ZERO
  const second = bytes[at + 1]! - ZERO
  return first >= 0 && first <= 9 && second >= 0 && second <= 9 ? first * 10 + second : BAD
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}
