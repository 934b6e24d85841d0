import t from 'tap'
import type { Batch } from '../../../lib/flow/batch.ts'
import { MAX_BATCH_ENTRIES } from '../../../lib/flow/batch.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { DELIVERED, dropped } from '../../../lib/flow/outcome.ts'
import { UTF8 } from '../../../lib/intake/encoding.ts'
import { Intake } from '../../../lib/intake/intake.ts'
import type { Segment } from '../../../lib/intake/lines.ts'
import { lines, metric, sourceContext, take } from '../../support/source.ts'

const MIB = 1024 * 1024

function segment(text: string, part = 0): Segment {
  const bytes = Buffer.from(text)
  return { bytes, start: 0, end: bytes.length, encoding: UTF8, part }
}

/** Every batch of an intake, as it comes; nothing is settled. */
function hold(intake: Intake): { readonly batches: Batch[]; readonly ended: Promise<void> } {
  const batches: Batch[] = []
  const read = async (): Promise<void> => {
    for await (const batch of intake.output) batches.push(batch as Batch)
  }
  return { batches, ended: read() }
}

function settle(batch: Batch | undefined): void {
  for (const entry of batch!.take()) entry.ack.settle(DELIVERED)
}

const turn = (): Promise<void> => new Promise(setImmediate)

void t.test('what is added goes out by itself, in batches', async (t) => {
  const ctx = sourceContext()
  const intake = new Intake(ctx)
  const partition = intake.partition()
  const count = MAX_BATCH_ENTRIES + 476
  for (let i = 0; i < count; i++) partition.add(String(i), EMPTY_LABELS, undefined)
  const { batches } = hold(intake)
  await turn()
  await turn()
  t.strictSame(
    batches.map(({ size }) => size),
    [MAX_BATCH_ENTRIES, 476],
  )
  t.equal(ctx.ledger.read, count)
  t.equal(ctx.ledger.inFlight, count)
  t.equal(ctx.ledger.inFlightOnce, count, 'without a position nothing can be read again')
})

void t.test('a given time is kept, others are of now and differ', async (t) => {
  const intake = new Intake(sourceContext())
  const partition = intake.partition()
  partition.add('a', EMPTY_LABELS, undefined, { seconds: 5, nanos: 6 })
  partition.add('b', EMPTY_LABELS, undefined)
  partition.add('c', EMPTY_LABELS, undefined)
  const [a, b, c] = await take(intake.output, 3)
  t.strictSame([a!.seconds, a!.nanos], [5, 6])
  t.ok(b!.seconds > 1_600_000_000 && (b!.seconds !== c!.seconds || b!.nanos < c!.nanos))
})

void t.test('units that end at once are in the account', async (t) => {
  const ctx = sourceContext()
  const intake = new Intake(ctx)
  intake.partition().reject(dropped('no_good'), undefined)
  intake.end()
  t.strictSame(await take(intake.output), [])
  t.strictSame(ctx.ledger.rows(), [{ state: 'dropped', reason: 'no_good', units: 1 }])
})

void t.test('the position moves over what is settled without a gap', async (t) => {
  const ctx = sourceContext()
  const intake = new Intake(ctx)
  const moves: string[] = []
  const partition = intake.partition({ position: 'a', onAdvance: (to) => moves.push(to) })
  const { batches, ended } = hold(intake)
  for (const position of ['b', 'c', 'd']) {
    partition.add(position, EMPTY_LABELS, position)
    partition.flush()
  }
  partition.addEntry(new Entry(1, 2, 'own', EMPTY_LABELS), 'e')
  await turn()
  t.equal(partition.position, 'a')
  settle(batches[1])
  t.strictSame(moves, [], 'the first one is still open')
  settle(batches[0])
  t.strictSame(moves, ['c'])
  settle(batches[2])
  settle(batches[3])
  t.equal(partition.position, 'e')
  partition.reject(dropped('bad'), 'f')
  partition.skip('g')
  await partition.settled()
  t.equal(partition.position, 'g')
  t.equal(ctx.ledger.inFlight, 0)
  intake.end()
  await ended
})

