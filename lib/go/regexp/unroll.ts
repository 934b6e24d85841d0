/**
 * Rewrites counted repetitions into copies, so that only `*`, `+` and `?` are left: `x{2,4}` is `xx(?:x(?:x)?)?`.
 * V8's linear fallback refuses counts, and the checker needs to see every position.
 */
import type { Node, RepeatNode } from './syntax.ts'
import { EMPTY } from './syntax.ts'

/** More leaves than this aren't worth V8's compile time. */
const MAX_LEAVES = 4000

/** The tree without counts, or undefined if it grows too large. Every leaf is an object of its own. */
export function unroll(tree: Node): Node | undefined {
  const budget = { leaves: MAX_LEAVES }
  const result = copy(tree, budget)
  return budget.leaves < 0 ? undefined : result
}

interface Budget {
  leaves: number
}

function copy(node: Node, budget: Budget): Node {
  if (budget.leaves < 0) return EMPTY
  switch (node.kind) {
    case 'set':
    case 'place':
    case 'empty':
      budget.leaves--
      return { ...node }
    case 'group':
      return { ...node, sub: copy(node.sub, budget) }
    case 'concat':
    case 'alternate':
      return { ...node, subs: node.subs.map((sub) => copy(sub, budget)) }
    case 'repeat':
      return copyRepeat(node, budget)
  }
}

function copyRepeat(node: RepeatNode, budget: Budget): Node {
  const { min, max, lazy } = node
  if (max === 0) return EMPTY
  const subs: Node[] = []
  const fixed = max === Infinity ? Math.max(0, min - 1) : min
  for (let i = 0; i < fixed && budget.leaves >= 0; i++) subs.push(copy(node.sub, budget))
  if (max === Infinity) {
    subs.push({ kind: 'repeat', min: Math.min(1, min), max, lazy, sub: copy(node.sub, budget) })
  } else if (max > min) {
    let tail: Node | undefined
    for (let i = min; i < max && budget.leaves >= 0; i++) {
      const one = copy(node.sub, budget)
      // The innermost option is built first, so the copies are made from the last to the first.
      const sub: Node = tail === undefined ? one : { kind: 'concat', subs: [one, tail] }
      tail = { kind: 'repeat', min: 0, max: 1, lazy, sub }
    }
    if (tail !== undefined) subs.push(tail)
  }
  return subs.length === 1 ? subs[0]! : { kind: 'concat', subs }
}
