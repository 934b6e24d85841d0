/**
 * Cuts the body of `GET /containers/ID/logs?timestamps=1` into lines.
 *
 * Without a TTY the body is frames (Docker Engine API, "Stream format"):
 *
 *     frame = stream (1 byte: 1 stdout, 2 stderr)  0 0 0  length (4 bytes, big endian)  payload
 *     payload = RFC 3339 time  " "  up to 16 KiB of a line  [ "\n" ]
 *
 * The engine logs a longer line in pieces that share one time; each gets a frame, and only the last ends in a line feed.
 * A container that exits in the middle of a line leaves a last frame without one, so a piece with another time starts
 * a new line. With a TTY the payloads follow each other without frames, and all are stdout.
 */
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { plural } from '../../formats/plural.ts'

export interface LogLine {
  readonly stream: 'stdout' | 'stderr'
  readonly seconds: number
  readonly nanos: number
  /** Without its line end. */
  readonly line: string
  /** Bytes cut off because the line was longer than the limit. */
  readonly cut: number
}

/** Thrown for bytes that aren't a log stream: another server answered, or bytes got lost. */
export class LogStreamError extends Error {
  override readonly name = 'LogStreamError'
}

const HEADER_BYTES = 8
const FEED = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
/** The engine's own buffer of one piece (`defaultBufSize` of its log copier). */
const PIECE_BYTES = 16 * 1024
/** A frame holds one piece with its time; `details` could make it longer, but are never asked for. */
const MAX_FRAME_BYTES = 1024 * 1024
/** `2006-01-02T15:04:05.000000000+01:00` and the blank. */
const MAX_STAMP_BYTES = 36

type Sink = (line: LogLine) => void

/** A line that is still coming in, of one stream. */
class OpenLine {
  #stamp = ''
  #pieces: Buffer[] = []
  #bytes = 0
  #cut = 0
  readonly #stream: LogLine['stream']
  readonly #tty: boolean
  readonly #limit: number
  readonly #sink: Sink

  constructor(stream: LogLine['stream'], tty: boolean, limit: number, sink: Sink) {
    this.#stream = stream
    this.#tty = tty
    this.#limit = limit
    this.#sink = sink
  }

  /** Takes one piece; `ended`: a line feed followed it. */
  add(stamp: string, piece: Buffer, ended: boolean): void {
    if (stamp !== this.#stamp) this.flush()
    this.#stamp = stamp
    const room = Math.max(0, this.#limit - this.#bytes)
    const kept = piece.length > room ? piece.subarray(0, room) : piece
    this.#cut += piece.length - kept.length
    this.#bytes += kept.length
    this.#pieces.push(kept)
    if (ended) this.flush()
  }

  /** Hands the line on as it is, if there is one. */
  flush(): void {
    if (this.#stamp === '') return
    const time = parseRfc3339(this.#stamp)
    if (time === undefined)
      throw new LogStreamError(
        `expected a line that starts with its time, found "${this.#stamp.slice(0, 40)}"`,
      )
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    // A terminal ends its lines with CR LF.
    const length = this.#tty && bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length
    const line = bytes.toString('utf8', 0, length)
    this.#sink({ stream: this.#stream, seconds: time.seconds, nanos: time.nanos, line, cut: this.#cut })
    this.#stamp = ''
    this.#pieces = []
    this.#bytes = this.#cut = 0
  }
}

/** Reads one log body, chunk by chunk. Lines longer than `limit` bytes are cut off and say so. */
export class LogLines {
  readonly #tty: boolean
  readonly #stdout: OpenLine
  readonly #stderr: OpenLine
  #lines: LogLine[] = []
  #rest: Buffer = Buffer.alloc(0)
  /** With a TTY: the time of the line that is being read, and how much of its piece has come. */
  #stamp = ''
  #pieceBytes = 0

  constructor(tty: boolean, limit: number) {
    this.#tty = tty
    const sink: Sink = (line) => void this.#lines.push(line)
    this.#stdout = new OpenLine('stdout', tty, limit, sink)
    this.#stderr = new OpenLine('stderr', false, limit, sink)
  }

  /** Returns the lines that this chunk completes. Throws `LogStreamError`. */
  push(chunk: Buffer): LogLine[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    if (this.#tty) this.#readText()
    else this.#readFrames()
    return this.#take()
  }

  /** The body has ended by itself: returns what was left without a line feed. */
  end(): LogLine[] {
    if (this.#stamp !== '' && this.#pieceBytes < PIECE_BYTES && this.#rest.length > 0)
      this.#textPiece(this.#rest, false)
    this.#rest = Buffer.alloc(0)
    this.#stdout.flush()
    this.#stderr.flush()
    return this.#take()
  }

  #take(): LogLine[] {
    const lines = this.#lines
    this.#lines = []
    return lines
  }

  #readFrames(): void {
    const bytes = this.#rest
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const stream = bytes[at]!
      const length = bytes.readUInt32BE(at + 4)
      if (stream > 2 || length > MAX_FRAME_BYTES)
        throw new LogStreamError(
          `expected a frame of stdout or stderr, found stream ${stream} with ${plural(length, 'byte')}: does the container have a TTY that its description doesn't name?`,
        )
      if (bytes.length - at - HEADER_BYTES < length) break
      const from = at + HEADER_BYTES
      this.#frame(stream === 2 ? this.#stderr : this.#stdout, bytes.subarray(from, from + length))
      at = from + length
    }
    this.#rest = bytes.subarray(at)
  }

  #frame(open: OpenLine, payload: Buffer): void {
    const blank = payload.indexOf(SPACE)
    if (blank < 0 || blank >= MAX_STAMP_BYTES)
      throw new LogStreamError('expected a line that starts with its time, found none: is this a log stream?')
    const ended = payload.at(-1) === FEED
    const piece = payload.subarray(blank + 1, ended ? payload.length - 1 : payload.length)
    open.add(payload.toString('latin1', 0, blank), piece, ended)
  }

  // Pieces are told apart by their length: after 16 KiB without a line feed the time stands again.
  #readText(): void {
    let bytes = this.#rest
    for (;;) {
      const full = PIECE_BYTES - this.#pieceBytes
      if (this.#stamp === '' || full === 0) {
        const blank = bytes.indexOf(SPACE)
        if (blank < 0 && bytes.length >= MAX_STAMP_BYTES)
          throw new LogStreamError(
            'expected a line that starts with its time, found none: is this a log stream?',
          )
        if (blank < 0) break
        this.#stamp = bytes.toString('latin1', 0, blank)
        this.#pieceBytes = 0
        bytes = bytes.subarray(blank + 1)
        continue
      }
      const feed = bytes.indexOf(FEED)
      if (feed >= 0 && feed <= full) {
        this.#textPiece(bytes.subarray(0, feed), true)
        bytes = bytes.subarray(feed + 1)
      } else if (bytes.length >= full) {
        this.#textPiece(bytes.subarray(0, full), false)
        bytes = bytes.subarray(full)
      } else break
    }
    this.#rest = bytes
  }

  #textPiece(piece: Buffer, ended: boolean): void {
    this.#stdout.add(this.#stamp, piece, ended)
    this.#pieceBytes += piece.length
    if (ended) this.#stamp = ''
  }
}
