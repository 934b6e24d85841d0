import t from 'tap'
import type { Batch } from '../../../lib/flow/batch.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { dropped } from '../../../lib/flow/outcome.ts'
import { Intake } from '../../../lib/intake/intake.ts'
import { lines, sourceContext, take } from '../../support/source.ts'

void t.test('what is added goes out by itself, in batches', async (t) => {
  const ctx = sourceContext()
  const intake = new Intake(ctx)
  for (let i = 0; i < 1500; i++) intake.add(String(i), EMPTY_LABELS)
  const sizes: number[] = []
  for await (const batch of intake.output.stream.iterator({ destroyOnReturn: false })) {
    sizes.push((batch as Batch).size)
    if (sizes.length === 2) break
  }
  t.strictSame(sizes, [1024, 476])
  t.equal(ctx.ledger.read, 1500)
  t.equal(ctx.ledger.inFlight, 1500)
})

void t.test('a given time is kept, others are of now and differ', async (t) => {
  const intake = new Intake(sourceContext())
  intake.add('a', EMPTY_LABELS, { seconds: 5, nanos: 6 })
  intake.add('b', EMPTY_LABELS)
  intake.add('c', EMPTY_LABELS)
  const [a, b, c] = await take(intake.output.stream, 3)
  t.strictSame([a!.seconds, a!.nanos], [5, 6])
  t.ok(b!.seconds > 1_600_000_000 && (b!.seconds !== c!.seconds || b!.nanos < c!.nanos))
})

void t.test('units that end at once are in the account', async (t) => {
  const ctx = sourceContext()
  const intake = new Intake(ctx)
  intake.reject(dropped('no_good'))
  intake.end()
  t.strictSame(await take(intake.output.stream), [])
  t.strictSame(ctx.ledger.rows(), [{ state: 'dropped', reason: 'no_good', units: 1 }])
})

void t.test('too much unsettled holds back, until it is settled or the source stops', async (t) => {
  const intake = new Intake(sourceContext())
  const big = 'x'.repeat(1024 * 1024)
  const held: Batch[] = []
  const reading = (async () => {
    for await (const batch of intake.output.stream) held.push(batch as Batch)
  })()
  for (let i = 0; i < 17; i++) {
    intake.add(big, EMPTY_LABELS)
    await new Promise(setImmediate)
  }
  let open = false
  const room = intake.room()!.then(() => (open = true))
  await new Promise(setImmediate)
  t.notOk(open, '17 MiB are unsettled')
  for (const batch of held.slice(0, 2)) for (const entry of batch.take()) entry.ack.settle(dropped('x'))
  await room
  t.ok(open)
  intake.add(big, EMPTY_LABELS)
  intake.add(big, EMPTY_LABELS)
  await new Promise(setImmediate)
  const waiting = intake.room()
  intake.release()
  await waiting
  t.equal(intake.room(), undefined)
  intake.add('last', EMPTY_LABELS)
  intake.end()
  await reading
  t.strictSame(lines([...held.at(-1)!.peek()]), ['last'])
})
