import t from 'tap'
import { drop } from '../../transforms/drop.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'drop')
})

void t.test('drops end once, under the reason, and are counted', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(drop, { expression: '^#', drop_counter_reason: 'comment' })
  const out = await stage.run(bench.entries('# a', 'b', '# c', 'd'))
  t.same(linesOf(out), ['b', 'd'])
  t.same(bench.account(out), { delivered: 2, 'dropped comment': 2 })
  t.match(bench.metrics(), /loki_process_dropped_lines_total\{reason="comment"\} 2/)
})

void t.test('older_than is measured to the nanosecond, by the clock of the context', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(drop, { older_than: '1h' })
  const limit = bench.clock.now() / 1000 - 3600
  const at = async (seconds: number, nanos: number): Promise<number> => {
    const entry = bench.entry('x')
    entry.seconds = seconds
    entry.nanos = nanos
    return (await stage.run([entry])).length
  }
  t.equal(await at(limit, 0), 1, 'exactly that old')
  t.equal(await at(limit - 1, 999_999_999), 0, 'a nanosecond older')
  t.equal(await at(limit, 1), 1)
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(drop, { expression: '(' })),
    'BAD_REGEX expression',
  )
  t.equal(
    refusal(() => bench.stage(drop, { value: 'x', longer_than: '1B' })),
    'BAD_ARGUMENT value',
  )
  t.end()
})
