/**
 * Chooses, when a pattern is compiled, which engine may run it on which texts: V8 on the translation where the work
 * is bounded, V8 on the strict form of a delimited pattern first, re2js for the rest.
 */
import type { Automaton } from './automaton.ts'
import { buildAutomaton } from './automaton.ts'
import type { CharSet } from './charset.ts'
import { holdsAllAstral, holdsAstral, NONE } from './charset.ts'
import type { Cut } from './cutter.ts'
import { findCut } from './cutter.ts'
import { boundCost } from './linear.ts'
import type { Expression, Node } from './syntax.ts'
import type { Translation } from './translate.ts'
import { sameInJavaScript, translate } from './translate.ts'
import { unroll } from './unroll.ts'

/** Shorter limits than this aren't worth having two engines. */
const MIN_LIMIT = 48

/** Most linear patterns are known to be linear after 500. More would cost every start: 20,000 take 15 ms there. */
const QUICK_OPERATIONS = 2000

/** How V8 may be used for a pattern. */
export interface Plan {
  /** The translation of the pattern, for searches that may start anywhere. */
  readonly plain: Translation
  /** The same after a lookbehind that skips hopeless starts, for the first search in a text. */
  readonly search: Translation
  /**
   * Longest text that V8 may search, in UTF-16 units. With a cut it is worked out when a text first asks for it: that
   * takes up to 50 ms of CPU, and most patterns never meet a text with more delimiters.
   */
  readonly limit: () => number
  /** The strict form, to be tried first on a text of any length. */
  readonly strict: Translation | undefined
  readonly cut: Cut | undefined
}

/** Plans the use of V8, or returns undefined if the pattern is for re2js alone. */
export function planOf(expression: Expression): Plan | undefined {
  if (!sameInJavaScript(expression.tree)) return undefined
  const tree = unroll(expression.tree)
  const automaton = tree && buildAutomaton(tree)
  if (tree === undefined || automaton === undefined) return undefined
  const groups = expression.groupNames.length - 1
  const plain = translate(tree, automaton, groups)
  const v8 = (limit: number): Plan => ({
    plain,
    search: plain,
    limit: () => limit,
    strict: undefined,
    cut: undefined,
  })
  if (boundCost(automaton, NONE, QUICK_OPERATIONS).limit === Infinity) return v8(Infinity)
  const cut = findCut(tree)
  if (cut !== undefined) {
    let known: number | undefined
    const limit = (): number => (known ??= boundCost(automaton).limit)
    return { plain, search: plain, limit, cut, strict: translate(cut.strict, cut.automaton, groups) }
  }
  const { limit } = boundCost(automaton)
  if (limit === Infinity) return v8(limit)
  const guarded = guard(tree, automaton, groups)
  if (guarded !== undefined && guarded.limit > limit) return { ...v8(guarded.limit), search: guarded.search }
  return limit >= MIN_LIMIT ? v8(limit) : undefined
}

/**
 * A pattern that begins with an open loop over a set matches from the first place of a run of that set if it
 * matches from any later one, so the others need no attempt.
 */
function guard(
  tree: Node,
  automaton: Automaton,
  groups: number,
): { search: Translation; limit: number } | undefined {
  const lookbehind = leadingLoop(tree)
  if (lookbehind === undefined || (holdsAstral(lookbehind) && !holdsAllAstral(lookbehind))) return undefined
  const { limit } = boundCost(automaton, lookbehind)
  return limit >= MIN_LIMIT ? { search: translate(tree, automaton, groups, lookbehind), limit } : undefined
}

function leadingLoop(node: Node): CharSet | undefined {
  switch (node.kind) {
    case 'concat':
      return leadingLoop(node.subs[0]!)
    case 'group':
      return leadingLoop(node.sub)
    case 'repeat': {
      if (node.max !== Infinity) return undefined
      const body = node.sub.kind === 'group' ? node.sub.sub : node.sub
      return body.kind === 'set' ? body.set : undefined
    }
    case 'set':
    case 'empty':
    case 'place':
    case 'alternate':
      return undefined
  }
}
