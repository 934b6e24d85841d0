import t from 'tap'
import { sampling } from '../../transforms/sampling.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'sampling')
})

void t.test('a share of the entries is kept, the rest is counted', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(sampling, { rate: 0.5 })
  const out = await stage.run(bench.entries(...Array<string>(4000).fill('x')))
  // 12 standard deviations to each side.
  t.ok(out.length > 1600 && out.length < 2400, `${out.length} of 4000`)
  const kept = out.length
  t.same(bench.account(out), { delivered: kept, 'dropped sampling_stage': 4000 - kept })
})
