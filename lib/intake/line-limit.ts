/** Keeps lines of a byte stream from growing without end: a line that is too long is cut into several. */
import type { Transform } from 'node:stream'
import { transform } from 'through2'

const FEED = 0x0a
const LINE_FEED = Buffer.from('\n')

/** What a pipe or socket takes as one line at most, unless configured otherwise. */
export const MAX_LINE_BYTES = 1024 * 1024

/**
 * Passes bytes on and puts a line feed where a line would get longer than `limit` bytes, not inside a character of
 * UTF-8. `onCut` is called for each.
 */
export function limitLines(limit: number, onCut: () => void): Transform {
  let length = 0
  return transform(function (this: Transform, chunk: Buffer, _encoding: string, done: () => void) {
    if (length + chunk.length <= limit) {
      const last = chunk.lastIndexOf(FEED)
      length = last < 0 ? length + chunk.length : chunk.length - last - 1
      this.push(chunk)
      return done()
    }
    let from = 0
    for (let at = 0; at < chunk.length;) {
      const feed = chunk.indexOf(FEED, at)
      const end = feed < 0 ? chunk.length : feed
      if (length + end - at <= limit) {
        length = feed < 0 ? length + end - at : 0
        at = feed < 0 ? end : feed + 1
        continue
      }
      const start = characterStart(chunk, at + limit - length, at)
      // A limit smaller than a character must not stop everything.
      const cut = start > at || length > 0 ? start : at + limit
      if (cut > from) this.push(chunk.subarray(from, cut))
      this.push(LINE_FEED)
      onCut()
      from = at = cut
      length = 0
    }
    if (from < chunk.length) this.push(from === 0 ? chunk : chunk.subarray(from))
    done()
  }) as Transform
}

// At or up to three bytes before `at`. A character torn between chunks is rather cut than held back.
function characterStart(bytes: Buffer, at: number, from: number): number {
  let start = at
  while (start > from && start > at - 4 && (bytes[start]! & 0xc0) === 0x80) start--
  return start
}
