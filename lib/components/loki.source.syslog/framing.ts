/**
 * From bytes to syslog messages (RFC 6587): octet counting where a connection begins with a digit, else messages
 * that end with a line feed. The choice is made once for a connection.
 */
import type { Transform } from 'node:stream'
import { transform } from 'through2'
import type { Clock, Timer } from '../../flow/clock.ts'

/** Longer messages without a count are thrown away, and counted: a sender without line ends must not fill the memory. */
export const MAX_LINE_MESSAGE_BYTES = 16 * 1024 * 1024

/** How long the end of a message is doubted: the next line might be its second one. */
const PAUSE_MS = 200

const MAX_COUNT_DIGITS = 10
const FEED = 0x0a
const SPACE = 0x20
const LESS = 0x3c

/** Bytes that could not be made a message. `fatal`: nothing behind them can, the connection is of no use. */
export interface Broken {
  readonly broken: string
  readonly fatal: boolean
}

export type Frame = Buffer | Broken

export function isBroken(frame: Frame): frame is Broken {
  return !Buffer.isBuffer(frame)
}

export interface FramingOptions {
  /** The most that a count may say, in bytes. */
  readonly maxLength: number
  /** Lines of any form, as they are: they need not begin with a priority. */
  readonly raw: boolean
  /** What ends a message that has no count. */
  readonly delimiter: number
}

type State = 'start' | 'octets' | 'lines' | 'skipping' | 'broken'

/** Cuts one connection or datagram. */
export class Framer {
  readonly #options: FramingOptions
  #state: State = 'start'
  /** What is kept of a message that is not complete. */
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(options: FramingOptions) {
    this.#options = options
  }

