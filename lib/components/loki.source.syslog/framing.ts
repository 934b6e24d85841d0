/**
 * From bytes to syslog messages (RFC 6587): octet counting where a connection begins with a length, else messages that
 * end with a line feed or NUL. Whatever comes is part of some message: bytes that fit neither framing are handed on
 * with what is wrong with them.
 */
import { UTF8 } from '../../intake/encoding.ts'
import { partEnd } from '../../intake/lines.ts'
import { plural } from '../../formats/plural.ts'

const MAX_COUNT_DIGITS = 10
const FEED = 0x0a
const RETURN = 0x0d
const NUL = 0
const SPACE = 0x20
const LESS = 0x3c

/** One message without its line end: the bytes from `from` to `to`. A buffer of its own for each would cost 0.1 µs. */
export interface Frame {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** What is wrong with it; '' for nothing. */
  readonly fault: string
}

export interface FramingOptions {
  /** The most that a count may say, in bytes (`max_message_length`). */
  readonly maxLength: number
  /** A longer message is cut, so that a sender without line ends can't fill the memory; in bytes. */
  readonly maxHeld: number
  /** Lines of any form, each a message: they need not begin with a priority. */
  readonly raw: boolean
  /** What ends a raw message. */
  readonly delimiter: number
}

/** Cuts one connection or datagram. */
export class Framer {
  readonly #options: FramingOptions
  #state: 'start' | 'octets' | 'lines' = 'start'
  /** What is kept of a message that isn't complete. */
  #held: Buffer[] = []
  #heldBytes = 0
  /** With fewer bytes than these a counted message isn't complete. */
  #needed = 0

  constructor(options: FramingOptions) {
    this.#options = options
  }

  /** Returns the messages that `chunk` completes. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    // Bytes are joined only when that completes something, or many small chunks would cost the square of their number.
    if (this.#completes(chunk)) this.#cut(this.#take(chunk), frames)
    else if (chunk.length > 0) this.#keep(chunk)
    return frames
  }

  /** Whether a whole message is held back, because the next line might belong to it. */
  get doubtful(): boolean {
    const last = this.#held.at(-1)?.at(-1)
    return this.#state === 'lines' && last !== undefined && this.#isDelimiter(last)
  }

  /** Returns the message that is held back in doubt. */
  settle(): Frame[] {
    return this.doubtful ? this.end() : []
  }

