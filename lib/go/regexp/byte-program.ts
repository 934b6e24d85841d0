/**
 * Patterns that can match a text in one way only, run over UTF-8 bytes: literals, and repeated classes that end where
 * their class does. There is nothing to try twice, so the first failure is the answer.
 *
 * A repeated class may be followed by literals that it holds too, as in `"\S+" `, if what comes after them isn't in it:
 * then its run ends just there, and the literals are the last ones of the run.
 */
import { ALL, contains, intersect, onlyMember, type CharSet } from './charset.ts'
import type { Node } from './syntax.ts'

export interface ByteProgram {
  /**
   * Whether a match begins at `from` in a text that ends at `to`. If so, `spans` holds where the groups lie: group g at
   * `base + 2 * places[g]`. If not, some of that has been overwritten.
   */
  exec(bytes: Uint8Array, from: number, to: number, spans: Int32Array, base: number): boolean
}

/** One step. `set`: a character of it, `min` to `max` times; the others mark where a group begins and ends. */
type Step =
  | { readonly kind: 'literal'; readonly byte: number; readonly set: CharSet }
  | ClassStep
  | { readonly kind: 'open' | 'close'; readonly group: number }

interface ClassStep {
  readonly kind: 'class'
  readonly set: CharSet
  readonly min: number
  readonly max: number
}

/**
 * The program of a pattern that is anchored at its start, or `undefined` if there may be more than one way to match.
 * `places` says by group where its span goes; -1: nowhere.
 */
export function byteProgram(tree: Node, places: readonly number[]): ByteProgram | undefined {
  const subs = tree.kind === 'concat' ? [...tree.subs] : [tree]
  if (!isPlace(subs.shift(), 'textStart')) return undefined
  const toEnd = isPlace(subs.at(-1), 'textEnd')
  if (toEnd) subs.pop()
  const steps: Step[] = []
  if (!subs.every((sub) => flatten(sub, steps))) return undefined
  const backs = steps.map((step, i) => (step.kind === 'class' ? backOf(step, steps.slice(i + 1), toEnd) : 0))
  if (backs.includes(undefined)) return undefined
  return program(steps, backs as number[], places, toEnd)
}

function isPlace(node: Node | undefined, at: 'textStart' | 'textEnd'): boolean {
  return node?.kind === 'place' && node.at === at
}

// Appends the steps of a node. Returns whether it consists of such steps.
function flatten(node: Node, steps: Step[]): boolean {
  switch (node.kind) {
    case 'empty':
      return true
    case 'concat':
      return node.subs.every((sub) => flatten(sub, steps))
    case 'group': {
      steps.push({ kind: 'open', group: node.index })
      const fits = flatten(node.sub, steps)
      steps.push({ kind: 'close', group: node.index })
      return fits
    }
    case 'set': {
      const byte = onlyMember(node.set)
      if (byte === undefined) return pushClass(node.set, 1, 1, steps)
      steps.push({ kind: 'literal', byte, set: node.set })
      return byte < 128
    }
    case 'repeat':
      return !node.lazy && node.sub.kind === 'set' && pushClass(node.sub.set, node.min, node.max, steps)
    case 'place':
    case 'alternate':
      return false
  }
}

// A byte beyond ASCII is only a part of a character: they may be counted and told apart only where all are alike.
function pushClass(set: CharSet, min: number, max: number, steps: Step[]): boolean {
  steps.push({ kind: 'class', set, min, max })
  const beyond = intersect(set, BEYOND)
  return beyond.length === 0 || (max === Infinity && min <= 1 && sameSize(beyond, BEYOND))
}

const BEYOND: CharSet = [128, ALL[1]!]

function sameSize(a: CharSet, b: CharSet): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i])
}

// How many literals after a class are the last characters of its run; `undefined`: it could end in several places.
function backOf({ set, max }: ClassStep, rest: readonly Step[], toEnd: boolean): number | undefined {
  let back = 0
  for (const step of rest) {
    if (!('set' in step)) continue
    if (step.kind === 'class' && step.min === 0) return undefined
    if (intersect(set, step.set).length === 0) return back
    if (step.kind !== 'literal' || max !== Infinity) return undefined
    back++
  }
  // Without an end to reach the run is taken as a whole, which is what a greedy loop without limit prefers.
  return toEnd || (back === 0 && max === Infinity) ? back : undefined
}

/** A step with the spans to write before and after it; -1: none. Marks that find no step become one of their own. */
interface Marked {
  readonly step: Step | undefined
  open: number
  close: number
  readonly back: number
}

function program(
  steps: readonly Step[],
  backs: readonly number[],
  places: readonly number[],
  toEnd: boolean,
): ByteProgram {
  const marked = withMarks(steps, backs, places)
  const count = marked.length
  const tables = marked.map(({ step }) => (step?.kind === 'class' ? tableOf(step) : undefined))
  const literal = Int32Array.from(marked, ({ step }) => (step?.kind === 'literal' ? step.byte : -1))
  const min = Int32Array.from(marked, ({ step }) => (step?.kind === 'class' ? step.min : 0))
  const max = Int32Array.from(marked, ({ step }) =>
    step?.kind === 'class' ? Math.min(step.max, 2 ** 31 - 1) : 0,
  )
  const back = Int32Array.from(marked, (each) => each.back)
  const open = Int32Array.from(marked, (each) => each.open)
  const close = Int32Array.from(marked, (each) => each.close)
  return {
    exec: (bytes, from, to, spans, base) => {
      let at = from
      for (let i = 0; i < count; i++) {
        const table = tables[i]
        const start = at
        if (table !== undefined) {
          while (at < to && table[bytes[at]!] === 1) at++
          at -= back[i]!
          if (at - start < min[i]! || at - start > max[i]!) return false
        } else if (literal[i]! >= 0) {
          if (at >= to || bytes[at] !== literal[i]) return false
          at++
        }
        if (open[i]! >= 0) spans[base + open[i]!] = start
        if (close[i]! >= 0) spans[base + close[i]!] = at
      }
      return !toEnd || at === to
    },
  }
}

function withMarks(
  steps: readonly Step[],
  backs: readonly number[],
  places: readonly number[],
): readonly Marked[] {
  const marked: Marked[] = []
  let open = -1
  for (const [i, step] of steps.entries()) {
    const span = spanOf(step, places)
    const last = marked.at(-1)
    if (step.kind === 'literal' || step.kind === 'class') {
      marked.push({ step, open, close: -1, back: backs[i]! })
      open = -1
    } else if (span < 0) continue
    else if (step.kind === 'open') {
      if (open >= 0) marked.push({ step: undefined, open, close: -1, back: 0 })
      open = span
    } else if (open < 0 && last !== undefined && last.close < 0) last.close = span
    else {
      marked.push({ step: undefined, open, close: span, back: 0 })
      open = -1
    }
  }
  return open < 0 ? marked : [...marked, { step: undefined, open, close: -1, back: 0 }]
}

function spanOf(step: Step, places: readonly number[]): number {
  if (step.kind === 'literal' || step.kind === 'class') return -1
  const place = places[step.group] ?? -1
  return place < 0 ? -1 : 2 * place + (step.kind === 'close' ? 1 : 0)
}

function tableOf({ set }: ClassStep): Uint8Array {
  const table = new Uint8Array(256)
  for (let i = 0; i < 128; i++) table[i] = contains(set, i) ? 1 : 0
  if (contains(set, 128)) table.fill(1, 128)
  return table
}
