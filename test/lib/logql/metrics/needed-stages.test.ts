import t from 'tap'
import { neededStages } from '../../../../lib/logql/metrics/needed-stages.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'

void t.test('a line_format that nothing reads is left out, its mistakes too', (tap) => {
  for (const [query, expected] of [
    ['rate({a="b"} | line_format "{{ nope }}" [1m])', []],
    ['rate({a="b"} | json | line_format "x" | c="d" [1m])', ['json', 'label_filter']],
    ['rate({a="b"} | line_format "x" | c="d" | logfmt [1m])', ['line_format', 'label_filter', 'logfmt']],
    ['rate({a="b"} | line_format "x" |= "y" | line_format "z" [1m])', ['line_format', 'line_filters']],
    ['bytes_rate({a="b"} | line_format "x" [1m])', ['line_format']],
    ['sum_over_time({a="b"} | line_format "x" | unwrap c [1m])', []],
  ] as const) {
    const expression = parseExpression(query)
    if (expression.kind !== 'range') throw new Error(query)
    tap.same(
      neededStages(expression).map(({ kind }) => kind),
      expected,
      query,
    )
  }
  tap.end()
})
