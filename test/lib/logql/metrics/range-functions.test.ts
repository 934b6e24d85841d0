import t from 'tap'
import type { RangeAggregation } from '../../../../lib/logql/syntax/ast.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { aggregatorOf, nextMean } from '../../../../lib/logql/metrics/range-functions.ts'

function aggregate(query: string, values: readonly number[], spacing = 10): number {
  const expression = parseExpression(query) as RangeAggregation
  const times = Float64Array.from(values, (_, i) => (i + 1) * spacing * 1e9)
  const { operation, parameter, range } = expression
  const call = {
    interval: range.interval,
    parameter: parameter ?? NaN,
    unwrapped: range.unwrap !== undefined,
  }
  return aggregatorOf(
    operation,
    call,
  )({
    times,
    values: Float64Array.from(values),
    from: 0,
    to: values.length,
    end: (values.length + 1) * spacing * 1e9,
  })
}

const values = [1, 2, 3, 4, 10]

void t.test('aggregations', (tap) => {
  for (const [operation, expected] of [
    ['avg_over_time', 4],
    ['sum_over_time', 20],
    ['min_over_time', 1],
    ['max_over_time', 10],
    ['stdvar_over_time', 10],
    ['stddev_over_time', Math.sqrt(10)],
    ['first_over_time', 1],
    ['last_over_time', 10],
    ['rate', 20 / 60],
    ['absent_over_time', 1],
  ] as const)
    tap.equal(aggregate(`${operation}({a="b"} | unwrap x [1m])`, values), expected, operation)
  tap.equal(aggregate('rate({a="b"}[1m])', [1, 1, 1]), 0.05)
  tap.equal(aggregate('count_over_time({a="b"}[1m])', [1, 1, 1]), 3)
  tap.equal(aggregate('bytes_rate({a="b"}[10s])', [7, 3]), 1)
  tap.equal(aggregate('bytes_over_time({a="b"}[10s])', [7, 3]), 10)
  tap.end()
})

void t.test('quantiles', (tap) => {
  for (const [q, expected] of [
    ['0', 1],
    ['0.5', 3],
    ['0.9', 7.6],
    ['1', 10],
    ['1.5', Infinity],
  ] as const) {
    const found = aggregate(`quantile_over_time(${q}, {a="b"} | unwrap x [1m])`, [10, 2, 4, 1, 3])
    tap.ok(found === expected || Math.abs(found - expected) < 1e-9, `${q}: ${found}`)
  }
  tap.end()
})

void t.test('rates of counters', (tap) => {
  const rate = (samples: readonly number[], spacing?: number): number =>
    aggregate('rate_counter({a="b"} | unwrap x [1m])', samples, spacing)
  tap.equal(rate([5]), 0, 'one sample gives 0')
  tap.ok(Math.abs(rate([100, 110, 120]) - 20 / 60) < 1e-5)
  tap.ok(Math.abs(rate([100, 5, 10]) - 10 / 60) < 1e-5, 'a reset counts from zero')
  tap.end()
})

void t.test('not a number, and more than any number', (tap) => {
  tap.equal(aggregate('max_over_time({a="b"} | unwrap x [1m])', [NaN, 1, 2]), 2)
  tap.equal(aggregate('min_over_time({a="b"} | unwrap x [1m])', [NaN, 3, 2]), 2)
  tap.equal(nextMean(Infinity, 5, 2), Infinity)
  tap.equal(nextMean(Infinity, Infinity, 2), Infinity)
  tap.ok(Number.isNaN(nextMean(Infinity, -Infinity, 2)))
  tap.end()
})
