/** Which queries want nothing of a line but a number. */
import t from 'tap'
import { numberLineOf, type NumberLine } from '../../../../lib/logql/stages/number-field.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'

function numberOf(query: string, names: readonly string[], direct?: string): NumberLine | undefined {
  const expression = parseExpression(query)
  if (expression.kind !== 'range') throw new Error(`expected a range aggregation, found ${query}`)
  const { log, unwrap } = expression.range
  const { labels = [], without = false } = expression.grouping ?? {}
  const grouping = { labels, without, noLabels: false }
  return numberLineOf(log.stages, names, { direct, grouping, unwrap })
}

void t.test('the number, and a line with it', async (t) => {
  const json = numberOf('sum_over_time({a="b"} | json | unwrap v [1m])', ['v', 'app', '__error__'], 'v')
  t.same(json?.field, { parser: { kind: 'json' }, name: 'v', others: ['app'], absent: ['__error__'] })
  t.equal(json?.lineOf(-2.5), '{"v":-2.5}')
  const filtered = numberOf('count_over_time({a="b"} | json | v > 5 or v < 1 and c="d" [1m])', ['v'])
  t.equal(filtered?.field.name, 'v')
  t.same(filtered?.bounds, [5, 1])
  const pattern = numberOf('sum_over_time({a="b"} | pattern "<x> [<v>] <_>" | unwrap v [1m])', ['v'], 'v')
  t.equal(pattern?.lineOf(7), ' [7] ')
})

void t.test('queries that see more of it', async (t) => {
  for (const query of [
    'count_over_time({a="b"} | json | v="5" [1m])',
    'count_over_time({a="b"} | json | v > 5 or v="x" [1m])',
    'count_over_time({a="b"} | json | v > 5 | w > 5 [1m])',
    'count_over_time({a="b"} | json | v > 5s [1m])',
    'count_over_time({a="b"} | json [1m])',
    'count_over_time({a="b"} | logfmt | v > 5 [1m])',
    'max_over_time({a="b"} | json | v > 5 | unwrap v [1m]) by (a)',
    'max_over_time({a="b"} | json | v > 5 | unwrap a [1m]) by (v)',
  ])
    t.equal(numberOf(query, ['v', 'w']), undefined, query)
})
