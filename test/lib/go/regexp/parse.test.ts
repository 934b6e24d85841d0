import t from 'tap'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import { toRe2 } from '../../../../lib/go/regexp/translate.ts'

function shown(pattern: string, dotAll = false): string {
  const result = parse(pattern, { dotAll })
  return 'reason' in result ? `${result.reason} at ${result.offset}: ${result.excerpt}` : toRe2(result.tree)
}

void t.test('trees', (t) => {
  const cases = [
    ['a|b|cd', '[\\x{61}-\\x{62}]|\\x{63}\\x{64}'],
    ['(?i)a(?-i)a', '[\\x{41}-\\x{41}\\x{61}-\\x{61}]\\x{61}'],
    ['(?i:1)a', '\\x{31}\\x{61}'],
    ['^(?m)^$(?-m:$)\\A\\z\\b\\B', '\\A(?m:^)(?m:$)\\z\\A\\z\\b\\B'],
    ['.(?s).', '[\\x{0}-\\x{9}\\x{b}-\\x{10ffff}][\\x{0}-\\x{10ffff}]'],
    ['(?U)1*1*?', '(?:\\x{31})*?(?:\\x{31})*'],
    [
      '1{2}1{2,}?1{0,3}1{,2}',
      '(?:\\x{31}){2,2}(?:\\x{31}){2,}?(?:\\x{31}){0,3}\\x{31}\\x{7b}\\x{2c}\\x{32}\\x{7d}',
    ],
    ['\\Q1*\\E+', '\\x{31}(?:\\x{2a})+'],
    ['(1(?P<n>2))', '(\\x{31}(\\x{32}))'],
    ['', '(?:)'],
  ] as const
  for (const [pattern, tree] of cases) t.equal(shown(pattern), tree, pattern)
  t.equal(shown('.', true), '[\\x{0}-\\x{10ffff}]')
  t.match(parse('(a)(?P<x>b)(?<x>c)'), { groupNames: [undefined, undefined, 'x', 'x'] })
  t.end()
})

void t.test('refusals name the place', (t) => {
  const cases = [
    ['ab(?=c)', 'invalid or unsupported Perl syntax at 2: (?='],
    ['ab**', 'invalid nested repetition operator at 2: **'],
    ['a|*', 'missing argument to repetition operator at 2: *'],
    ['xa{1001}', 'invalid repeat count at 2: {1001}'],
    ['((a{100}){10}){5}', 'invalid repeat count at 14: {5}'],
    ['ab)', 'unexpected ) at 2: ab)'],
    ['é[z-a]', 'invalid character class range at 2: z-a'],
    ['a\\', 'trailing backslash at end of expression at 1: '],
  ] as const
  for (const [pattern, refusal] of cases) t.equal(shown(pattern), refusal, pattern)
  const deep = shown(`${'('.repeat(2000)}${')'.repeat(2000)}`)
  t.ok(deep.startsWith('expression nests too deeply'))
  t.end()
})
