/** Finds the values of a few keys in logfmt by scanning its bytes, without a string of any; see `parseLogfmt`. */

const QUOTE = 0x22
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const FEED = 0x0a
/** The first byte of U+FFFD, which no key may hold. */
const REPLACEMENT = 0xef

export class LogfmtFields {
  /** By key: where its last value lies; a start of -1: nowhere. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly #keys: readonly Buffer[]

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Buffer.from(key))
    this.starts = new Int32Array(keys.length)
    this.ends = new Int32Array(keys.length)
  }

  /**
   * Finds the values in [from, to), up to the first mistake, as `parseLogfmt` does. Returns `false` for what that has to
   * read: wanted values with escapes, several lines, keys that may hold U+FFFD.
   */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    this.starts.fill(-1)
    for (let at = from; ;) {
      while (at < to && bytes[at]! <= 32) if (bytes[at++] === FEED) return false
      if (at >= to) return true
      const key = at
      for (; at < to && bytes[at]! > 32 && bytes[at] !== EQUALS; at++) {
        if (bytes[at] === QUOTE) return true
        if (bytes[at] === REPLACEMENT) return false
      }
      const keyEnd = at
      if (keyEnd === key) return true
      if (at < to && bytes[at] === EQUALS) at++
      const start = at
      if (at < to && bytes[at] === QUOTE) {
        let escapes = false
        let controls = false
        for (at++; at < to && bytes[at] !== QUOTE; at++) {
          if (bytes[at] === FEED) return false
          if (bytes[at]! < 32) controls = true
          if (bytes[at] !== BACKSLASH) continue
          if (++at >= to || !isShortEscape(bytes[at]!)) return false
          escapes = true
        }
        if (at >= to) return true
        if (this.#found(bytes, key, keyEnd, start + 1, at++) ? escapes : escapes && controls) return false
      } else {
        for (; at < to && bytes[at]! > 32; at++) if (bytes[at] === QUOTE || bytes[at] === EQUALS) return true
        this.#found(bytes, key, keyEnd, start, at)
      }
    }
  }

  // Returns whether the key is a wanted one.
  #found(bytes: Uint8Array, key: number, keyEnd: number, start: number, end: number): boolean {
    let wants = false
    for (let i = 0; i < this.#keys.length; i++) {
      const wanted = this.#keys[i]!
      if (wanted.length !== keyEnd - key) continue
      let k = 0
      while (k < wanted.length && wanted[k] === bytes[key + k]) k++
      if (k < wanted.length) continue
      this.starts[i] = start
      this.ends[i] = end
      wants = true
    }
    return wants
  }
}

// b f n r t " ' / \; the escapes of code points have rules of their own.
function isShortEscape(byte: number): boolean {
  return SHORT_ESCAPES.includes(byte)
}

const SHORT_ESCAPES = Buffer.from('bfnrt"\'/\\')
