/**
 * Proves, when a pattern is compiled, how much work V8's backtracking engine can be made to do by a hostile text.
 *
 * The measure is the number of attempts that are alive at one place of the text, summed over all starts of the
 * search. It is bounded by walking the subsets of the position automaton with the largest number of ways to be in
 * each position, length by length. If those numbers stop growing, the search is linear in the text; otherwise the
 * walk tells up to which length of text the work stays within a budget. Positions from which success is certain
 * ("sure") end the search, so what was alive before them doesn't count.
 */
import type { Automaton, Edge } from './automaton.ts'
import { GUARD } from './automaton.ts'
import type { CharSet } from './charset.ts'
import { NEWLINE, NONE, WORD, contains } from './charset.ts'

/** What is known about the cost of a pattern. */
export interface Cost {
  /** Longest text, in code points, whose search stays within the budget; Infinity if the search is linear. */
  readonly limit: number
  /** Steps for each character at most, if the search is linear. */
  readonly perCharacter: number
}

/** Steps that one search may take at worst: about a millisecond. */
export const STEP_BUDGET = 500_000
/** A linear pattern may cost this many steps a character: 5,000 characters stay below 50 ms. */
const MAX_PER_CHARACTER = 2000
/** Work that the proof itself may take. */
const MAX_OPERATIONS = 1_500_000
const MAX_STATES = 4000

const PREVIOUS = { start: 1, newline: 2, word: 4, lookbehind: 8 } as const

/** Code points that no set of the pattern, and no guard, tells apart. */
interface CharClass {
  /** PREVIOUS bits of a character of this class. */
  readonly bits: number
  /** For each position, 1 if its set holds the class. */
  readonly holds: Uint8Array
}

interface Row {
  /** Ways that start here, from the search itself or from a sure position. */
  readonly base: number
  /** Pairs: index into the source's support, ways. */
  readonly from: readonly number[]
}

interface Transition {
  readonly target: Subset
  readonly rows: readonly Row[]
}

/** A set of positions that can be alive together after some text, with the most ways to be in each. */
interface Subset {
  readonly previous: number
  readonly support: readonly number[]
  readonly spine: readonly number[]
  counts: Float64Array
  transitions: Transition[] | undefined
}

interface Walk {
  readonly automaton: Automaton
  /** Edges of a new attempt, with what the search adds to their guards. */
  readonly start: readonly Edge[]
  readonly sure: readonly boolean[]
  readonly classes: readonly CharClass[]
  readonly subsets: Map<string, Subset>
  operations: number
}

/**
 * Bounds the cost of searching with the automaton. `lookbehind` is the set that must not precede the start of a match
 * (the translator's lookbehind for patterns that begin with a loop), empty for the rest. With fewer `maxOperations` the
 * proof gives up sooner, at a lower limit.
 */
export function boundCost(
  automaton: Automaton,
  lookbehind: CharSet = NONE,
  maxOperations = MAX_OPERATIONS,
): Cost {
  const sure = automaton.exits.map((exits) => exits.some((exit) => exit.guard === 0))
  // A pattern that matches nothing succeeds at the first place, so the search makes no second attempt.
  const onlyFirst = automaton.empty.some((path) => path.guard === 0) ? GUARD.textStart : 0
  const notBehind = lookbehind.length > 0 ? GUARD.lookbehind : 0
  const start = automaton.start.map((edge) => ({ ...edge, guard: edge.guard | onlyFirst | notBehind }))
  const classes = charClasses(automaton, lookbehind)
  const walk: Walk = { automaton, start, sure, classes, subsets: new Map(), operations: 0 }
  const first = subsetOf(walk, PREVIOUS.start, [], [])
  return grow(walk, first, maxOperations)
}

function grow(walk: Walk, first: Subset, maxOperations: number): Cost {
  let dirty = new Set([first])
  let perCharacter = costOf(walk, first)
  let total = 0
  for (let length = 0; ; length++) {
    for (const subset of dirty) perCharacter = Math.max(perCharacter, costOf(walk, subset))
    total += perCharacter
    if (total > STEP_BUDGET) return { limit: length, perCharacter }
    if (dirty.size === 0) {
      const limit = perCharacter <= MAX_PER_CHARACTER ? Infinity : Math.floor(STEP_BUDGET / perCharacter)
      return { limit, perCharacter }
    }
    dirty = advance(walk, dirty)
    if (walk.operations > maxOperations || walk.subsets.size > MAX_STATES) {
      return { limit: length, perCharacter }
    }
  }
}

/** Steps at one place of the text: every way that is alive, plus one new attempt. */
function costOf(walk: Walk, subset: Subset): number {
  const { weights } = walk.automaton
  let steps = weights[weights.length - 1]!
  for (const position of subset.spine) steps = Math.max(steps, weights[position]!)
  for (let i = 0; i < subset.support.length; i++) steps += subset.counts[i]! * weights[subset.support[i]!]!
  return steps
}