  /** Nothing more comes, or nothing for a while: what is held is a message. */
  end(): Frame[] {
    const rest = this.#take()
    const frames: Frame[] = []
    const cut =
      this.#state === 'octets'
        ? `the connection ended inside a message, after ${plural(rest.length, 'byte')}`
        : ''
    emit(rest, this.#state === 'octets' ? countLength(rest) : 0, rest.length, cut, frames)
    return frames
  }

  #completes(chunk: Buffer): boolean {
    const bytes = this.#heldBytes + chunk.length
    if (chunk.length === 0 || bytes < this.#needed) return false
    const first = this.#held[0]?.[0]
    if (this.#state !== 'lines' || first === undefined || bytes > this.#options.maxHeld) return true
    if (this.#endsAtFeed(first)) return chunk.includes(this.#feed)
    for (let at = chunk.indexOf(LESS); at >= 0; at = chunk.indexOf(LESS, at + 1))
      if (this.#isDelimiter(at === 0 ? this.#held.at(-1)!.at(-1)! : chunk[at - 1]!)) return true
    return false
  }

  #cut(bytes: Buffer, frames: Frame[]): void {
    this.#needed = 0
    if (this.#state === 'start') this.#begin(bytes, frames)
    else if (this.#state === 'octets') this.#cutOctets(bytes, frames)
    else this.#cutLines(bytes, frames)
  }

  #begin(bytes: Buffer, frames: Frame[]): void {
    let from = 0
    while (from < bytes.length && isLineEnd(bytes[from]!)) from++
    const end = digitsEnd(bytes, from)
    if (end === bytes.length && end - from <= MAX_COUNT_DIGITS) return this.#keep(bytes.subarray(from))
    this.#state = end > from && bytes[end] === SPACE ? 'octets' : 'lines'
    this.#cut(bytes.subarray(from), frames)
  }

  // OCTETS = *( MSG-LEN SP MSG [ LF ] ); MSG-LEN counts the bytes of MSG
  #cutOctets(bytes: Buffer, frames: Frame[]): void {
    const { maxLength, maxHeld } = this.#options
    let at = 0
    while (at < bytes.length) {
      if (isLineEnd(bytes[at]!)) {
        at++
        continue
      }
      const end = digitsEnd(bytes, at)
      if (end === bytes.length && end - at <= MAX_COUNT_DIGITS) break
      const length = Number(bytes.toString('latin1', at, end))
      const isCount = end > at && end - at <= MAX_COUNT_DIGITS && bytes[end] === SPACE
      if (!isCount || length > Math.max(maxLength, maxHeld))
        return this.#leaveOctets(bytes.subarray(at), frames)
      const start = end + 1
      if (start + length > bytes.length) {
        this.#needed = start + length - at
        break
      }
      const fault =
        length > maxLength
          ? `a message of ${plural(length, 'byte')} is longer than max_message_length (${maxLength})`
          : ''
      emit(bytes, start, start + length, fault, frames)
      at = start + length
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at))
  }

  // The counts can't be followed any more. What comes from here on is cut at line ends.
  #leaveOctets(bytes: Buffer, frames: Frame[]): void {
    this.#state = 'lines'
    const found = JSON.stringify(bytes.toString('latin1', 0, 24))
    const before = frames.length
    this.#cutLines(bytes, frames)
    const fault = `expected the length of a message, found ${found}`
    if (frames.length > before) frames[before] = { ...frames[before]!, fault }
  }

  // LINES = *( MSG end ); where MSG begins with "<", lines that don't go on with it, unless raw
  #cutLines(bytes: Buffer, frames: Frame[]): void {
    let from = 0
    for (let end = this.#messageEnd(bytes, from); end >= 0; end = this.#messageEnd(bytes, from)) {
      emit(bytes, from, end, '', frames)
      for (from = end; from < bytes.length && isLineEnd(bytes[from]!);) from++
    }
    const { maxHeld } = this.#options
    while (bytes.length - from > maxHeld) {
      const end = partEnd(bytes, from, from + maxHeld, UTF8)
      emit(bytes, from, end, `a message is longer than ${maxHeld} bytes`, frames)
      from = end
    }
    if (from < bytes.length) this.#keep(bytes.subarray(from))
  }

  // Where the message at `from` ends for certain; -1 if that isn't there yet.
  #messageEnd(bytes: Buffer, from: number): number {
    if (this.#endsAtFeed(bytes[from])) {
      const feed = bytes.indexOf(this.#feed, from)
      return feed < 0 ? -1 : feed + 1
    }
    for (let at = bytes.indexOf(LESS, from + 1); at >= 0; at = bytes.indexOf(LESS, at + 1))
      if (this.#isDelimiter(bytes[at - 1]!)) return at
    return -1
  }

  // Only what begins with a priority may go on in further lines.
  #endsAtFeed(first: number | undefined): boolean {
    return this.#options.raw || first !== LESS
  }

  get #feed(): number {
    return this.#options.raw ? this.#options.delimiter : FEED
  }

  #isDelimiter(byte: number): boolean {
    return this.#options.raw ? byte === this.#feed : byte === FEED || byte === NUL
  }

  #keep(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }

  #take(more?: Buffer): Buffer {
    if (more !== undefined) this.#keep(more)
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held, this.#heldBytes)
    this.#held = []
    this.#heldBytes = 0
    return bytes
  }
}

// Messages end with LF, CR LF or NUL, some with several of them.
function emit(bytes: Buffer, from: number, to: number, fault: string, frames: Frame[]): void {
  let end = to
  while (end > from && isLineEnd(bytes[end - 1]!)) end--
  if (end > from) frames.push({ bytes, from, to: end, fault })
}

function isLineEnd(byte: number): boolean {
  return byte === FEED || byte === RETURN || byte === NUL
}

function digitsEnd(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && at - from <= MAX_COUNT_DIGITS && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
  return at
}

function countLength(bytes: Buffer): number {
  const end = digitsEnd(bytes, 0)
  return bytes[end] === SPACE ? end + 1 : end
}
