import t from 'tap'
import { split_json } from '../../transforms/split_json.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'split_json')
})

void t.test('parts share the unit of their entry, and do not see each other', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(split_json, {})
  const out = await stage.run(bench.entries('[1, 2]', '[]', 'x', '[3]'))
  t.same(linesOf(out), ['1', '2', 'x', '3'])
  out[0]!.extracted.set('k', 'v')
  t.equal(out[1]!.extracted.get('k'), undefined)
  t.same(bench.account(out), { delivered: 3, 'dropped split_json_empty': 1 })
})
