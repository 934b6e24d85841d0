import t from 'tap'
import { logfmt } from '../../transforms/logfmt.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'logfmt')
})

void t.test('one key for two names fills both, and lines do not mix', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(logfmt, { mapping: { a: 'k', b: 'k' } })
  const out = await stage.run(bench.entries('k=1', 'other=2', 'k=3 k='))
  t.same(
    out.map(({ extracted }) => [extracted.get('a'), extracted.get('b')]),
    [
      ['1', '1'],
      [undefined, undefined],
      ['', ''],
    ],
  )
})
