import t from 'tap'
import { compileLinePattern } from '../../../../lib/logql/stages/line-pattern.ts'

void t.test('patterns of lines', (tap) => {
  for (const [pattern, line, matches] of [
    ['foo <_> bar', 'foo x bar', true],
    ['foo <_> bar', 'foo  bar', false],
    ['<_> bar', 'foo bar baz', false],
    ['<_> baz', 'foo bar baz', true],
    ['foo <_>', 'foo bar baz', true],
    ['foo <_>', 'foo ', false],
    ['<_>bar<_>', ' bar ', true],
    ['<_> bar <_>', ' bar ', false],
    ['bar', 'bar', true],
    ['bar', 'bar x', false],
    ['bar', 'x bar', true],
    ['<_>', 'x', true],
    ['<_>', '', false],
    ['', '', true],
    ['', 'x', false],
    ['a <x> b', 'a <x> b', undefined],
    ['< > <1>', '< > <1>', true],
  ] as const)
    if (matches === undefined) tap.throws(() => compileLinePattern(pattern), /named captures are not allowed/)
    else tap.equal(compileLinePattern(pattern)(line), matches, `${pattern} on ${JSON.stringify(line)}`)
  tap.throws(() => compileLinePattern('a<_><_>'), /consecutive/)
  tap.end()
})
