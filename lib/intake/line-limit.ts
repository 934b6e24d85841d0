/**
 * The one limit for lines: a longer one is cut into parts, so that input without line ends can't fill the memory.
 * Each part becomes an entry of its own that says which part it is.
 */
import type { StructuredMetadata } from '../flow/entry.ts'

/** As much as one partition may have unsettled; Loki itself takes 256 KiB unless configured otherwise. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** Structured metadata that numbers the parts of a cut line, from 1. */
const PART_NAME = 'logstream_line_part'

/** The mark of a part. */
export function partMark(part: number): StructuredMetadata {
  return [[PART_NAME, String(part)]]
}

/** Whether `line` takes more than `limit` bytes as UTF-8. */
export function isTooLong(line: string, limit: number): boolean {
  // A UTF-16 unit takes at most three bytes, so most lines need no counting.
  return line.length * 3 > limit && Buffer.byteLength(line) > limit
}

/** `line` in parts of at most `limit` bytes of UTF-8, none of which tears a character. */
export function partsOf(line: string, limit: number): string[] {
  const bytes = Buffer.from(line)
  const parts: string[] = []
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(bytes.length, start + limit)
    while (end < bytes.length && end > start && (bytes[end]! & 0xc0) === 0x80) end--
    // A limit smaller than a character must not stop everything.
    if (end === start) end = Math.min(bytes.length, start + Math.max(4, limit))
    parts.push(bytes.toString('utf8', start, end))
    start = end
  }
  return parts
}
