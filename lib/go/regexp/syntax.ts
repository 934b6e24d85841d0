/**
 * The tree of a regular expression in Go's syntax: what the parser makes and what the translator, the printer
 * and the checker read.
 */
import type { CharSet } from './charset.ts'
import { onlyMember } from './charset.ts'

/** Where a match has to be, without taking characters. `textStart` is `\A`, `lineStart` is `(?m)^`. */
export type Place = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'word' | 'notWord'

export interface SetNode {
  readonly kind: 'set'
  readonly set: CharSet
}

export interface GroupNode {
  readonly kind: 'group'
  /** 1 for the first opening parenthesis. */
  readonly index: number
  readonly name: string | undefined
  readonly sub: Node
}

export interface RepeatNode {
  readonly kind: 'repeat'
  readonly min: number
  /** Infinity if open. */
  readonly max: number
  readonly lazy: boolean
  readonly sub: Node
}

export type Node =
  | SetNode
  | GroupNode
  | RepeatNode
  | { readonly kind: 'empty' }
  | { readonly kind: 'place'; readonly at: Place }
  | { readonly kind: 'concat'; readonly subs: readonly Node[] }
  | { readonly kind: 'alternate'; readonly subs: readonly Node[] }

/** A parsed expression. `groupNames[0]` is always undefined; group 1 is at 1. */
export interface Expression {
  readonly tree: Node
  readonly groupNames: readonly (string | undefined)[]
}

export const EMPTY: Node = { kind: 'empty' }

/** Whether the node can match without taking a character. */
export function nullable(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false
    case 'empty':
    case 'place':
      return true
    case 'group':
      return nullable(node.sub)
    case 'repeat':
      return node.min === 0 || nullable(node.sub)
    case 'concat':
      return node.subs.every(nullable)
    case 'alternate':
      return node.subs.some(nullable)
  }
}

/** The groups inside the node, by index. */
export function groupsIn(node: Node, into = new Set<number>()): Set<number> {
  if (node.kind === 'group') into.add(node.index)
  if (node.kind === 'group' || node.kind === 'repeat') groupsIn(node.sub, into)
  if (node.kind === 'concat' || node.kind === 'alternate') for (const sub of node.subs) groupsIn(sub, into)
  return into
}

/** The groups that take part in every match of the node. */
export function groupsAlwaysSet(node: Node): Set<number> {
  switch (node.kind) {
    case 'set':
    case 'empty':
    case 'place':
      return new Set()
    case 'group':
      return groupsAlwaysSet(node.sub).add(node.index)
    case 'repeat':
      return node.min === 0 ? new Set() : groupsAlwaysSet(node.sub)
    case 'concat': {
      const all = new Set<number>()
      for (const sub of node.subs) for (const index of groupsAlwaysSet(sub)) all.add(index)
      return all
    }
    case 'alternate': {
      const [first, ...rest] = node.subs.map(groupsAlwaysSet)
      return new Set([...(first ?? [])].filter((index) => rest.every((set) => set.has(index))))
    }
  }
}

/** How deeply nodes nest. */
export function depthOf(node: Node): number {
  if (node.kind === 'group' || node.kind === 'repeat') return 1 + depthOf(node.sub)
  if (node.kind !== 'concat' && node.kind !== 'alternate') return 1
  return node.subs.reduce((deepest, sub) => Math.max(deepest, 1 + depthOf(sub)), 1)
}

/** Rebuilds the tree with every set replaced by what `change` makes of it. */
export function mapSets(node: Node, change: (set: CharSet) => CharSet): Node {
  switch (node.kind) {
    case 'set':
      return { kind: 'set', set: change(node.set) }
    case 'empty':
    case 'place':
      return node
    case 'group':
    case 'repeat':
      return { ...node, sub: mapSets(node.sub, change) }
    case 'concat':
    case 'alternate':
      return { ...node, subs: node.subs.map((sub) => mapSets(sub, change)) }
  }
}

/**
 * The longest run of plain characters that every match holds, or '' if there is none: a text without it can't
 * match, which a search for a plain string finds out at once.
 */
export function requiredLiteral(tree: Node): string {
  let best = ''
  let run = ''
  const end = (): void => {
    if (run.length > best.length) best = run
    run = ''
  }
  const walk = (node: Node): void => {
    if (node.kind === 'set') {
      const codePoint = onlyMember(node.set)
      if (codePoint === undefined) end()
      else run += String.fromCodePoint(codePoint)
    } else if (node.kind === 'group') {
      walk(node.sub)
    } else if (node.kind === 'concat') {
      node.subs.forEach(walk)
    } else if (node.kind === 'repeat' || node.kind === 'alternate') {
      end()
      if (node.kind === 'repeat' && node.min > 0) walk(node.sub)
      end()
    }
  }
  walk(tree)
  end()
  return best
}
