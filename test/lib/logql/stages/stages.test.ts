import t from 'tap'
import { parseLogExpression } from '../../../../lib/logql/syntax/parse.ts'
import { planStages, reorderStages } from '../../../../lib/logql/stages/stages.ts'
import { runLine } from '../../../support/logql-lines.ts'

void t.test('line filters go to the front, but not past what they depend on', (tap) => {
  for (const [stages, expected] of [
    ['| json |= "a" | logfmt != "b"', ['line_filters', 'line_filters', 'json', 'logfmt']],
    ['| json | a="b" |= "a"', ['json', 'label_filter', 'line_filters']],
    ['| json | line_format "x" |= "a" | drop y', ['json', 'line_format', 'line_filters', 'drop']],
    ['| unpack | json |= "a"', ['unpack', 'line_filters', 'json']],
    ['| decolorize |= "a" | a="b"', ['line_filters', 'decolorize', 'label_filter']],
  ] as const)
    tap.same(
      reorderStages(parseLogExpression(`{a="b"} ${stages}`).stages).map(({ kind }) => kind),
      expected,
      stages,
    )
  tap.end()
})

void t.test('what the store may filter', (tap) => {
  const plan = planStages(parseLogExpression('{a="b"} |= "x" | json |~ "y" | line_format "z" |= "z"').stages)
  tap.same(
    plan.filters.map(({ operator }) => operator),
    ['|=', '|~'],
  )
  tap.equal(plan.stages.length, 3)
  tap.end()
})

void t.test('an alternative that every line passes counts only where there is no other', (tap) => {
  for (const [filter, expected] of [
    ['|= "a" or ""', ['a']],
    ['|= "" or "a" or "b"', ['a', 'b']],
    ['|= "" or ""', ['']],
    ['|~ "a" or ".*"', ['a']],
  ] as const)
    tap.same(
      planStages(parseLogExpression(`{a="b"} ${filter}`).stages).filters[0]?.operands.map(({ text }) => text),
      expected,
      filter,
    )
  tap.equal(runLine('| json |= "z" or ""', 'xa'), false)
  tap.end()
})

void t.test('every stage in one line', (tap) => {
  tap.same(
    runLine(
      '| logfmt | label_format n="{{.a}}{{.b}}" | regexp "b=(?P<r>.)" | pattern "a=<p> <_>" | drop a | n="12" | line_format "{{.n}}-{{.r}}-{{.p}}" | decolorize | keep n, r |= "-"',
      'a=1 b=2',
    ),
    { line: '12-2-1', labels: { n: '12', r: '2' } },
  )
  tap.equal(runLine('| logfmt | a="2"', 'a=1'), false)
  tap.end()
})
