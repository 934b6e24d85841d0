/** Queries as Loki's format_query writes them; the recorded ones are in the tests of the API. */
import t from 'tap'
import { formatExpression } from '../../../../lib/logql/syntax/format.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'

void t.test('label filters that need a regular expression keep its text', (tap) => {
  const text = '{a="b", c=~"5.."} | a=~`5..` | b!~"5.." | c=~"[`]+" | d=~"GET|POST"'
  tap.equal(formatExpression(parseExpression(text)), text)
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
