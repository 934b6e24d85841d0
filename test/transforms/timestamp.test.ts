import t from 'tap'
import type { Entry } from '../../lib/flow/entry.ts'
import { timestamp } from '../../transforms/timestamp.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'timestamp')
})

const at = ({ seconds, nanos }: Entry): string => `${seconds}.${nanos}`

void t.test('a failure between equal times moves the next one on', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(timestamp, { source: 'ts', format: 'Unix' })
  const entries = bench.entries('', '', '', '')
  for (const [i, ts] of ['5', 'bad', '5', '6'].entries()) entries[i]!.extracted.set('ts', ts)
  t.same((await stage.run(entries)).map(at), ['5.0', '5.1', '5.2', '6.0'])
})

void t.test('fudging carries over into the next second', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(timestamp, { source: 'ts', format: 'UnixNs' })
  const entries = bench.entries('', '')
  for (const entry of entries) entry.extracted.set('ts', '1999999999')
  t.same((await stage.run(entries)).map(at), ['1.999999999', '2.0'])
})

void t.test('10,000 label sets are remembered, the one used longest ago is forgotten', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(timestamp, { source: 'ts', format: 'Unix' })
  const put = async (name: string, ts: string): Promise<string> => {
    const entry = bench.entry('', { name })
    entry.extracted.set('ts', ts)
    return at((await stage.run([entry]))[0]!)
  }
  await put('first', '7')
  await put('second', '7')
  for (let i = 0; i < 9_999; i++) await put(`n${i}`, '1')
  t.equal(await put('second', '7'), '7.1', 'remembered')
  t.equal(await put('first', '7'), '7.0', 'forgotten')
})

void t.test('a layout without a year takes that of the clock', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(timestamp, { source: 'ts', format: 'Jan _2 15:04:05' })
  const entry = bench.entry('')
  entry.extracted.set('ts', 'Dec 31 23:59:59')
  const [out] = await stage.run([entry])
  t.equal(new Date(out!.seconds * 1000).toISOString(), '2025-12-31T23:59:59.000Z')
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(timestamp, { source: 'a', format: 'Unix', location: 'Nowhere/At_All' })),
    'BAD_ARGUMENT location',
  )
  t.end()
})
