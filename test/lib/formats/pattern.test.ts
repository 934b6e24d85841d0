import t from 'tap'
import { compilePattern } from '../../../lib/formats/pattern.ts'

void t.test('captures', (t) => {
  const cases: [string, string, string[] | undefined][] = [
    ['<a>', 'all', ['all']],
    ['<a> <b>', 'x y z', ['x', 'y z']],
    ['<a>, <_>; <c>', '1, 2; 3', ['1', '3']],
    ['k=<a>', 'k=', ['']],
    ['k=<a>', 'x k=1', undefined],
    ['<a>!', '', undefined],
    ['<a>|<b>|<c>', 'x|y', ['x', 'y']],
    ['<_>|<b>', 'x', []],
    ['<a> end', 'x end more', ['x']],
    ['<1> <b>', '<1> x', ['x']],
  ]
  for (const [pattern, text, expected] of cases)
    t.same(compilePattern(pattern).captures(text), expected, `${pattern} on ${text}`)
  t.end()
})

void t.test('refusals', (t) => {
  for (const [pattern, message] of [
    ['', /named capture/],
    ['<_>', /named capture/],
    ['<a><b>', /nothing tells <a> from <b>/],
    ['<a> <_><b>', /nothing tells <_> from <b>/],
    ['<a> <a>', /<a> is used twice/],
  ] as const)
    t.throws(() => compilePattern(pattern), { code: 'BAD_ARGUMENT', option: 'pattern', message }, pattern)
  t.end()
})
