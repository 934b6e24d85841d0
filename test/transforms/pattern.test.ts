import t from 'tap'
import { pattern } from '../../transforms/pattern.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'pattern')
})

void t.test('captures that were not reached leave older values', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(pattern, { pattern: '<a>,<b>', labels_from_groups: true })
  const [out] = await stage.run([bench.entry('only', { b: 'before' })])
  t.same(out!.labels.toObject(), { a: 'only', b: 'before' })
  t.equal(out!.extracted.get('b'), 'before')
})
