/** Log bodies of the Docker Engine API as lines. */
import fc from 'fast-check'
import t from 'tap'
import { LogLines, LogStreamError, type LogLine } from '../../../../lib/net/docker/log-lines.ts'

const PIECE = 16 * 1024
const TIMES = ['2026-11-28T17:43:41.679799839Z', '2026-11-28T17:43:41.711998962Z', '2026-11-28T17:43:42Z']

interface Written {
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
  readonly text: string
}

/** As Docker logs a line: pieces of at most 16 KiB with one time, the last one with the line feed. */
function pieces(text: string): string[] {
  const out: string[] = []
  let at = 0
  for (; text.length - at >= PIECE; at += PIECE) out.push(text.slice(at, at + PIECE))
  return [...out, `${text.slice(at)}\n`]
}

function frames(lines: readonly Written[]): Buffer {
  return Buffer.concat(
    lines.flatMap(({ stream, time, text }) =>
      pieces(text).map((piece) => {
        const payload = Buffer.from(`${time} ${piece}`)
        const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0])
        header.writeUInt32BE(payload.length, 4)
        return Buffer.concat([header, payload])
      }),
    ),
  )
}

function terminal(lines: readonly Written[]): Buffer {
  return Buffer.from(
    lines.flatMap(({ time, text }) => pieces(`${text}\r`).map((piece) => `${time} ${piece}`)).join(''),
  )
}

function readIn(bytes: Buffer, cuts: readonly number[], tty: boolean, limit = 1 << 20): LogLine[] {
  const reader = new LogLines(tty, limit)
  const out: LogLine[] = []
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const cut of [...at, bytes.length]) {
    out.push(...reader.push(bytes.subarray(from, cut)))
    from = cut
  }
  return [...out, ...reader.end()]
}

const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((any) => any.replace(/[\r\n]/g, '.')),
  fc.integer({ min: PIECE - 2, max: PIECE + 2 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 2 * PIECE - 2, max: 2 * PIECE + 2 }).map((length) => 'y'.repeat(length)),
)
const written = fc.array(fc.record({ stream: fc.constantFrom('stdout' as const, 'stderr' as const), text }), {
  maxLength: 8,
})
const cuts = fc.array(fc.nat(), { maxLength: 30 })
// Every line has a time of its own.
const timed = (lines: readonly Omit<Written, 'time'>[]): Written[] =>
  lines.map((line, i) => ({ ...line, time: `2026-11-28T17:43:41.${String(i).padStart(9, '0')}Z` }))

void t.test('frames, cut anywhere', (tap) => {
  fc.assert(
    fc.property(written, cuts, (lines, at) => {
      const whole = timed(lines)
      const found = readIn(frames(whole), at, false)
      tap.strictSame(
        found.map(({ stream, line }) => ({ stream, line })),
        whole.map(({ stream, text: line }) => ({ stream, line })),
      )
    }),
    { numRuns: 60 },
  )
  tap.end()
})

void t.test('a terminal, cut anywhere', (tap) => {
  fc.assert(
    fc.property(written, cuts, (lines, at) => {
      const whole = timed(lines)
      tap.strictSame(
        readIn(terminal(whole), at, true).map(({ line }) => line),
        whole.map(({ text: line }) => line),
      )
    }),
    { numRuns: 60 },
  )
  tap.end()
})

void t.test('the time, and a last line without a line feed', (tap) => {
  const header = (payload: string): Buffer => {
    const bytes = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
    bytes.writeUInt32BE(payload.length, 4)
    return Buffer.concat([bytes, Buffer.from(payload)])
  }
  const body = Buffer.concat([
    header(`${TIMES[0]} one`),
    header(`${TIMES[1]} two\n`),
    header(`${TIMES[2]} end`),
  ])
  tap.strictSame(readIn(body, [], false), [
    { stream: 'stdout', seconds: 1795887821, nanos: 679799839, line: 'one', cut: 0 },
    { stream: 'stdout', seconds: 1795887821, nanos: 711998962, line: 'two', cut: 0 },
    { stream: 'stdout', seconds: 1795887822, nanos: 0, line: 'end', cut: 0 },
  ])
  tap.strictSame(
    readIn(Buffer.from(`${TIMES[0]} hello\r\n${TIMES[1]} last`), [3], true).map(({ line }) => line),
    ['hello', 'last'],
  )
  tap.end()
})

void t.test('a line over the limit is cut, and says by how much', (tap) => {
  const lines = [{ stream: 'stdout' as const, time: TIMES[0]!, text: 'x'.repeat(3 * PIECE) }]
  const [line, ...more] = readIn(frames(lines), [], false, 20_000)
  tap.strictSame([line!.line.length, line!.cut, more.length], [20_000, 3 * PIECE - 20_000, 0])
  tap.end()
})

void t.test("bytes that aren't a log stream are refused with memory bounded", (tap) => {
  const reads =
    (bytes: Buffer, tty: boolean): (() => void) =>
    () =>
      void readIn(bytes, [], tty)
  tap.throws(
    reads(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), false),
    LogStreamError,
    'another protocol',
  )
  tap.throws(
    reads(Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), false),
    LogStreamError,
    'a frame of 4 GiB',
  )
  tap.throws(
    reads(Buffer.from([1, 0, 0, 0, 0, 0, 0, 4, 120, 120, 120, 10]), false),
    LogStreamError,
    'no time',
  )
  tap.throws(reads(Buffer.alloc(100, 'x'), true), LogStreamError, 'a terminal without times')
  tap.end()
})
