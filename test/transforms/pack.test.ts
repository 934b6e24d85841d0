import t from 'tap'
import { pack } from '../../transforms/pack.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'pack')
})

void t.test('the time is that of the clock, and no two are equal', async (t) => {
  const bench = new Bench()
  bench.clock.advance(1500)
  const [a, b] = await bench.stage(pack, { labels: [] }).run(bench.entries('x', 'y'))
  t.equal(a!.seconds, Math.floor(bench.clock.now() / 1000))
  t.equal(a!.nanos + 1, b!.nanos)
})