  /** Appends what `chunk` completes to `frames`. */
  push(chunk: Buffer, frames: Frame[]): void {
    if (this.#state === 'broken') return
    if (this.#state === 'start') this.#begin(this.#take(chunk), frames)
    else if (this.#state === 'octets') this.#cutOctets(this.#take(chunk), frames)
    else this.#cutLines(chunk, frames)
  }

  /** Whether a whole message is held back, because the next line might belong to it. */
  get doubtful(): boolean {
    return this.#state !== 'octets' && this.#held.at(-1)?.at(-1) === this.#options.delimiter
  }

  /** Gives the message that is held back in doubt. */
  settle(frames: Frame[]): void {
    if (this.doubtful) this.#emit(this.#take(), frames)
  }

  /** Nothing more comes. A last message without a line end is complete; one that is shorter than its count is not. */
  end(frames: Frame[]): void {
    const rest = this.#take()
    if (this.#state === 'octets' && rest.length > 0)
      frames.push({
        broken: `the connection ended inside a message, after ${rest.length} bytes`,
        fatal: true,
      })
    else if (this.#state === 'start' || this.#state === 'lines') this.#emit(rest, frames)
    this.#state = 'broken'
  }

  #begin(bytes: Buffer, frames: Frame[]): void {
    let from = 0
    while (from < bytes.length && isLineEnd(bytes[from]!)) from++
    if (from === bytes.length) return
    const rest = bytes.subarray(from)
    const first = rest[0]!
    const { raw } = this.#options
    if (isDigit(first) && raw && !isCount(rest)) this.#state = couldBeCount(rest) ? 'start' : 'lines'
    else if (isDigit(first)) this.#state = 'octets'
    else if (first === LESS || raw) this.#state = 'lines'
    else return this.#break(`found "${shown(rest)}" where a message begins: expected "<" or a length`, frames)
    if (this.#state === 'start') this.#keep(rest)
    else this.push(rest, frames)
  }

  /** OCTETS = *( MSG-LEN SP MSG [ LF ] ); MSG-LEN counts the bytes of MSG */
  #cutOctets(bytes: Buffer, frames: Frame[]): void {
    let at = 0
    while (at < bytes.length) {
      if (isLineEnd(bytes[at]!)) {
        at++
        continue
      }
      const space = countEnd(bytes, at)
      if (space === bytes.length && space - at <= MAX_COUNT_DIGITS) break
      if (space === at || bytes[space] !== SPACE || space - at > MAX_COUNT_DIGITS)
        return this.#break(
          `found "${shown(bytes.subarray(at))}" where the length of a message was expected`,
          frames,
        )
      const length = Number(bytes.toString('latin1', at, space))
      const { maxLength } = this.#options
      if (length === 0 || length > maxLength)
        return this.#break(
          length === 0
            ? 'found the message length 0'
            : `a message of ${length} bytes is longer than max_message_length (${maxLength})`,
          frames,
        )
      if (space + 1 + length > bytes.length) break
      frames.push(withoutLineEnd(bytes.subarray(space + 1, space + 1 + length)))
      at = space + 1 + length
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at))
  }

  /** LINES = *( MSG LF ); a line that does not begin with "<" goes on with the message before it, unless raw */
  #cutLines(chunk: Buffer, frames: Frame[]): void {
    const { raw, delimiter } = this.#options
    let from = 0
    if (this.doubtful && chunk.length > 0 && this.#beginsMessage(chunk, 0)) this.settle(frames)
    for (let at = chunk.indexOf(delimiter); at >= 0; at = chunk.indexOf(delimiter, at + 1)) {
      if (!raw && (at + 1 === chunk.length || !this.#beginsMessage(chunk, at + 1))) continue
      this.#emit(this.#take(chunk.subarray(from, at + 1)), frames)
      from = at + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
    if (this.#heldBytes <= MAX_LINE_MESSAGE_BYTES) return
    // The last byte stays: it may be the delimiter behind which the next message begins.
    this.#held = [chunk.subarray(-1)]
    this.#heldBytes = 1
    if (this.#state === 'lines')
      frames.push({ broken: `a message is longer than ${MAX_LINE_MESSAGE_BYTES} bytes`, fatal: false })
    this.#state = 'skipping'
  }

  #beginsMessage(bytes: Buffer, at: number): boolean {
    return this.#options.raw || bytes[at] === LESS
  }

  #emit(bytes: Buffer, frames: Frame[]): void {
    if (this.#state === 'skipping') {
      this.#state = 'lines'
      return
    }
    const message = withoutLineEnd(bytes)
    if (message.length > 0) frames.push(message)
  }

  #break(broken: string, frames: Frame[]): void {
    frames.push({ broken, fatal: true })
    this.#state = 'broken'
  }

  #keep(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
  }

  #take(more?: Buffer): Buffer {
    if (this.#heldBytes === 0) return more ?? Buffer.alloc(0)
    if (more !== undefined) this.#held.push(more)
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held)
    this.#held = []
    this.#heldBytes = 0
    return bytes
  }
}

/** The Transform of a connection: bytes in, arrays of frames out. Ends early behind a fatal one. */
export function framing(options: FramingOptions, clock: Clock): Transform {
  const framer = new Framer(options)
  let timer: Timer | undefined
  const settle = (stream: Transform): void => {
    const frames: Frame[] = []
    framer.settle(frames)
    if (frames.length > 0 && !stream.destroyed) stream.push(frames)
  }
  return transform(
    { readableObjectMode: true, readableHighWaterMark: 2 },
    function (this: Transform, chunk: Buffer, _encoding: string, done: () => void) {
      timer?.cancel()
      const frames: Frame[] = []
      framer.push(chunk, frames)
      if (frames.length > 0) this.push(frames)
      if (framer.doubtful) timer = clock.after(PAUSE_MS, () => settle(this))
      done()
    },
    function (this: Transform, done: () => void) {
      timer?.cancel()
      const frames: Frame[] = []
      framer.end(frames)
      if (frames.length > 0) this.push(frames)
      done()
    },
  ) as Transform
}

// Some senders end messages with CR LF, or with a NUL.
function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && isLineEnd(bytes[end - 1]!)) end--
  return end === bytes.length ? bytes : bytes.subarray(0, end)
}

function isLineEnd(byte: number): boolean {
  return byte === FEED || byte === 0x0d || byte === 0
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function countEnd(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && at - from <= MAX_COUNT_DIGITS && isDigit(bytes[at]!)) at++
  return at
}

function isCount(bytes: Buffer): boolean {
  return bytes[countEnd(bytes, 0)] === SPACE
}

function couldBeCount(bytes: Buffer): boolean {
  return countEnd(bytes, 0) === bytes.length
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 24)).slice(1, -1)
}
