/**
 * The delimiter cut: for a pattern that is anchored at both ends, such as `^(\S+)\|(\S+)\|(\d+)$`, the classes that
 * also hold a delimiter make the search polynomial. But every delimiter that stands in the pattern as a character
 * of its own takes exactly one from the text. So a text with just as many of them leaves none to the classes, and
 * the same pattern with the delimiter taken out of its classes matches it in the same way, without backtracking.
 * A match of that strict pattern is thus a match of the given one; only a text with more delimiters needs another
 * look.
 */
import type { Automaton } from './automaton.ts'
import { buildAutomaton } from './automaton.ts'
import { contains, onlyMember, single, subtract } from './charset.ts'
import { STEP_BUDGET, boundCost } from './linear.ts'
import type { Node } from './syntax.ts'
import { mapSets } from './syntax.ts'

/** A character, as a UTF-16 unit, and how often the pattern has it. */
interface Delimiter {
  readonly unit: number
  readonly count: number
}

/** The strict form of a pattern. */
export interface Cut {
  readonly strict: Node
  readonly automaton: Automaton
  readonly delimiters: readonly Delimiter[]
  /**
   * Steps for each character and each way to choose delimiters when the given pattern runs; Infinity: unknown.
   * Worked out when a text first asks for it: most patterns never meet one with more delimiters.
   */
  readonly perChoice: () => number
}

/** What is known about a string that the strict pattern doesn't match. */
export type Verdict = 'none' | 'cheap' | 'unknown'

const MAX_CANDIDATES = 6
const FIRST_MARK = 0x11_00_00

/** Finds the fewest delimiters whose cut makes the (unrolled) tree linear, or undefined if none do. */
export function findCut(tree: Node): Cut | undefined {
  if (!anchored(tree)) return undefined
  const candidates = candidatesIn(tree)
  for (const candidate of candidates) {
    const cut = tryCut(tree, [candidate])
    if (cut !== undefined) return cut
  }
  for (let size = 2; size <= candidates.length; size++) {
    const cut = tryCut(tree, candidates.slice(0, size))
    if (cut !== undefined) return cut
  }
  return undefined
}

function anchored(tree: Node): boolean {
  if (tree.kind !== 'concat') return false
  const first = tree.subs[0]!
  const last = tree.subs[tree.subs.length - 1]!
  return first.kind === 'place' && first.at === 'textStart' && last.kind === 'place' && last.at === 'textEnd'
}

/** The characters that every match takes a fixed number of times by themselves, the most frequent first. */
function candidatesIn(tree: Node): Delimiter[] {
  const counts = new Map<number, number>()
  const refused = new Set<number>()
  const shared = new Set<number>()
  const classes: Node[] = []
  const walk = (node: Node, fixed: boolean): void => {
    if (node.kind === 'set') {
      const unit = onlyMember(node.set)
      if (unit === undefined) classes.push(node)
      else if (!fixed || unit > 0xff_ff) refused.add(unit)
      else counts.set(unit, (counts.get(unit) ?? 0) + 1)
    } else if (node.kind === 'group' || node.kind === 'repeat') {
      walk(node.sub, fixed && node.kind === 'group')
    } else if (node.kind === 'concat' || node.kind === 'alternate') {
      for (const sub of node.subs) walk(sub, fixed && node.kind === 'concat')
    }
  }
  walk(tree, true)
  for (const unit of counts.keys()) {
    if (classes.some((node) => node.kind === 'set' && contains(node.set, unit))) shared.add(unit)
  }
  return [...counts]
    .filter(([unit]) => shared.has(unit) && !refused.has(unit))
    .map(([unit, count]) => ({ unit, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_CANDIDATES)
}

function tryCut(tree: Node, delimiters: readonly Delimiter[]): Cut | undefined {
  const strict = mapSets(tree, (set) => {
    if (onlyMember(set) !== undefined) return set
    return delimiters.reduce((rest, { unit }) => subtract(rest, single(unit)), set)
  })
  const automaton = buildAutomaton(strict)
  if (automaton === undefined || boundCost(automaton).limit !== Infinity) return undefined
  let perChoice: number | undefined
  return { strict, automaton, delimiters, perChoice: () => (perChoice ??= costPerChoice(tree, delimiters)) }
}

/**
 * Bounds the given pattern once it is chosen which delimiters of the text are the pattern's own: those are told
 * apart by marks outside of Unicode.
 */
function costPerChoice(tree: Node, delimiters: readonly Delimiter[]): number {
  const marked = mapSets(tree, (set) => {
    const index = delimiters.findIndex(({ unit }) => unit === onlyMember(set))
    return index < 0 ? set : single(FIRST_MARK + index)
  })
  const automaton = buildAutomaton(marked)
  if (automaton === undefined) return Infinity
  const cost = boundCost(automaton)
  return cost.limit === Infinity ? cost.perCharacter : Infinity
}

/**
 * Judges a string that the strict pattern doesn't match: `none` if the given pattern doesn't match it either,
 * `cheap` if V8 can be asked within the budget, else `unknown`. With j delimiters after it, a place of the text
 * can be reached with at most 2^j choices.
 */
export function judge(cut: Cut, text: string): Verdict {
  if (!cut.delimiters.some((delimiter) => holdsMore(text, delimiter))) return 'none'
  let choices = cut.perChoice()
  let steps = 0
  for (let i = 0; i < text.length && steps <= STEP_BUDGET; i++) {
    const unit = text.charCodeAt(i)
    for (const delimiter of cut.delimiters) if (delimiter.unit === unit) choices *= 2
    steps += choices
  }
  return steps <= STEP_BUDGET ? 'cheap' : 'unknown'
}

/** As `judge` over UTF-8: `false` means `none`. */
export function hasSpareDelimiter({ delimiters }: Cut, bytes: Uint8Array, from: number, to: number): boolean {
  return delimiters.some(({ unit, count }) => {
    let spare = -count
    for (let at = from; at < to; at++) if (bytes[at] === unit) spare++
    // Others take several bytes.
    return spare > 0 || unit > 127
  })
}

function holdsMore(text: string, delimiter: Delimiter): boolean {
  const char = String.fromCharCode(delimiter.unit)
  let at = -1
  for (let count = 0; count <= delimiter.count; count++) {
    at = text.indexOf(char, at + 1)
    if (at < 0) return false
  }
  return true
}