/** One more character: the subsets whose counts grew. */
function advance(walk: Walk, dirty: ReadonlySet<Subset>): Set<Subset> {
  const updates = new Map<Subset, Float64Array>()
  const reached = new Set<Subset>()
  for (const source of dirty) {
    source.transitions ??= transitionsOf(walk, source, reached)
    for (const { target, rows } of source.transitions) {
      let counts = updates.get(target)
      if (counts === undefined) updates.set(target, (counts = target.counts.slice()))
      for (let i = 0; i < rows.length; i++) {
        const { base, from } = rows[i]!
        let ways = base
        for (let k = 0; k < from.length; k += 2) ways += source.counts[from[k]!]! * from[k + 1]!
        if (ways > counts[i]!) counts[i] = ways
        walk.operations += 1 + from.length
      }
    }
  }
  for (const [subset, counts] of updates) {
    if (counts.some((count, i) => count > subset.counts[i]!)) reached.add(subset)
    subset.counts = counts
  }
  return reached
}

function transitionsOf(walk: Walk, source: Subset, created: Set<Subset>): Transition[] {
  return walk.classes.map((charClass) => {
    const step = new Step(walk, source.previous, charClass)
    step.fromSpine(walk.start)
    for (const position of source.spine) step.fromSpine(walk.automaton.edges[position]!)
    source.support.forEach((position, i) => step.fromSupport(i, walk.automaton.edges[position]!))
    const support = [...step.rows.keys()].toSorted((a, b) => a - b)
    const known = walk.subsets.size
    const target = subsetOf(
      walk,
      charClass.bits,
      support,
      [...step.spine].toSorted((a, b) => a - b),
    )
    if (walk.subsets.size > known) created.add(target)
    return { target, rows: support.map((position) => step.rows.get(position)!) }
  })
}

/** Collects where one character leads from all positions of a subset. */
class Step {
  readonly rows = new Map<number, { base: number; from: number[] }>()
  readonly spine = new Set<number>()
  readonly #walk: Walk
  readonly #previous: number
  readonly #next: CharClass

  constructor(walk: Walk, previous: number, next: CharClass) {
    this.#walk = walk
    this.#previous = previous
    this.#next = next
  }

  /** The search itself and the sure positions: one of them at a time makes new attempts. */
  fromSpine(edges: readonly Edge[]): void {
    const sums = new Map<number, number>()
    for (const edge of edges) {
      if (this.#open(edge)) sums.set(edge.to, (sums.get(edge.to) ?? 0) + edge.count)
    }
    for (const [position, ways] of sums) {
      if (this.#walk.sure[position]) this.spine.add(position)
      else this.#row(position).base = Math.max(this.#row(position).base, ways)
    }
  }

  fromSupport(index: number, edges: readonly Edge[]): void {
    for (const edge of edges) {
      if (!this.#open(edge)) continue
      if (this.#walk.sure[edge.to]) this.spine.add(edge.to)
      else this.#row(edge.to).from.push(index, edge.count)
    }
  }

  #row(position: number): { base: number; from: number[] } {
    let row = this.rows.get(position)
    if (row === undefined) this.rows.set(position, (row = { base: 0, from: [] }))
    return row
  }

  #open(edge: Edge): boolean {
    this.#walk.operations++
    return this.#next.holds[edge.to] === 1 && holds(edge.guard, this.#previous, this.#next.bits)
  }
}

function holds(guard: number, previous: number, next: number): boolean {
  if (guard === 0) return true
  if ((guard & GUARD.textEnd) !== 0) return false
  if ((guard & GUARD.textStart) !== 0 && (previous & PREVIOUS.start) === 0) return false
  if ((guard & GUARD.lineStart) !== 0 && (previous & (PREVIOUS.start | PREVIOUS.newline)) === 0) return false
  if ((guard & GUARD.lineEnd) !== 0 && (next & PREVIOUS.newline) === 0) return false
  if ((guard & GUARD.lookbehind) !== 0 && (previous & PREVIOUS.lookbehind) !== 0) return false
  const boundary = ((previous ^ next) & PREVIOUS.word) !== 0
  if ((guard & GUARD.word) !== 0 && !boundary) return false
  return (guard & GUARD.notWord) === 0 || !boundary
}

function subsetOf(
  walk: Walk,
  previous: number,
  support: readonly number[],
  spine: readonly number[],
): Subset {
  const key = `${previous}|${support.join()}|${spine.join()}`
  let subset = walk.subsets.get(key)
  if (subset === undefined) {
    const counts = new Float64Array(support.length)
    subset = { previous, support, spine, counts, transitions: undefined }
    walk.subsets.set(key, subset)
  }
  return subset
}

function charClasses(automaton: Automaton, lookbehind: CharSet): CharClass[] {
  const guards: readonly CharSet[] = [NEWLINE, WORD, lookbehind]
  const unique = new Map<string, number>()
  const sets: CharSet[] = [...guards]
  const setOf = automaton.sets.map((set) => {
    const key = set.join()
    let id = unique.get(key)
    if (id === undefined) unique.set(key, (id = sets.push(set) - 1))
    return id
  })
  const borders = new Set([0])
  for (const set of sets) for (let i = 0; i < set.length; i++) borders.add(set[i]! + (i % 2))
  const found = new Map<string, CharClass>()
  for (const border of borders) {
    const members = sets.map((set) => contains(set, border))
    const key = members.map(Number).join('')
    if (found.has(key)) continue
    const bits =
      (members[0] ? PREVIOUS.newline : 0) |
      (members[1] ? PREVIOUS.word : 0) |
      (members[2] ? PREVIOUS.lookbehind : 0)
    found.set(key, { bits, holds: Uint8Array.from(setOf, (id) => (members[id] ? 1 : 0)) })
  }
  return [...found.values()]
}
