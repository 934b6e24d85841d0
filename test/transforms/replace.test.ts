import t from 'tap'
import { replace } from '../../transforms/replace.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, linesOf, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'replace')
})

void t.test('a template that fails on the data leaves the line', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(replace, { expression: '(b)', replace: '{{ fail "x" }}' })
  t.same(linesOf(await stage.run(bench.entries('abc'))), ['abc'])
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  t.equal(
    refusal(() => bench.stage(replace, { expression: '(' })),
    'BAD_REGEX expression',
  )
  t.equal(
    refusal(() => bench.stage(replace, { expression: '(a)', replace: '{{' })),
    'BAD_TEMPLATE replace',
  )
  t.end()
})
