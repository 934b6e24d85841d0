/** What holds of a value: loose typing, several findings, and bounds. */
import t from 'tap'
import { search } from '../../../../lib/alloy/stdlib/json-path.ts'
import { holds } from '../../../../lib/alloy/stdlib/json-path-filter.ts'
import { parsePath } from '../../../../lib/alloy/stdlib/json-path-parse.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

const map = (entries: Record<string, Value>): Value => new Map(Object.entries(entries))
const item = map({
  n: 2n,
  f: 2,
  big: 9_007_199_254_740_993n,
  s: 'äb',
  t: true,
  z: null,
  empty: '',
  list: [1n, 'x', 3n],
  o: map({}),
})

function test(condition: string, of: Value = item, root: Value = map({ limit: 2n })): boolean {
  const [step] = parsePath(`[?${condition}]`)
  if (step?.kind !== 'filter') throw new Error(`expected a filter, found ${condition}`)
  return holds(step.equation, of, root, search)
}

void t.test('conditions', (tap) => {
  const cases: [string, boolean][] = [
    ['@.n == 2', true],
    ['@.n == 2.0', true],
    ['@.n == @.f', true],
    ['@.n == "2"', false],
    ['@.big == 9007199254740992', false],
    ['@.n != "2"', true],
    ['@.n < 3', true],
    ['@.n < "3"', false],
    ['@.s > "a"', true],
    ['@.s >= "äb"', true],
    ['@.t < 1', false],
    ['@.none == Nothing', true],
    ['@.z == Nothing', false],
    ['@.z == null', true],
    ['@.n == $.limit', true],
    ['@.z', true],
    ['@.none', false],
    ['@.t && @.none', false],
    ['@.t || @.none', true],
    ['@.none exists false', true],
    ['@.z has true', true],
    ['@.empty empty true', true],
    ['@.o empty true', true],
    ['@.list empty false', true],
    ['@.none empty true', false],
    ['@.n empty false', false],
    ['@.n in [1, 2]', true],
    ['@.n in 2', false],
    ['@.s =~ /^.b$/', true],
    ['@.s =~ "^b"', false],
    ['@.s =~ "("', false],
    ['@.n =~ /2/', false],
    ['length(@.s) == 3', true],
    ['length(@.list) == 3', true],
    ['length(@.o) == 0', true],
    ['length(@.n) == Nothing', true],
    ['count(@.list[*]) == 3', true],
    ['count(1) == Nothing', true],
    ['match(@.s, "b")', false],
    ['match(@.s, "..?b?")', true],
    ['search(@.s, "b")', true],
    ['search(@.s, "(") == Nothing', true],
    ['search(@.s, "") == Nothing', true],
    ['@.n + 1 == 3', true],
    ['@.s + "c" == "äbc"', true],
    ['@.n / 0 == Nothing', true],
    ['@.n + "x" == Nothing', true],
  ]
  for (const [condition, expected] of cases) tap.equal(test(condition), expected, condition)
  tap.end()
})

void t.test('a path with several findings holds if any choice of them does', (tap) => {
  tap.ok(test('@.list[*] == "x"'))
  tap.ok(test('@.list[*] == 3 && @.list[*] == 3'))
  tap.notOk(test('@.list[*] == 2'))
  tap.ok(test('@.list[0,2] > @.list[0]'), 'each path chooses for itself')
  tap.end()
})

void t.test('the number of choices that are tried is bounded', (tap) => {
  const many = Array.from({ length: 3000 }, (_, i) => BigInt(i))
  tap.notOk(test('@.a[*] + @.b[*] == 5998', map({ a: many, b: many })), 'the last choice is not reached')
  tap.ok(test('@.a[*] + @.b[*] == 2999', map({ a: many, b: many })), 'one near the beginning is')
  tap.end()
})
