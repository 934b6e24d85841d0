/**
 * From bytes to lines, without state: callers pass whole lines, up to the last line feed. Lines are slices of one
 * decoded string per segment, which is what makes reading cost less than 1 µs a line.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { UTF8, type TextEncoding } from './encoding.ts'

/**
 * Bytes decoded as one string, and acknowledged together: some 1,500 usual lines. A batch costs 0.1 ms besides its lines, but
 * strings of 128 KiB are large objects to V8, which cost more than they save.
 */
export const SEGMENT_BYTES = 120 * 1024

/** Bytes that are ready to be cut: whole lines in [start, end), or a part of one that is too long. */
export interface Segment {
  /** Memory that holds the segment. */
  readonly bytes: Buffer
  /** Offset of its first byte. */
  readonly start: number
  /** Offset after its last byte. */
  readonly end: number
  /** UTF-8 if left out. */
  readonly encoding?: TextEncoding
  /** Which part of a cut line the first line here is, from 1; 0 or left out: none. */
  readonly part?: number
  /** It is a part that others of the same line follow. */
  readonly unfinished?: boolean
}

const FEED = 0x0a
const RETURN = 0x0d

/** Returns where the last line in [start, end) ends, after its line feed; `start` if no line ends there. */
export function lastLineEnd(bytes: Buffer, start: number, end: number, encoding: TextEncoding): number {
  const { unit } = encoding
  if (unit === 1) {
    const at = end <= start ? -1 : bytes.lastIndexOf(FEED, end - 1)
    return at < start ? start : at + 1
  }
  for (let at = start + Math.floor((end - start) / unit) * unit; at > start; at -= unit)
    if (isFeed(bytes, at - unit, encoding)) return at
  return start
}

/** Returns where the first line in [start, end) ends, after its line feed; -1 if no line ends there. */
export function firstLineEnd(bytes: Buffer, start: number, end: number, encoding: TextEncoding): number {
  const { unit } = encoding
  if (unit === 1) {
    const at = bytes.indexOf(FEED, start)
    return at < 0 || at >= end ? -1 : at + 1
  }
  for (let at = start; at + unit <= end; at += unit) if (isFeed(bytes, at, encoding)) return at + unit
  return -1
}

function isFeed(bytes: Buffer, at: number, { unit, feedAt }: TextEncoding): boolean {
  for (let i = 0; i < unit; i++) if (bytes[at + i] !== (i === feedAt ? FEED : 0)) return false
  return true
}

/** The end of the first segment in [start, end): whole lines, at most SEGMENT_BYTES unless one line is longer. */
export function segmentEnd(bytes: Buffer, start: number, end: number, encoding: TextEncoding): number {
  if (end - start <= SEGMENT_BYTES) return end
  const whole = lastLineEnd(bytes, start, start + SEGMENT_BYTES, encoding)
  if (whole > start) return whole
  const first = firstLineEnd(bytes, start, end, encoding)
  return first < 0 ? end : first
}

/**
 * Where to cut a line that is too long, at or before `end`, so that no character is torn and the part takes no more than
 * `end - start` bytes as UTF-8 either: invalid bytes become three, and other encodings may grow.
 */
export function partEnd(bytes: Buffer, start: number, end: number, encoding: TextEncoding): number {
  const limit = end - start
  for (let to = end; ;) {
    const at = characterEnd(bytes, start, to, encoding)
    const size = sizeAsUtf8(bytes.subarray(start, at), encoding)
    if (size <= limit || at - start <= 4) return at
    to = start + Math.max(4, Math.floor(((at - start) * limit) / size))
  }
}

function characterEnd(bytes: Buffer, start: number, end: number, encoding: TextEncoding): number {
  if (encoding.unit > 1) return start + Math.floor((end - start) / encoding.unit) * encoding.unit
  if (encoding.decode !== undefined) return end
  let at = end
  while (at > end - 4 && at > start && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}

function sizeAsUtf8(bytes: Buffer, { decode }: TextEncoding): number {
  if (decode !== undefined) return Buffer.byteLength(decode(bytes))
  return isUtf8(bytes) ? bytes.length : Buffer.byteLength(bytes.toString('utf8'))
}

/**
 * Appends the lines in [start, end) to `lines`, without their LF or CRLF; bytes after the last LF are a line too.
 * Returns how many lines held invalid bytes (each run of them became U+FFFD); only UTF-8 is checked.
 */
export function cutLines({ bytes, start, end, encoding = UTF8 }: Segment, lines: string[]): number {
  if (encoding.decode !== undefined) {
    cutEach(bytes, start, end, encoding, lines)
    return 0
  }
  const segment = bytes.subarray(start, end)
  if (isAscii(segment)) cutText(segment.toString('latin1'), lines)
  else if (isUtf8(segment)) cutText(segment.toString('utf8'), lines)
  else return cutEach(bytes, start, end, encoding, lines)
  return 0
}

function cutText(text: string, lines: string[]): void {
  let from = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
    lines.push(text.slice(from, at > from && text.charCodeAt(at - 1) === RETURN ? at - 1 : at))
    from = at + 1
  }
  if (from < text.length) lines.push(text.slice(from))
}

function cutEach(bytes: Buffer, start: number, end: number, encoding: TextEncoding, lines: string[]): number {
  let invalid = 0
  for (let from = start; from < end;) {
    const found = firstLineEnd(bytes, from, end, encoding)
    const next = found < 0 ? end : found
    const line = bytes.subarray(from, found < 0 ? end : next - encoding.unit)
    if (encoding.decode === undefined && !isUtf8(line)) invalid++
    const text = encoding.decode === undefined ? line.toString('utf8') : encoding.decode(line)
    lines.push(found >= 0 && text.endsWith('\r') ? text.slice(0, -1) : text)
    from = next
  }
  return invalid
}
