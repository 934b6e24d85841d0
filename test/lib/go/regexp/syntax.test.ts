import t from 'tap'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import type { Node } from '../../../../lib/go/regexp/syntax.ts'
import {
  groupsAlwaysSet,
  groupsIn,
  mapSets,
  nullable,
  requiredLiteral,
} from '../../../../lib/go/regexp/syntax.ts'

function tree(pattern: string): Node {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return result.tree
}

void t.test('questions about a tree', (t) => {
  for (const pattern of ['', 'a*', 'a?b*', '(|a)', '^$', '(?:a{0,3})+'])
    t.ok(nullable(tree(pattern)), pattern)
  for (const pattern of ['a', 'a*b', '(a|bc)', 'a+']) t.notOk(nullable(tree(pattern)), pattern)
  t.strictSame([...groupsIn(tree('(a(b))|(c)*'))], [1, 2, 3])
  t.strictSame([...groupsAlwaysSet(tree('(a)(b)?((c)|(d)(e))+'))], [1, 3])
  t.strictSame([...groupsAlwaysSet(tree('(?:(a)x|(b)y)'))], [])
  t.end()
})

void t.test('the literal that every match holds', (t) => {
  const cases = [
    [String.raw`level=(\w+)`, 'level='],
    ['(ab)c(?:d|ee)xy', 'abc'],
    ['a(?:foo)+b', 'foo'],
    ['(?:foo)?ba', 'ba'],
    ['(?i)foo', ''],
    ['a|bc', ''],
    ['x😀y*', 'x😀'],
  ] as const
  for (const [pattern, literal] of cases) t.equal(requiredLiteral(tree(pattern)), literal, pattern)
  t.end()
})

void t.test('mapSets changes every set', (t) => {
  const changed = mapSets(tree('a(b|cd)+[x-z]^'), () => [1, 1])
  t.notMatch(JSON.stringify(changed), /9[0-9]/)
  t.strictSame(
    mapSets(tree('(a)+'), (set) => set),
    tree('(a)+'),
  )
  t.end()
})