void t.test('what waits for the rest to be settled can be told to stop', async (t) => {
  const intake = new Intake(sourceContext())
  const partition = intake.partition({ position: 'a' })
  const { batches, ended } = hold(intake)
  partition.add('b', EMPTY_LABELS, 'b')
  const stopped = new AbortController()
  const waited = partition.settled(stopped.signal)
  await turn()
  t.equal(batches.length, 1, 'lines that waited for company go out')
  stopped.abort()
  await waited
  await partition.settled(stopped.signal)
  t.equal(partition.position, 'a', 'nothing was settled')
  settle(batches[0])
  await partition.settled(new AbortController().signal)
  t.equal(partition.position, 'b')
  intake.end()
  await ended
})

void t.test('a segment moves the position only as a whole', async (t) => {
  const intake = new Intake(sourceContext())
  const partition = intake.partition({ position: 0 })
  const { batches } = hold(intake)
  const count = 2 * MAX_BATCH_ENTRIES + 10
  const text = Array.from({ length: count }, (_, i) => `line ${i}\n`).join('')
  t.strictSame(partition.addSegment(segment(text), EMPTY_LABELS, 7), { lines: count, invalid: 0 })
  await turn()
  t.strictSame(
    batches.map(({ size }) => size),
    [MAX_BATCH_ENTRIES, MAX_BATCH_ENTRIES, 10],
  )
  settle(batches[0])
  settle(batches[1])
  t.equal(partition.position, 0)
  settle(batches[2])
  t.equal(partition.position, 7)
  t.strictSame(partition.addSegment(segment(''), EMPTY_LABELS, 8), { lines: 0, invalid: 0 })
})

void t.test('too long lines are cut, numbered and counted, however they come', async (t) => {
  const ctx = sourceContext()
  const intake = new Intake(ctx, 4)
  const partition = intake.partition({ position: 0 })
  partition.add('abcdefghij', EMPTY_LABELS, 1, { seconds: 1, nanos: 999_999_999 })
  partition.addSegment(segment('whole\nfine\n'), EMPTY_LABELS, 2)
  partition.addSegment(segment('klmn', 1), EMPTY_LABELS, 3)
  partition.addSegment(segment('opqrst\nnext\n', 2), EMPTY_LABELS, 4)
  intake.end()
  const entries = await take(intake.output)
  t.strictSame(
    entries.map(({ line, structuredMetadata: [mark] }) => [line, mark?.[1]]),
    [
      ['abcd', '1'],
      ['efgh', '2'],
      ['ij', '3'],
      ['whol', '1'],
      ['e', '2'],
      ['fine', undefined],
      ['klmn', '1'],
      ['opqr', '2'],
      ['st', '3'],
      ['next', undefined],
    ],
  )
  t.strictSame([entries[1]!.seconds, entries[1]!.nanos], [2, 0], 'equal parts differ in time')
  t.equal(metric(ctx, 'logstream_source_cut_lines_total'), 3)
  t.equal(partition.position, 4)
})

void t.test('too much unsettled holds back, until it is settled or the source stops', async (t) => {
  const intake = new Intake(sourceContext())
  const partition = intake.partition()
  const other = intake.partition()
  const { batches, ended } = hold(intake)
  const big = 'x'.repeat(MIB)
  const add = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      partition.add(big, EMPTY_LABELS, undefined)
      await turn()
    }
  }
  await add(17)
  t.equal(other.room(), undefined, 'another partition has a bound of its own')
  let open = false
  const room = partition.room()!.then(() => (open = true))
  await turn()
  t.notOk(open, '17 MiB are unsettled')
  settle(batches[0])
  settle(batches[1])
  await room
  t.ok(open)
  await add(2)
  const waiting = partition.room()
  const next = partition.turn()
  intake.stop()
  await waiting
  t.equal(await next, undefined)
  t.equal(partition.room(), undefined)
  partition.add('last', EMPTY_LABELS, undefined)
  intake.end()
  await ended
  t.strictSame(lines([...batches.at(-1)!.peek()]), ['last'])
})

void t.test('one turn at a time, in the order of asking, and none after the end', async (t) => {
  const intake = new Intake(sourceContext())
  const [a, b] = [intake.partition(), intake.partition()]
  const endA = await a.turn()
  const second = b.turn()
  const third = a.turn()
  endA!()
  const endB = await second
  endB!()
  t.type(await third, 'function')
  const fourth = b.turn()
  intake.stop()
  t.equal(await fourth, undefined)
  t.equal(await a.turn(), undefined)
})
