/** The traces of Loki's shards: labels with empty values. */
import t from 'tap'
import type { RangeAggregation, VectorAggregation } from '../../../../lib/logql/syntax/ast.ts'
import { joinOf, runsWhole } from '../../../../lib/logql/metrics/split.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'

const join = (query: string): string | undefined =>
  joinOf(parseExpression(query) as RangeAggregation)?.operation
const whole = (query: string, top = true): boolean =>
  runsWhole(parseExpression(query) as VectorAggregation, top)

void t.test('ranges that are joined', (t) => {
  for (const [query, expected] of [
    ['count_over_time({a="b"} | json x [5m])', undefined],
    ['count_over_time({a="b"} | drop x [5m])', 'sum'],
    ['rate({a="b"} | label_format x=y [5m])', 'sum'],
    ['rate({a="b"} | label_format x="{{.y}}" [5m])', undefined],
    ['max_over_time({a="b"} | keep x | unwrap x [5m])', 'max'],
    ['min_over_time({a="b"} | unwrap x [5m]) by (y)', 'min'],
    ['avg_over_time({a="b"} | unwrap x [5m]) by (y)', 'avg'],
    ['avg_over_time({a="b"} | unwrap x | __error__="" [5m]) by (y)', undefined],
    ['max_over_time({a="b"} | unwrap x [5m]) without ()', undefined],
    ['stddev_over_time({a="b"} | unwrap x [5m]) by (y)', undefined],
    ['last_over_time({a="b"} | drop y | unwrap x [5m])', undefined],
  ] as const)
    t.equal(join(query), expected, query)
  t.end()
})

void t.test('aggregations that run whole', (t) => {
  for (const [query, expected] of [
    ['sum(rate({a="b"} | drop x [5m]))', true],
    ['sum(max_over_time({a="b"} | drop x | unwrap y [5m]))', false],
    ['sum(max_over_time({a="b"} | unwrap y [5m]))', true],
    ['max(rate({a="b"}[5m]))', true],
    ['max(rate({a="b"} | drop x [5m]))', false],
    ['max(sum(rate({a="b"}[5m])))', false],
    ['sum(max(rate({a="b"}[5m])))', false],
    ['count(rate({a="b"} | keep x [5m]))', false],
    ['avg(rate({a="b"}[5m]))', true],
    ['topk(3, rate({a="b"}[5m]))', false],
    ['sum(rate({a="b"}[5m]) + rate({a="c"}[5m]))', true],
    ['sum(rate({a="b"}[5m]) / rate({a="c"}[5m]))', false],
    ['sum(label_replace(rate({a="b"}[5m]), "x", "y", "z", ""))', false],
    ['sum(quantile_over_time(0.5, {a="b"} | unwrap x [5m]))', true],
    ['sum(vector(1))', false],
  ] as const)
    t.equal(whole(query), expected, query)
  t.equal(whole('sum(quantile_over_time(0.5, {a="b"} | unwrap x [5m]))', false), false)
  t.end()
})
