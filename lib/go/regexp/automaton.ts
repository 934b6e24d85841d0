/**
 * The position automaton (Glushkov) of an unrolled expression: one state for each character set, and an edge for
 * each way in which a backtracker gets from one set to the next. The checker and the translator read it.
 */
import type { CharSet } from './charset.ts'
import type { Node, Place, SetNode } from './syntax.ts'

/** Bits of the places that have to hold on the way. */
export const GUARD: Readonly<Record<Place | 'lookbehind', number>> = {
  textStart: 1,
  textEnd: 2,
  lineStart: 4,
  lineEnd: 8,
  word: 16,
  notWord: 32,
  lookbehind: 64,
}

/** `count` ways lead to position `to` if the guard holds. */
export interface Edge {
  readonly to: number
  readonly guard: number
  readonly count: number
}

export interface Automaton {
  readonly sets: readonly CharSet[]
  readonly leaves: readonly SetNode[]
  /** Edges from each position. */
  readonly edges: readonly (readonly Edge[])[]
  /** Edges from the start of an attempt. */
  readonly start: readonly Edge[]
  /** Ways from each position to the end of the match; `to` is -1. */
  readonly exits: readonly (readonly Edge[])[]
  /** The ways that an attempt can match nothing. */
  readonly empty: readonly Edge[]
  /** What one visit of a position costs a backtracker: every way out is tried. The last one is the start's. */
  readonly weights: readonly number[]
}

/** More edges than this aren't analysed. */
const MAX_EDGES = 40_000
const IMPOSSIBLE = -1

interface Fragment {
  first: Edge[]
  last: Edge[]
  empty: Edge[]
}

interface Builder {
  readonly leaves: SetNode[]
  readonly edges: Map<number, Edge>[]
  readonly weights: number[]
  budget: number
}

/** Builds the automaton, or returns undefined if it grows too large. */
export function buildAutomaton(tree: Node): Automaton | undefined {
  const builder: Builder = { leaves: [], edges: [], weights: [], budget: MAX_EDGES }
  const whole = build(tree, builder)
  if (builder.budget < 0) return undefined
  const exits: Edge[][] = builder.leaves.map(() => [])
  const { weights } = builder
  for (const link of whole.last) {
    exits[link.to]!.push({ to: -1, guard: link.guard, count: link.count })
    weights[link.to]! += link.count
  }
  const total = (edges: readonly Edge[]): number => edges.reduce((sum, edge) => sum + edge.count, 0)
  return {
    sets: builder.leaves.map((leaf) => leaf.set),
    leaves: builder.leaves,
    edges: builder.edges.map((map) => [...map.values()]),
    start: whole.first,
    exits,
    empty: whole.empty,
    weights: [...weights, 1 + total(whole.first) + total(whole.empty)],
  }
}

function build(node: Node, builder: Builder): Fragment {
  if (builder.budget < 0) return { first: [], last: [], empty: [] }
  switch (node.kind) {
    case 'set': {
      const here = { to: builder.leaves.length, guard: 0, count: 1 }
      builder.leaves.push(node)
      builder.edges.push(new Map())
      builder.weights.push(1)
      return { first: [here], last: [here], empty: [] }
    }
    case 'empty':
      return { first: [], last: [], empty: [{ to: -1, guard: 0, count: 1 }] }
    case 'place':
      return { first: [], last: [], empty: [{ to: -1, guard: GUARD[node.at], count: 1 }] }
    case 'group':
      return build(node.sub, builder)
    case 'concat':
      return node.subs.map((sub) => build(sub, builder)).reduce((a, b) => concat(a, b, builder))
    case 'alternate': {
      const parts = node.subs.map((sub) => build(sub, builder))
      return {
        first: merge(parts.flatMap((part) => part.first)),
        last: merge(parts.flatMap((part) => part.last)),
        empty: merge(parts.flatMap((part) => part.empty)),
      }
    }
    case 'repeat': {
      const body = build(node.sub, builder)
      if (node.max > 1) connect(body.last, body.first, builder)
      const skip = node.min === 0 ? [{ to: -1, guard: 0, count: 1 }] : []
      return { ...body, empty: merge([...body.empty, ...skip]) }
    }
  }
}

function concat(a: Fragment, b: Fragment, builder: Builder): Fragment {
  connect(a.last, b.first, builder)
  return {
    first: merge([...a.first, ...cross(a.empty, b.first, 'second')]),
    last: merge([...b.last, ...cross(a.last, b.empty, 'first')]),
    empty: merge(cross(a.empty, b.empty, 'first')),
  }
}

/** Both guards at one place, or IMPOSSIBLE if they exclude each other. */
function both(a: number, b: number): number {
  const guard = a | b
  const words = GUARD.word | GUARD.notWord
  return (guard & words) === words ? IMPOSSIBLE : guard
}

function cross(a: readonly Edge[], b: readonly Edge[], target: 'first' | 'second'): Edge[] {
  const out: Edge[] = []
  for (const x of a) {
    for (const y of b) {
      const guard = both(x.guard, y.guard)
      if (guard === IMPOSSIBLE) continue
      out.push({ to: target === 'first' ? x.to : y.to, guard, count: x.count * y.count })
    }
  }
  return out
}

function merge(edges: readonly Edge[]): Edge[] {
  const byKey = new Map<number, Edge>()
  for (const edge of edges) addEdge(byKey, edge)
  return [...byKey.values()]
}

function addEdge(into: Map<number, Edge>, edge: Edge): void {
  const key = edge.to * 128 + edge.guard
  const known = into.get(key)
  into.set(key, known === undefined ? edge : { ...edge, count: known.count + edge.count })
}

/** Adds the edges from `last` to `first`; impossible ones only cost the attempt. */
function connect(last: readonly Edge[], first: readonly Edge[], builder: Builder): void {
  builder.budget -= last.length * first.length
  if (builder.budget < 0) return
  for (const from of last) {
    for (const into of first) {
      const guard = both(from.guard, into.guard)
      const count = from.count * into.count
      builder.weights[from.to]! += count
      if (guard === IMPOSSIBLE || (guard & (GUARD.textStart | GUARD.textEnd)) !== 0) continue
      addEdge(builder.edges[from.to]!, { to: into.to, guard, count })
    }
  }
}
