import t from 'tap'
import { label_keep } from '../../transforms/label_keep.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'label_keep')
})

void t.test('label sets may alternate within a batch', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(label_keep, { values: ['a'] })
  const sets: Record<string, string>[] = [
    { a: '1', b: '2' },
    { a: '1', b: '2' },
    { b: '2' },
    { a: '3' },
    { a: '1', b: '2' },
  ]
  const out = await stage.run(sets.map((labels) => bench.entry('', labels)))
  t.same(
    out.map(({ labels }) => labels.toObject()),
    [{ a: '1' }, { a: '1' }, {}, { a: '3' }, { a: '1' }],
  )
})
