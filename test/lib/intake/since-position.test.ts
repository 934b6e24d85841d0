/** Reading a container's log on from a cursor: no line twice, none missing, whatever the times say. */
import fc from 'fast-check'
import t from 'tap'
import { SincePosition, type SinceCursor } from '../../../lib/intake/since-position.ts'

interface Logged {
  readonly seconds: number
  readonly nanos: number
  readonly id: number
}

/** What Docker returns for `since`: older lines are left out, the order is kept. */
function since(log: readonly Logged[], text: string): Logged[] {
  const [seconds = '0', nanos = ''] = text.split('.')
  const [s, n] = [Number(seconds), Number(nanos.padEnd(9, '0'))]
  return log.filter((line) => line.seconds > s || (line.seconds === s && line.nanos >= n))
}

/** Reads up to `count` new lines. */
function read(
  log: readonly Logged[],
  from: SinceCursor | undefined,
  count: number,
): { ids: number[]; cursor: SinceCursor } {
  const position = new SincePosition(from)
  const ids: number[] = []
  let cursor = position.cursor
  for (const line of since(log, position.since)) {
    if (ids.length === count) break
    if (!position.next(line)) continue
    ids.push(line.id)
    cursor = position.cursor
  }
  return { ids, cursor: ids.length === 0 && from !== undefined ? from : cursor }
}

void t.test('any log, read in any portions, comes out once and in order', (tap) => {
  // Steps forward, none at all (one nanosecond for several lines), and back by less than a second.
  const step = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: -400_000_000, max: 900_000_000 }),
  )
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 3000 }),
      fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 12 }),
      (steps, portions) => {
        let latest = 1_795_887_821_000_000_000n
        const log = steps.map((ns, id) => {
          const time = ns < 0 ? latest + BigInt(ns) : (latest += BigInt(ns))
          return { seconds: Number(time / 1_000_000_000n), nanos: Number(time % 1_000_000_000n), id }
        })
        let cursor: SinceCursor | undefined
        const all: number[] = []
        for (const portion of [...portions, log.length]) {
          const { ids, cursor: next } = read(log, cursor, portion)
          all.push(...ids)
          cursor = next
        }
        tap.strictSame(
          all,
          log.map(({ id }) => id),
        )
      },
    ),
    { numRuns: 40 },
  )
  tap.end()
})

void t.test('a log whose older part was rotated away hides no new line', (tap) => {
  const line = (id: number): Logged => ({ seconds: 1000, nanos: id, id })
  const log = Array.from({ length: 10 }, (_, id) => line(id))
  const { cursor } = read(log, undefined, 10)
  const rotated = [...log.slice(7), line(10), line(11)]
  tap.strictSame(read(rotated, cursor, 99).ids, [10, 11])
  tap.end()
})

void t.test('a log that holds none of the lines that were read may lack others too', (tap) => {
  const line = (id: number): Logged => ({ seconds: 1000, nanos: id, id })
  const { cursor } = read([line(0), line(1), line(2)], undefined, 2)
  const gapIn = (log: readonly Logged[]): boolean => {
    const position = new SincePosition(cursor)
    for (const each of log) position.next(each)
    return position.gap
  }
  tap.equal(gapIn([line(0), line(1), line(2)]), false)
  tap.equal(gapIn([line(1), line(2)]), false)
  tap.equal(gapIn([line(2)]), true)
  tap.equal(gapIn([]), false)
  tap.end()
})

void t.test('a cursor stays small however long the log is', (tap) => {
  const position = new SincePosition()
  for (let id = 0; id < 100_000; id++) position.next({ seconds: 1000 + id, nanos: 0 })
  tap.ok(position.cursor.lines <= 1024, String(position.cursor.lines))
  tap.end()
})
