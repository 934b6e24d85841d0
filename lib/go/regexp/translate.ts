/**
 * Writes a parsed expression as the source of a JavaScript RegExp without flags that means the same, and as an
 * RE2 pattern for the engine that is used when V8 isn't safe.
 *
 * What differs between Go and JavaScript and is translated away: `.` (only `\n` ends a line), `$`, `(?m)`, case
 * folding, classes (all written as ranges), code points above U+FFFF (two units), optional parts that can match
 * nothing (`(?:x|)` in place of `x?`). Repeated parts that can match nothing, and groups that keep the value of an
 * earlier round, have no equal in JavaScript.
 */
import type { Automaton } from './automaton.ts'
import { GUARD } from './automaton.ts'
import type { CharSet } from './charset.ts'
import {
  MAX_CODE_POINT,
  holdsAllAstral,
  holdsAstral,
  negate,
  onlyMember,
  subtract,
  union,
} from './charset.ts'
import type { Node, Place, RepeatNode, SetNode } from './syntax.ts'
import { groupsAlwaysSet, groupsIn, nullable } from './syntax.ts'

/** A JavaScript pattern, and for each group of the expression the JavaScript groups it became. */
export interface Translation {
  readonly source: string
  /** By group index; of several copies the last one that took part counts. */
  readonly slots: readonly (readonly number[])[]
}

const SURROGATES: CharSet = [0xd8_00, 0xdf_ff]
const LAST_UNIT = 0xff_ff
const ASTRAL: CharSet = [LAST_UNIT + 1, MAX_CODE_POINT]

/** A place inside a surrogate pair isn't between two code points; only `\B` could hold there. */
const PLACES: Readonly<Record<Place, string>> = {
  textStart: '^',
  textEnd: '$',
  lineStart: '(?<![^\\n])',
  lineEnd: '(?![^\\n])',
  word: '\\b',
  notWord: '\\B(?![\\uDC00-\\uDFFF])',
}

/** Whether every repeated part of the expression captures the same in JavaScript as in Go. */
export function sameInJavaScript(node: Node): boolean {
  switch (node.kind) {
    case 'set':
    case 'empty':
    case 'place':
      return true
    case 'group':
      return sameInJavaScript(node.sub)
    case 'concat':
    case 'alternate':
      return node.subs.every(sameInJavaScript)
    case 'repeat': {
      if (!sameInJavaScript(node.sub)) return false
      if (node.max !== Infinity) return true
      return !nullable(node.sub) && groupsIn(node.sub).size === groupsAlwaysSet(node.sub).size
    }
  }
}

/**
 * Translates an unrolled tree that is the same in JavaScript.
 *
 * @param lookbehind a set that must not precede the match, or undefined
 */
export function translate(
  tree: Node,
  automaton: Automaton,
  groups: number,
  lookbehind?: CharSet,
): Translation {
  const slots: number[][] = Array.from({ length: groups + 1 }, () => [])
  slots[0]!.push(0)
  const writer: Writer = { slots, units: unitLoops(tree, automaton), groups: 0 }
  const guard = lookbehind === undefined ? '' : `(?<!${writeClass(lookbehind, holdsAllAstral(lookbehind))})`
  // An alternation at the top must be kept together after the guard.
  const source = guard === '' ? write(tree, writer) : `${guard}(?:${write(tree, writer)})`
  return { source, slots }
}

interface Writer {
  readonly slots: number[][]
  /** Sets in loops that may take surrogate pairs unit by unit. */
  readonly units: ReadonlySet<SetNode>
  groups: number
}

function write(node: Node, writer: Writer): string {
  switch (node.kind) {
    case 'empty':
      return ''
    case 'set':
      return writeSet(node.set, writer.units.has(node))
    case 'place':
      return PLACES[node.at]
    case 'group':
      writer.slots[node.index]!.push(++writer.groups)
      return `(${write(node.sub, writer)})`
    case 'concat':
      return node.subs
        .map((sub) => (sub.kind === 'alternate' ? `(?:${write(sub, writer)})` : write(sub, writer)))
        .join('')
    case 'alternate':
      return node.subs.map((sub) => write(sub, writer)).join('|')
    case 'repeat':
      return writeRepeat(node, writer)
  }
}

function writeRepeat(node: RepeatNode, writer: Writer): string {
  const sub = write(node.sub, writer)
  if (node.max === 1 && nullable(node.sub)) return node.lazy ? `(?:|${sub})` : `(?:${sub}|)`
  const atom = node.sub.kind === 'set' || node.sub.kind === 'group' ? sub : `(?:${sub})`
  const operator = node.max === 1 ? '?' : node.min === 0 ? '*' : '+'
  return atom + operator + (node.lazy ? '?' : '')
}

/**
 * Finds the loops over sets that hold every code point above U+FFFF and may therefore run over UTF-16 units: those
 * that can only be left where a code point ends, because nothing that follows can begin with a low surrogate.
 */
function unitLoops(tree: Node, automaton: Automaton): Set<SetNode> {
  const loops = new Map<SetNode, RepeatNode>()
  collectLoops(tree, loops)
  const units = new Set<SetNode>()
  const { leaves, edges, exits } = automaton
  for (let position = leaves.length - 1; position >= 0; position--) {
    const leaf = leaves[position]!
    const loop = loops.get(leaf)
    if (loop === undefined) continue
    const ends = exits[position]!.some((exit) => (exit.guard & ~GUARD.lookbehind) === 0)
    if (ends && loop.lazy) continue
    const meets = edges[position]!.some((edge) => {
      const next = leaves[edge.to]!
      return edge.to !== position && (units.has(next) || (edge.to < position && loops.has(next)))
    })
    if (!meets) units.add(leaf)
  }
  return units
}

