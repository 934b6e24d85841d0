import t from 'tap'
import { regex } from '../../transforms/regex.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'regex')
  await recordedCases(t, 'regex-dialect')
})

void t.test('groups of a match are extracted, in place', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(regex, { expression: '^(?P<level>\\w+) (?P<rest>.*)$' })
  const entries = bench.entries('info all is well', 'nothing', 'warn not so')
  const out = await stage.run(entries)
  t.equal(out, entries, 'the batch is not copied')
  t.same(
    out.map(({ extracted }) => extracted.get('level')),
    ['info', undefined, 'warn'],
  )
  t.same(linesOf(out), ['info all is well', 'nothing', 'warn not so'])
})

void t.test('refusals name the code', (t) => {
  const bench = new Bench()
  t.match(
    refusal(() => bench.stage(regex, { expression: '(' })),
    /^BAD_REGEX/,
  )
  t.equal(
    refusal(() => bench.stage(regex, { expression: '(?P<a>x)', source: '' })),
    'BAD_ARGUMENT source',
  )
  t.end()
})
