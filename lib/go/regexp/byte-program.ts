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
  /** What it does, for those who run it in another way. */
  readonly items: readonly Item[]
  /** By byte the bits of the classes that hold it; those of 128 are those of all bytes beyond ASCII. */
  readonly bitsOf: Int32Array
  /** Whether a match ends where the text does. */
  readonly toEnd: boolean
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

/**
 * What the program does in one go: takes the run of a class, if `bit` isn't 0, writes down where that begins and ends, and
 * then takes one byte. -1: nothing to write, no byte to take.
 */
export interface Item {
  readonly bit: number
  readonly min: number
  readonly max: number
  readonly back: number
  open: number
  close: number
  byte: number
}

/** The classes of a program are told apart by the bits of a number. */
const MAX_CLASSES = 31

function program(
  steps: readonly Step[],
  backs: readonly number[],
  places: readonly number[],
  toEnd: boolean,
): ByteProgram | undefined {
  const classes = new Classes()
  const items = itemsOf(steps, backs, places, classes)
  if (classes.size > MAX_CLASSES) return undefined
  const { bitsOf } = classes
  const count = items.length
  const column = (of: (item: Item) => number): Int32Array => Int32Array.from(items, of)
  const bits = column(({ bit }) => bit)
  const min = column((item) => item.min)
  const max = column((item) => item.max)
  const back = column((item) => item.back)
  const open = column((item) => item.open)
  const close = column((item) => item.close)
  const byte = column((item) => item.byte)
  return {
    exec: (bytes, from, to, spans, base) => {
      let at = from
      for (let i = 0; i < count; i++) {
        const start = at
        const bit = bits[i]!
        if (bit !== 0) {
          while (at < to && (bitsOf[bytes[at]!]! & bit) !== 0) at++
          at -= back[i]!
          if (at - start < min[i]! || at - start > max[i]!) return false
        }
        if (open[i]! >= 0) spans[base + open[i]!] = start
        if (close[i]! >= 0) spans[base + close[i]!] = at
        if (byte[i]! < 0) continue
        if (at >= to || bytes[at] !== byte[i]) return false
        at++
      }
      return !toEnd || at === to
    },
    items,
    bitsOf,
    toEnd,
  }
}

/** The classes of a program, each with a bit of its own. */
class Classes {
  /** By byte the bits of the classes that hold it. */
  readonly bitsOf = new Int32Array(256)
  readonly #bits = new Map<string, number>()

  get size(): number {
    return this.#bits.size
  }

  /** The bit of a class. */
  bit(set: CharSet): number {
    const key = set.join()
    const known = this.#bits.get(key)
    if (known !== undefined) return known
    const bit = 1 << this.#bits.size
    this.#bits.set(key, bit)
    for (let byte = 0; byte < 256; byte++) if (contains(set, Math.min(byte, 128))) this.bitsOf[byte]! |= bit
    return bit
  }
}

function itemsOf(
  steps: readonly Step[],
  backs: readonly number[],
  places: readonly number[],
  classes: Classes,
): readonly Item[] {
  const items: Item[] = []
  const add = (item: Partial<Item>): void => {
    items.push({ bit: 0, min: 0, max: 0, back: 0, open: -1, close: -1, byte: -1, ...item })
  }
  let open = -1
  for (const [i, step] of steps.entries()) {
    const span = spanOf(step, places)
    const last = items.at(-1)
    if (step.kind === 'class') {
      const max = Math.min(step.max, 2 ** 31 - 1)
      add({ bit: classes.bit(step.set), min: step.min, max, back: backs[i]!, open })
      open = -1
    } else if (step.kind === 'literal') {
      if (open < 0 && last?.byte === -1) last.byte = step.byte
      else add({ open, byte: step.byte })
      open = -1
    } else if (span < 0) continue
    else if (step.kind === 'open') {
      if (open >= 0) add({ open })
      open = span
    } else if (open < 0 && last !== undefined && last.close < 0 && last.byte < 0) last.close = span
    else {
      add({ open, close: span })
      open = -1
    }
  }
  if (open >= 0) add({ open })
  return items
}

function spanOf(step: Step, places: readonly number[]): number {
  if (step.kind === 'literal' || step.kind === 'class') return -1
  const place = places[step.group] ?? -1
  return place < 0 ? -1 : 2 * place + (step.kind === 'close' ? 1 : 0)
}
