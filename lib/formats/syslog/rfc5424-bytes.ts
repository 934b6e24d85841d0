/** Finds the text and the time of usual RFC 5424 messages in their bytes; see `parseRfc5424`. */
import { Rfc3339Bytes } from '../../go/rfc3339-bytes.ts'

const SPACE = 0x20
const DASH = 0x2d
const ZERO = 0x30

/** Longest host name, app name, process id and message id. */
const NAMES = [255, 48, 128, 32]

export class Rfc5424Bytes {
  /** Where the text begins, which takes the rest of the message; at its end there is none. */
  text = 0
  /** The time; `undefined`: there is none. */
  time: { readonly seconds: number; readonly nanos: number } | undefined
  readonly #times = new Rfc3339Bytes()

  /** Reads the message in [from, to). Returns `false` for what `parseRfc5424` has to read: structured data, mistakes. */
  read(bytes: Buffer, from: number, to: number): boolean {
    let at = afterVersion(bytes, from, to)
    if (at < 0) return false
    const time = at
    at = graphEnd(bytes, at, to)
    const hasTime = at !== time + 1 || bytes[time] !== DASH
    if (hasTime && !this.#times.read(bytes, time, at)) return false
    this.time = hasTime ? this.#times : undefined
    for (let i = 0; i < NAMES.length; i++) {
      if (at >= to || bytes[at] !== SPACE) return false
      const name = at + 1
      at = graphEnd(bytes, name, to)
      if (at === name || at - name > NAMES[i]!) return false
    }
    if (to - at < 2 || bytes[at] !== SPACE || bytes[at + 1] !== DASH) return false
    at += 2
    if (at < to && bytes[at] !== SPACE) return false
    this.text = Math.min(to, at + 1)
    return true
  }
}

// PRI VERSION SP, as "<13>1 ". Returns where they end, -1 if they aren't there.
function afterVersion(bytes: Buffer, from: number, to: number): number {
  if (to - from < 5 || bytes[from] !== 0x3c) return -1
  let at = from + 1
  let priority = 0
  for (; at < from + 4 && isDigit(bytes[at]!); at++) priority = priority * 10 + bytes[at]! - ZERO
  const leadingZero = bytes[from + 1] === ZERO && at > from + 2
  if (at === from + 1 || leadingZero || priority > 191 || bytes[at] !== 0x3e) return -1
  const version = ++at
  while (at < to && at < version + 3 && isDigit(bytes[at]!)) at++
  if (at === version || bytes[version] === ZERO || at >= to || bytes[at] !== SPACE) return -1
  return at + 1
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

function graphEnd(bytes: Buffer, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at]! > SPACE && bytes[at]! < 127) at++
  return at
}
