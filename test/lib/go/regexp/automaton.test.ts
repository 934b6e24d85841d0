import t from 'tap'
import type { Automaton } from '../../../../lib/go/regexp/automaton.ts'
import { GUARD, buildAutomaton } from '../../../../lib/go/regexp/automaton.ts'
import { parse } from '../../../../lib/go/regexp/parse.ts'
import { unroll } from '../../../../lib/go/regexp/unroll.ts'

function automaton(pattern: string): Automaton {
  const result = parse(pattern)
  if ('reason' in result) throw new Error(result.reason)
  return buildAutomaton(unroll(result.tree)!)!
}

const targets = (edges: readonly { to: number }[]): number[] => edges.map((edge) => edge.to)

void t.test('edges', (t) => {
  const { start, edges, exits, empty } = automaton('a(?:b|c+)*d?')
  t.strictSame(targets(start), [0])
  t.strictSame(
    edges.map((list) => targets(list).toSorted((a, b) => a - b)),
    [[1, 2, 3], [1, 2, 3], [1, 2, 3], []],
  )
  t.equal(edges[2]!.find((edge) => edge.to === 2)?.count, 2, 'c to c: by the inner and by the outer loop')
  t.strictSame(
    exits.map((list) => list.length),
    [1, 1, 1, 1],
  )
  t.strictSame(empty, [])
  t.end()
})

void t.test('guards, counts and impossible ways', (t) => {
  const guarded = automaton('a\\b(?:|)b$')
  t.strictSame(guarded.edges[0], [{ to: 1, guard: GUARD.word, count: 2 }])
  t.strictSame(guarded.exits[1], [{ to: -1, guard: GUARD.textEnd, count: 1 }])
  t.strictSame(automaton('a^b').edges[0], [], 'nothing stands before the start')
  t.strictSame(automaton('a\\b\\Bb').edges[0], [])
  t.strictSame(automaton('a*').empty, [{ to: -1, guard: 0, count: 1 }])
  t.equal(buildAutomaton(unroll({ kind: 'concat', subs: Array.from({ length: 400 }, option) })!), undefined)
  t.end()
})

function option(): { kind: 'repeat'; min: 0; max: 1; lazy: false; sub: { kind: 'set'; set: number[] } } {
  return { kind: 'repeat', min: 0, max: 1, lazy: false, sub: { kind: 'set', set: [97, 97] } }
}