function collectLoops(node: Node, into: Map<SetNode, RepeatNode>): void {
  if (
    node.kind === 'repeat' &&
    node.max === Infinity &&
    node.sub.kind === 'set' &&
    holdsAllAstral(node.sub.set)
  ) {
    into.set(node.sub, node)
  } else if (node.kind === 'group' || node.kind === 'repeat') {
    collectLoops(node.sub, into)
  } else if (node.kind === 'concat' || node.kind === 'alternate') {
    for (const sub of node.subs) collectLoops(sub, into)
  }
}

/** The set as an atom. With `units`, surrogate pairs are taken as two members. */
function writeSet(set: CharSet, units: boolean): string {
  const one = onlyMember(set)
  if (one !== undefined) {
    return one <= LAST_UNIT ? writeChar(one) : `(?:${writePairs(set)})`
  }
  if (units || !holdsAstral(set)) return writeClass(set, units)
  const pairs = writePairs(set)
  const rest = writeClass(set, false)
  return rest === '[]' ? `(?:${pairs})` : `(?:${rest}|${pairs})`
}

/** The part of the set up to U+FFFF as a class; all surrogates with `units`, none without. */
function writeClass(set: CharSet, units: boolean): string {
  const low = subtract(units ? union(set, SURROGATES) : subtract(set, SURROGATES), ASTRAL)
  if (low.length > 0 && low[low.length - 1] === LAST_UNIT) {
    return `[^${writeRanges(subtract(negate(low), ASTRAL))}]`
  }
  return `[${writeRanges(low)}]`
}

function writeRanges(set: CharSet): string {
  let out = ''
  for (let i = 0; i < set.length; i += 2) {
    out += writeChar(set[i]!)
    if (set[i + 1]! > set[i]!) out += (set[i + 1]! > set[i]! + 1 ? '-' : '') + writeChar(set[i + 1]!)
  }
  return out
}

function writeChar(unit: number): string {
  const char = String.fromCharCode(unit)
  if (/^[0-9A-Za-z_ "#%&',:;<=>@`~!]$/.test(char)) return char
  if (unit > 32 && unit < 127) return `\\${char}`
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

/** The part of the set above U+FFFF as alternatives of a high surrogate and a range of low ones. */
function writePairs(set: CharSet): string {
  const byLow = new Map<string, number[]>()
  for (let i = 0; i < set.length; i += 2) {
    const end = set[i + 1]!
    let start = Math.max(set[i]!, LAST_UNIT + 1)
    while (start <= end) {
      const first = (start - 0x1_00_00) & 0x3_ff
      const high = (start - 0x1_00_00) >> 10
      const whole = first === 0 && end - start >= 0x3_ff
      const runs = whole ? Math.floor((end - start + 1) / 0x4_00) : 1
      const last = whole ? 0x3_ff : Math.min(0x3_ff, first + end - start)
      const lows = writeRanges([0xdc_00 + first, 0xdc_00 + last])
      const highs = byLow.get(lows)
      const range = [0xd8_00 + high, 0xd8_00 + high + runs - 1]
      if (highs === undefined) byLow.set(lows, range)
      else highs.push(...range)
      start = whole ? start + runs * 0x4_00 : start + last - first + 1
    }
  }
  return [...byLow].map(([lows, highs]) => `[${writeRanges(highs)}][${lows}]`).join('|')
}

const RE2_PLACES: Readonly<Record<Place, string>> = {
  textStart: '\\A',
  textEnd: '\\z',
  lineStart: '(?m:^)',
  lineEnd: '(?m:$)',
  word: '\\b',
  notWord: '\\B',
}

/** Writes the (not unrolled) tree as an RE2 pattern without names and flags; groups keep their indexes. */
export function toRe2(node: Node): string {
  switch (node.kind) {
    case 'empty':
      return '(?:)'
    case 'set':
      return writeRe2Set(node.set)
    case 'place':
      return RE2_PLACES[node.at]
    case 'group':
      return `(${toRe2(node.sub)})`
    case 'concat':
      return node.subs.map((sub) => (sub.kind === 'alternate' ? `(?:${toRe2(sub)})` : toRe2(sub))).join('')
    case 'alternate':
      return node.subs.map(toRe2).join('|')
    case 'repeat': {
      const lazy = node.lazy ? '?' : ''
      const sub = `(?:${toRe2(node.sub)})`
      if (node.min === 0 && node.max === 1) return `${sub}?${lazy}`
      if (node.max === Infinity && node.min < 2) return `${sub}${node.min === 0 ? '*' : '+'}${lazy}`
      return `${sub}{${node.min},${node.max === Infinity ? '' : node.max}}${lazy}`
    }
  }
}

function writeRe2Set(set: CharSet): string {
  const hex = (codePoint: number): string => `\\x{${codePoint.toString(16)}}`
  const one = onlyMember(set)
  if (one !== undefined) return hex(one)
  if (set.length === 0) return '[^\\x{0}-\\x{10ffff}]'
  let out = ''
  for (let i = 0; i < set.length; i += 2) out += `${hex(set[i]!)}-${hex(set[i + 1]!)}`
  return `[${out}]`
}
