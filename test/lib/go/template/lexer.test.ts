/** Tokens of a template, where they stand, and what ends them. */
import fc from 'fast-check'
import t from 'tap'
import { lex } from '../../../../lib/go/template/lexer.ts'

const kinds = (source: string): string =>
  lex(source)
    .map(({ kind, text }) => (kind === 'space' ? '_' : kind === 'text' ? `'${text}'` : kind))
    .join(' ')

void t.test('tokens', (tap) => {
  const cases: [string, string][] = [
    ['', 'end'],
    ['a{b}', "'a{b}' end"],
    ['a{{.x}}b', "'a' open field close 'b' end"],
    ['{{ $x := .a.b }}', 'open _ variable _ declare _ field field _ close end'],
    ['{{$ = .}}', 'open variable _ assign _ dot close end'],
    ['{{if not nil}}{{else}}', 'open keyword _ identifier _ nil close open keyword close end'],
    [
      '{{f 1 -2.5e3 0x1F 1_000 1+2i \'c\' "s" `r` true}}',
      'open identifier _ number _ number _ number _ number _ complex _ char _ string _ string _ bool close end',
    ],
    ['{{(a | b),c}}', 'open left identifier _ pipe _ identifier right comma identifier close end'],
    ['{{ größe }}', 'open _ identifier _ close end'],
  ]
  for (const [source, expected] of cases) tap.equal(kinds(source), expected, source)
  tap.end()
})

void t.test('trim markers and comments', (tap) => {
  const cases: [string, string][] = [
    ['a \n {{- .x -}} \t b', "'a' open field close 'b' end"],
    ['a{{ .x  -}} b', "'a' open _ field _ close 'b' end"],
    ['a {{-.x}}', "'a ' error"],
    ['a {{- 1}}', "'a' open number close end"],
    ['{{-1}}', 'open number close end'],
    ['a {{/* c */}} b', "'a ' ' b' end"],
    ['a {{- /* }} */ -}} b', "'a' 'b' end"],
  ]
  for (const [source, expected] of cases)
    tap.equal(kinds(source).replace('open error', 'error'), expected, source)
  tap.end()
})

void t.test('what is wrong, and where', (tap) => {
  const cases: [string, number, string][] = [
    ['a{{ .x', 6, 'unclosed action'],
    ['a{{/* x', 1, 'unclosed comment'],
    ['{{/* x */ y}}', 0, 'comment ends before the closing delimiter'],
    ['{{ "a\n" }}', 3, 'unterminated quoted string'],
    ['{{ `a', 3, 'unterminated raw quoted string'],
    ["{{ 'a }}", 3, 'unterminated character constant'],
    ['{{ (a }}', 6, 'unclosed left paren'],
    ['{{ a) }}', 4, 'unexpected right paren'],
    ['{{ 1x }}', 3, 'bad number syntax: "1x"'],
    ['{{ 1+2 }}', 3, 'bad number syntax: "1+2"'],
    ['{{ .x%y }}', 5, 'bad character "%"'],
    ['{{ : }}', 3, 'expected :='],
    ['{{ \u{1F600} }}', 3, 'bad character "\u{1F600}"'],
  ]
  for (const [source, at, text] of cases) tap.same(lex(source).at(-1), { kind: 'error', at, text }, source)
  tap.end()
})

void t.test('any text has an end, and tokens stand where their text is', (tap) => {
  const unit = fc.constantFrom(
    '{{',
    '}}',
    '- ',
    ' -',
    '/*',
    '*/',
    '"',
    '`',
    "'",
    '.a',
    '$',
    '(',
    ')',
    '1',
    ':=',
    '\n',
    'x',
    'ä',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 15 }), (source) => {
      const tokens = lex(source)
      const last = tokens.pop()!
      if (last.kind !== 'end' && last.kind !== 'error') return false
      return tokens.every(
        ({ kind, text, at }) => kind !== 'end' && kind !== 'error' && source.startsWith(text, at),
      )
    }),
  )
  tap.pass()
  tap.end()
})
