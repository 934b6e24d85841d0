import fc from 'fast-check'
import t from 'tap'
import { Glob, hasMeta } from '../../../../lib/components/local.file_match/glob.ts'

// What bmatcuk/doublestar's PathMatch says, by its documentation and its test table.
const matching: [pattern: string, yes: string[], no: string[]][] = [
  ['abc', ['abc'], ['ab', 'abcd', '']],
  ['*', ['abc', '.hidden'], ['a/b']],
  ['a*', ['a', 'abc'], ['ab/c', 'ba']],
  ['a*/b', ['a/b', 'abc/b'], ['a/c/b']],
  ['a*b*c*d*e*/f', ['axbxcxdxe/f', 'axbxcxdxexxx/f'], ['axbxcxdxe/xxx/f', 'axbxcxdxexxx/fff']],
  ['a?c', ['abc', 'a😀c', 'añc'], ['ac', 'a/c', 'abbc']],
  ['ab[c]', ['abc'], ['abe', 'ab']],
  ['ab[b-d]', ['abc', 'abb', 'abd'], ['abe']],
  ['ab[^c]', ['abe'], ['abc', 'ab/']],
  ['ab[!e-g]', ['abc'], ['abf']],
  ['[a-]', ['a', '-'], ['b']],
  ['[\\]a]', [']', 'a'], ['\\']],
  ['[\\-x]', ['-', 'x'], ['a']],
  ['[a-ζ]*', ['α', 'b1'], ['A']],
  ['a\\*b', ['a*b'], ['axb', 'a\\*b']],
  ['*x', ['xxx'], ['x/y']],
  [
    '/var/log/**/*.log',
    ['/var/log/a.log', '/var/log/x/y/a.log'],
    ['/var/a.log', '/var/log/a.txt', '/var/loga.log'],
  ],
  ['a/**', ['a', 'a/', 'a/b', 'a/b/c'], ['ab', 'b/a']],
  ['a/**/', ['a', 'a/b/'], ['b']],
  ['**', ['a', 'a/b', ''], []],
  ['**/c', ['c', 'a/c', 'a/b/c'], ['a/cc', 'c/d']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/xb', 'a/x/yb']],
  ['a/**b', ['a/b', 'a/xb'], ['a/x/b']],
  ['a/b**', ['a/b', 'a/bxx'], ['a/b/x']],
  ['{a,b}.log', ['a.log', 'b.log'], ['c.log', '{a,b}.log']],
  ['{app,web}{,.[0-9]}', ['app', 'web.1'], ['app.', 'app.x']],
  ['a{b/c,d}e', ['ab/ce', 'ade'], ['ab/c', 'abe']],
  ['{a,{b,c}d}*', ['ax', 'bd', 'cdx'], ['b', 'd']],
  ['{**/x,y}.log', ['x.log', 'q/w/x.log', 'y.log'], ['q/y.log']],
  ['a\\{b', ['a{b'], ['a\\{b']],
  ['a,b}', ['a,b}'], ['a']],
  ['/x/{a,b}/**', ['/x/a', '/x/b/c/d'], ['/x/c/d', '/x']],
]

void t.test('matches as doublestar does', async (t) => {
  for (const [pattern, yes, no] of matching) {
    const glob = new Glob(pattern)
    for (const name of yes) t.equal(glob.matches(name), true, `${pattern} matches ${name}`)
    for (const name of no) t.equal(glob.matches(name), false, `${pattern} does not match ${name}`)
  }
})

void t.test('refuses what cannot be a pattern, and says why', async (t) => {
  for (const [pattern, why] of [
    ['a[', /\[ without its \]/],
    ['a[b', /\[ without its \]/],
    ['[]a]', /empty/],
    ['[!]', /empty/],
    ['a[b-\\', /\[ without its \]/],
    ['{a,b', /\{ without its \}/],
    ['a\\', /backslash/],
  ] as const)
    t.throws(() => new Glob(pattern), { code: 'BAD_ARGUMENT', message: why }, pattern)
})

void t.test('a text without special characters matches itself only', async () => {
  const plain = fc.string().filter((text) => !hasMeta(text) && text.length > 0)
  fc.assert(
    fc.property(plain, plain, (a, b) => new Glob(a).matches(a) && new Glob(a).matches(b) === (a === b)),
  )
})

void t.test('agrees with a slow matcher that tries everything', async () => {
  const piece = fc.constantFrom('a', 'b', '/', '*', '?', '[ab]', '[^a]', '**/', '/**/', '{a,b/}', '{,a}')
  const name = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 7 }).map((chars) => chars.join(''))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), name, (pieces, name) => {
      const pattern = pieces.join('')
      // Other stars that touch mean different things by where they stand; the table above has those.
      const rest = pattern.replaceAll(/(?<=^|\/)\*\*\/(?=[ab?[])/g, '')
      fc.pre(!/\*\*|\*[{},]*\*/.test(rest))
      return new Glob(pattern).matches(name) === new RegExp(`^${slowly(pattern)}$`).test(name)
    }),
    { numRuns: 400 },
  )
})

function slowly(pattern: string): string {
  return pattern.replaceAll(/\*\*\/|\*|\?|\[\^a\]|[{},]/g, (token) => {
    if (token === '**/') return '(?:[^/]*/)*'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    if (token === '[^a]') return '[^a/]'
    return token === '{' ? '(?:' : token === '}' ? ')' : '|'
  })
}

void t.test('takes time in proportion to the lengths', async (t) => {
  const glob = new Glob('/**/a*a*a*a*a*a*a*a*a*{a*,b*}{a*,b*}{a*,b*}{a*,b*}{a*,b*}{a*,b*}c')
  t.equal(glob.matches(`/${'a'.repeat(2000)}`), false)
})

void t.test('tells where nothing below can match', async (t) => {
  const glob = new Glob('/var/log/{app,web}/*/x.log')
  t.equal(glob.step(glob.start(), '/var/lib/').length, 0)
  t.not(glob.step(glob.start(), '/var/log/app/anything/').length, 0)
})
