import t from 'tap'
import fc from 'fast-check'
import { LogqlError } from '../../../../lib/logql/syntax/error.ts'
import { parseExpression, parseLogExpression, parseMatchers } from '../../../../lib/logql/syntax/parse.ts'
import { printExpression } from '../../../../lib/logql/syntax/print.ts'

/** The query as it was understood: printed on one line, with all parentheses. */
function understood(text: string): string {
  return printExpression(parseExpression(text))
}

void t.test('what is understood', (tap) => {
  for (const [text, expected] of [
    ['{a="b"}', '{a="b"}'],
    ['({a="b"} |= "x")', '{a="b"} |= "x"'],
    ['1 + 2 ^ 3 ^ 2 - 10 % 4', '511'],
    ['vector(1) + vector(2) * vector(3)', '(vector(1.000000) + (vector(2.000000) * vector(3.000000)))'],
    ['vector(1) ^ vector(2) ^ vector(3)', '(vector(1.000000) ^ (vector(2.000000) ^ vector(3.000000)))'],
    ['vector(1) - vector(2) - 3', '((vector(1.000000) - vector(2.000000)) - 3)'],
    ['vector(1) > bool 2 or vector(3)', '((vector(1.000000) > bool 2) or vector(3.000000))'],
    [
      'vector(1) * on(a,b) group_left(c) vector(2)',
      '(vector(1.000000) * on (a,b) group_left (c) vector(2.000000))',
    ],
    [
      'vector(1) * ignoring(a) group_right () (vector(2))',
      '(vector(1.000000) * ignoring (a) group_right vector(2.000000))',
    ],
    ['vector(1) + on() vector(2)', '(vector(1.000000) + on ()  vector(2.000000))'],
    ['SUM BY (a) (RATE({a="b"}[5m]))', 'sum by (a)(rate({a="b"}[5m]))'],
    ['sum(rate({a="b"}[5m])) without (a, b)', 'sum without (a,b)(rate({a="b"}[5m]))'],
    ['sum by () (rate({a="b"}[5m]))', 'sum(rate({a="b"}[5m]))'],
    ['topk(3, rate({a="b"}[5m]))', 'topk(3,rate({a="b"}[5m]))'],
    ['count_over_time(({a="b"} | json)[5m] offset 1h)', 'count_over_time({a="b"} | json[5m] offset 1h0m0s)'],
    ['count_over_time(({a="b"} | json [5m]))', 'count_over_time({a="b"} | json[5m])'],
    ['count_over_time({a="b"}[5m] | json)', 'count_over_time({a="b"} | json[5m])'],
    ['rate({a="b"}[5m] offset -1m | json | unwrap x)', 'rate({a="b"} | json | unwrap x[5m] offset -1m0s)'],
    ['rate(({a="b"})[5m] | unwrap x)', 'rate({a="b"} | unwrap x[5m])'],
    [
      'quantile_over_time(0.9, {a="b"} | unwrap duration(x) | y="z" [1m]) by (c)',
      'quantile_over_time(0.9,{a="b"} | unwrap duration(x) | y="z"[1m]) by (c)',
    ],
    ['rate({a="b"} | unwrap bytes [5m])', 'rate({a="b"} | unwrap bytes[5m])'],
    ['label_replace(vector(1), "a", "b", "c", "d")', 'label_replace(vector(1.000000),"a","b","c","d")'],
    ['# note\n vector(1) # more', 'vector(1.000000)'],
    ['-1', '-1'],
    ['1e6', '1e+06'],
  ] as const)
    tap.equal(understood(text), expected, text)
  tap.end()
})

void t.test('what is refused, and where', (tap) => {
  for (const [text, offset] of [
    ['', 0],
    ['hello', 0],
    ['{a="b"', 6],
    ['{a="b"} json', 8],
    ['{a="b"} | json |', 16],
    ['{a="b"}[5m]', 7],
    ['rate({a="b"}[1.5h])', 12],
    ['rate({a="b"}[])', 12],
    ['rate({a="b"})', 12],
    ['rate({a="b"}[5m]))', 17],
    ['sum({a="b"})', 4],
    ['sum(3, vector(1))', 0],
    ['sum by (a,) (vector(1))', 10],
    ['{a="b"} + 1', 8],
    ['vector(1) and 1', 10],
    ['1 or vector(1)', 2],
    ['vector(1) * on(a) group_left (vector(2))', 30],
    ['frobnicate({a="b"}[5m])', 0],
    ['rate({a="b"}[5m]) by (x)', 0],
    ['count_over_time({a="b"} | unwrap x [5m])', 0],
    ['rate({a="b"} | unwrap ip(x) [5m])', 22],
    ['vector(x)', 7],
    ['- vector(1)', 2],
    ["{a='b'}", 3],
  ] as const)
    tap.throws(() => parseExpression(text), { name: 'LogqlError', offset }, text)
  tap.end()
})

void t.test('parts of the language', (tap) => {
  tap.equal(parseLogExpression('{a="b"} | json').stages.length, 1)
  tap.throws(() => parseLogExpression('vector(1)'), /only log selector/)
  tap.equal(parseMatchers('{a="b", c!="d"}').length, 2)
  tap.throws(() => parseMatchers('{a="b"} | json'), /only label matchers/)
  tap.throws(() => parseMatchers('{}'))
  tap.same(parseMatchers('{}', { validate: false }), [])
  tap.end()
})

void t.test('hostile queries end with an error, not with the stack', (tap) => {
  for (const text of [
    '('.repeat(50_000),
    'sum('.repeat(20_000),
    `vector(1)${'+vector(1)'.repeat(10_000)}`,
    `{a="b"} | x=1${' or x=1'.repeat(10_000)}`,
    `{a="b"} | ${'('.repeat(50_000)}`,
    `1${'^1'.repeat(10_000)}`,
  ])
    tap.throws(() => parseExpression(text), { name: 'LogqlError' }, text.slice(0, 20))
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '(',
      ')',
      'a',
      '"x"',
      '=',
      '|',
      '|=',
      'json',
      'sum',
      'rate',
      '[5m]',
      '5',
      ',',
      'by',
      'or',
      '+',
      'unwrap',
      ' ',
    ],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parseExpression(pieces.join(' '))
      } catch (error) {
        if (!(error instanceof LogqlError)) throw error
      }
    }),
  )
  tap.end()
})
