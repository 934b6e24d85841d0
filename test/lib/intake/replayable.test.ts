/** A source that can be read again, as docker, journal and a library's user would write one. */
import t from 'tap'
import type { Batch } from '../../../lib/flow/batch.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { DELIVERED } from '../../../lib/flow/outcome.ts'
import { ReplayableIntake } from '../../../lib/intake/replayable.ts'
import { temporaryFolder } from '../components/loki.source.file/harness.ts'
import { sourceContext } from '../../support/source.ts'
import { StepClock } from '../../support/step-clock.ts'

const isNumber = (stored: unknown): stored is number => typeof stored === 'number'

/** Reads the lines of `log` that were not acknowledged, and acknowledges `count` of them. */
async function run(dataDir: string, log: readonly string[], count: number): Promise<string[]> {
  const intake = await ReplayableIntake.open(sourceContext({ dataDir }))
  const partition = intake.partition('log', isNumber)
  const reading = (async () => {
    for (let at = partition.position ?? 0; at < log.length; at++) {
      await partition.room()
      partition.add(log[at]!, EMPTY_LABELS, at + 1)
      partition.flush()
    }
    intake.end()
  })()
  const read: string[] = []
  for await (const batch of intake.output)
    for (const { line, ack } of (batch as Batch).take()) {
      if (read.length < count) ack.settle(DELIVERED)
      read.push(line)
    }
  await reading
  await intake.close()
  return read
}

void t.test('a restart goes on after what was acknowledged', async (t) => {
  const dataDir = await temporaryFolder(t)
  t.strictSame(await run(dataDir, ['a', 'b', 'c'], 2), ['a', 'b', 'c'])
  t.strictSame(await run(dataDir, ['a', 'b', 'c', 'd'], 2), ['c', 'd'])
  t.strictSame(await run(dataDir, ['a', 'b', 'c', 'd'], 0), [])
})

void t.test('a position of another form is none; partitions are forgotten', async (t) => {
  const dataDir = await temporaryFolder(t)
  await run(dataDir, ['a'], 1)
  const intake = await ReplayableIntake.open(sourceContext({ dataDir }))
  const isText = (stored: unknown): stored is string => typeof stored === 'string'
  t.equal(intake.partition('log', isText).position, undefined)
  t.throws(() => intake.partition('log', isText), /"log" was opened twice/)
  intake.forget('log')
  t.equal(intake.partition('log', isNumber).position, undefined)
  intake.stop()
  await intake.close()
  t.strictSame(await run(dataDir, ['a'], 1), ['a'])
})

void t.test('positions that are not used are forgotten, unless nothing is known', async (t) => {
  const dataDir = await temporaryFolder(t)
  const clock = new StepClock()
  const HOUR = 3_600_000
  const opened = async (...keys: readonly string[]) => {
    const intake = await ReplayableIntake.open(sourceContext({ dataDir, clock }))
    const positions = keys.map((key) => intake.partition(key, isNumber).position)
    return { intake, positions }
  }
  const first = await ReplayableIntake.open(sourceContext({ dataDir, clock }))
  for (const key of ['a', 'b', 'c']) first.partition(key, isNumber).skip(1)
  await first.close()
  clock.advance(100 * HOUR)
  const idle = await opened()
  idle.intake.forgetUnused(24 * HOUR)
  await idle.intake.close()
  const { intake, positions } = await opened('a', 'b', 'c')
  t.same(positions, [1, 1, 1], 'nothing was open')
  intake.release('b')
  intake.forgetUnused(24 * HOUR)
  intake.release('c')
  clock.advance(23 * HOUR)
  intake.forgetUnused(24 * HOUR)
  await intake.close()
  t.same((await opened('a', 'b', 'c')).positions, [1, undefined, 1], 'c was open 23 hours ago')
})

void t.test('what ends after close is still kept', async (t) => {
  const dataDir = await temporaryFolder(t)
  const intake = await ReplayableIntake.open(sourceContext({ dataDir }))
  const partition = intake.partition('log', isNumber)
  partition.add('a', EMPTY_LABELS, 1)
  intake.end()
  const [batch] = (await intake.output.toArray()) as Batch[]
  await intake.close()
  batch!.take()[0]!.ack.settle(DELIVERED)
  let again: ReplayableIntake
  do {
    await new Promise(setImmediate)
    again = await ReplayableIntake.open(sourceContext({ dataDir }))
  } while (again.partition('log', isNumber).position !== 1)
  await again.close()
})
