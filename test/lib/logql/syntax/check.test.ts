import t from 'tap'
import { checkExpression, checkRange, checkVector } from '../../../../lib/logql/syntax/check.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'

void t.test('what parses but means nothing is refused', (tap) => {
  for (const [query, message] of [
    ['{}', /at least one/],
    ['{a=~".*"}', /at least one/],
    ['{a!="x"}', /at least one/],
    ['rate({a=""}[5m])', /at least one/],
    ['{a=~"("}', /regular expression/],
    ['{a="b"} |~ "("', /regular expression/],
    ['{a="b"} | regexp "(x)"', /at least one named capture/],
    ['{a="b"} | pattern "x"', /named capture/],
    ['{a="b"} | line_format "{{"', /line template/],
    ['{a="b"} | x = ip("y")', /invalid pattern/],
    ['sort by (a) (vector(1))', /grouping/],
    ['label_replace(vector(1), "a", "b", "c", "(")', /regular expression/],
    ['sum(rate({a="b"} |~ "(" [1m]))', /regular expression/],
    ['rate({a="b"} | unwrap x | y = ip("z") [1m])', /invalid pattern/],
  ] as const)
    tap.throws(() => checkExpression(parseExpression(query, { validate: false })), message, query)
  tap.doesNotThrow(() => checkExpression(parseExpression('{a!=""} | json', { validate: false })))
  tap.end()
})

void t.test('what Loki finds while it parses, and what only a run shows', (tap) => {
  const check = (query: string): void =>
    checkExpression(parseExpression(query, { validate: false }), 'as-parsed')
  for (const query of [
    '{}',
    'rate({a=~".*"}[5m])',
    '{a=~"("}',
    '{a="b"} | regexp "(x)"',
    '{a="b"} | pattern "x"',
    '{a="b"} | x="1" or y=~"("',
    '{a="b"} | drop x=~"("',
    '1 + label_replace(vector(1), "a", "b", "c", "(")',
    'sort by (a) (vector(1))',
    'sum(rate({a="b"} | unwrap x | y=~"(" [1m]))',
  ])
    tap.throws(() => check(query), { name: 'LogqlError' }, query)
  for (const query of [
    '{a="b"} |~ "(" | line_format "{{" | label_format x="{{", x=y | json z="[[" | logfmt z="1 2"',
    'rate({a="b"} | x=ip("y") | unwrap x | y=ip("z") [1m])',
  ])
    tap.doesNotThrow(() => check(query), query)
  tap.end()
})

void t.test('parameters of aggregations', (tap) => {
  tap.equal(checkVector('topk', '3', undefined, 0), 3)
  tap.equal(checkVector('sum', undefined, undefined, 0), 0)
  tap.throws(() => checkVector('topk', undefined, undefined, 0), /required/)
  tap.throws(() => checkVector('topk', '1.5', undefined, 0), /whole number/)
  tap.throws(() => checkVector('bottomk', '0', undefined, 0), /greater than 0/)
  tap.throws(() => checkVector('sum', '3', undefined, 0), /unsupported parameter/)
  tap.throws(
    () => checkVector('approx_topk', '3', { without: false, labels: ['a'] }, 0),
    /grouping not allowed/,
  )
  const log = parseExpression('{a="b"}')
  if (log.kind !== 'log') throw new TypeError(`expected a log query, found ${log.kind}`)
  const range = { log, interval: 1, offset: 0, unwrap: undefined }
  const parts = { parameter: undefined, text: undefined, range, grouping: undefined }
  tap.doesNotThrow(() => checkRange('rate', parts, 0))
  tap.throws(() => checkRange('sum_over_time', parts, 0), /without unwrap/)
  tap.throws(() => checkRange('quantile_over_time', parts, 0), /parameter required/)
  tap.throws(() => checkRange('rate', { ...parts, text: '1', parameter: 1 }, 0), /not supported/)
  tap.end()
})
