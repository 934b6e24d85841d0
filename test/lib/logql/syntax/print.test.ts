import t from 'tap'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import {
  formatExpression,
  printExpression,
  printMatcher,
  printSelector,
} from '../../../../lib/logql/syntax/print.ts'
import { vectorGroups } from '../../../support/logql-vectors.ts'

void t.test('one line', (tap) => {
  for (const text of [
    '{a="b", c=~"d\\n"} |= "x" or "y" != "z" |~ ip("::1") | json | logfmt --strict --keep-empty a="b",c="d"',
    '{a="b"} | regexp "(?P<x>.)" | pattern "<x>" | unpack | decolorize | line_format "{{.x}}"',
    '{a="b"} | label_format a=b,c="d" | drop a,b="c" | keep a | json x="y[0]",z="z"',
    '{a="b"} | ( a=~"x" , ( b>1.5 or c>=1m30s ) )',
    '{a="b"} | ( size<=5.0MB or addr!=ip("10.0.0.0/8") )',
    '{a="b", c=~"5.."} | a=~`5..` | b!~"5.." | c=~"[`]+" | d=~"GET|POST"',
  ])
    tap.equal(printExpression(parseExpression(text, { validate: false })), text)
  tap.equal(printMatcher({ name: 'a', operator: '!~', value: '"' }), 'a!~"\\""')
  tap.equal(printSelector([]), '{}')
  tap.end()
})

void t.test('long queries are split', (tap) => {
  const long = 'x'.repeat(60)
  for (const [text, expected] of [
    [`{a="${long}"} |= "${long}" | json`, `{a="${long}"}\n  |= "${long}"\n  | json`],
    [`{a="b"} |= "${long}" != "${long}"`, `{a="b"}\n  |= "${long}"\n  != "${long}"`],
    [
      `quantile_over_time(0.5, {a="${long}"} | unwrap some_label | other = "thing" [1d] offset 90m) by (a, b)`,
      `quantile_over_time(\n  0.5,\n  {a="${long}"}\n    | unwrap some_label\n    | other="thing" [1d] offset 1h30m\n) by (a, b)`,
    ],
    [
      `rate({a="${long}"} |= "${long}" [1w] offset -90m)`,
      `rate(\n  {a="${long}"}\n    |= "${long}" [1w] offset -1h30m\n)`,
    ],
    [
      `topk by (a) (3, sum without (b, c) (rate({a="${long}", b="${long}"}[5m])))`,
      `topk by (a)(\n  3,\n  sum without (b, c)(\n    rate(\n      {a="${long}", b="${long}"} [5m]\n    )\n  )\n)`,
    ],
    [
      `label_replace(vector(1), "${long}", "b", "${long}", "d")`,
      `label_replace(\n  vector(1.000000),\n  "${long}",\n  "b",\n  "${long}",\n  "d"\n)`,
    ],
    [
      `rate({a="${long}"}[5m]) / on (x, y) group_left (z, w) rate({b="${long}"}[5m])`,
      `  rate({a="${long}"}[5m])\n/ on (x, y) group_left (z, w)\n  rate({b="${long}"}[5m])`,
    ],
  ] as const)
    tap.equal(formatExpression(parseExpression(text)), expected, text)
  tap.end()
})

void t.test('what was printed is understood in the same way', (tap) => {
  let count = 0
  for (const [, vectors] of vectorGroups('queries')) {
    for (const { params, status, endpoint } of vectors) {
      if (status !== 200 || !endpoint.startsWith('query') || typeof params?.['query'] !== 'string') continue
      const expression = parseExpression(params['query'])
      const printed = printExpression(expression)
      // LogQL cannot write NaN.
      if (printed === 'NaN') continue
      // Sizes lose digits when they are printed, so they are compared after one round.
      const again = printExpression(parseExpression(printed))
      if (printed !== again) tap.equal(again, printed)
      const formatted = printExpression(parseExpression(formatExpression(expression)))
      if (formatted !== again) tap.equal(formatted, again)
      count++
    }
  }
  tap.ok(count > 300, `${count} queries`)
  tap.end()
})
