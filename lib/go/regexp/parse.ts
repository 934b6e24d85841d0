/**
 * Parses Go's regular expression syntax (package regexp/syntax, the Perl flags that regexp.Compile uses) into a
 * tree, and refuses exactly what Go refuses.
 */
import type { CharSet } from './charset.ts'
import { ALL, NOT_NEWLINE, single, union } from './charset.ts'
import { SyntaxFault, after, parseBrackets, parseClassEscape, parseEscape } from './parse-class.ts'
import type { Expression, Node, Place } from './syntax.ts'
import { EMPTY } from './syntax.ts'
import { foldCase } from './unicode.ts'

/** A refused pattern: Go's reason, the offset in UTF-16 units, and the part of the pattern that is meant. */
export interface Refusal {
  readonly reason: string
  readonly offset: number
  readonly excerpt: string
}

/** Largest count of a repetition, nested ones multiplied. */
const MAX_REPEAT = 1000
/** Deepest nesting of groups. */
const MAX_DEPTH = 1000

interface Flags {
  readonly fold: boolean
  readonly lines: boolean
  readonly dotAll: boolean
  readonly ungreedy: boolean
}

/** An open group: what was read in it so far, and the flags to go back to. */
interface Frame {
  readonly capture: number
  readonly name: string | undefined
  readonly outer: Flags
  readonly branches: Node[]
  items: Node[]
}

interface State {
  readonly pattern: string
  readonly frames: Frame[]
  readonly groupNames: (string | undefined)[]
  flags: Flags
  at: number
}

const NO_FLAGS: Flags = { fold: false, lines: false, dotAll: false, ungreedy: false }
const FLAG_OF: Readonly<Record<string, keyof Flags>> = {
  i: 'fold',
  m: 'lines',
  s: 'dotAll',
  U: 'ungreedy',
}

/** Parses a pattern; a refusal is a result, not an exception. `dotAll` sets `(?s)` for the whole pattern. */
export function parse(pattern: string, options: { readonly dotAll?: boolean } = {}): Expression | Refusal {
  const flags = { ...NO_FLAGS, dotAll: options.dotAll ?? false }
  const state: State = { pattern, frames: [], groupNames: [undefined], flags, at: 0 }
  try {
    const bad = pattern.search(/\p{Surrogate}/u)
    if (bad >= 0) throw new SyntaxFault('invalid UTF-8', bad, '')
    openFrame(state, 0, undefined)
    parseAll(state)
    if (state.frames.length > 1) throw new SyntaxFault('missing closing )', 0, pattern)
    return { tree: closeFrame(state), groupNames: state.groupNames }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { reason: error.reason, offset: error.offset, excerpt: error.excerpt }
  }
}

function openFrame(state: State, capture: number, name: string | undefined): void {
  if (state.frames.length > MAX_DEPTH) {
    throw new SyntaxFault('expression nests too deeply', state.at, state.pattern)
  }
  state.frames.push({ capture, name, outer: state.flags, branches: [], items: [] })
}

function closeFrame(state: State): Node {
  const frame = state.frames.pop()!
  frame.branches.push(concat(frame.items))
  state.flags = frame.outer
  const sub = alternate(frame.branches)
  return frame.capture === 0 ? sub : { kind: 'group', index: frame.capture, name: frame.name, sub }
}

function concat(items: readonly Node[]): Node {
  const subs = items.flatMap((item) =>
    item.kind === 'concat' ? item.subs : item.kind === 'empty' ? [] : [item],
  )
  return subs.length === 0 ? EMPTY : subs.length === 1 ? subs[0]! : { kind: 'concat', subs }
}

/** Neighbouring branches of one character each become one set: `a|b` is `[ab]`. */
function alternate(branches: readonly Node[]): Node {
  const subs: Node[] = []
  for (const branch of branches) {
    const last = subs[subs.length - 1]
    if (last?.kind === 'set' && branch.kind === 'set') {
      subs[subs.length - 1] = { kind: 'set', set: union(last.set, branch.set) }
    } else {
      subs.push(branch)
    }
  }
  return subs.length === 1 ? subs[0]! : { kind: 'alternate', subs }
}

function top(state: State): Frame {
  return state.frames[state.frames.length - 1]!
}

function push(state: State, node: Node, next: number): void {
  top(state).items.push(node)
  state.at = next
}

function pushSet(state: State, set: CharSet, next: number): void {
  push(state, { kind: 'set', set }, next)
}

function pushPlace(state: State, at: Place, next: number): void {
  push(state, { kind: 'place', at }, next)
}

function pushLiteral(state: State, codePoint: number, next: number): void {
  const set = single(codePoint)
  pushSet(state, state.flags.fold ? foldCase(set) : set, next)
}

/** EBNF: expression = branch { "|" branch }; branch = { atom [ repetition ] } */
function parseAll(state: State): void {
  let lastRepeat = -1
  while (state.at < state.pattern.length) {
    const start = state.at
    const isRepeat = parseRepetition(state, lastRepeat)
    if (!isRepeat) parseAtom(state)
    lastRepeat = isRepeat ? start : -1
  }
}

/** EBNF: atom = "(" … | ")" | "|" | "^" | "$" | "." | brackets | "\" … | any other character */
function parseAtom(state: State): void {
  const { pattern, at, flags } = state
  switch (pattern[at]) {
    case '(':
      parseOpen(state)
      return
    case ')': {
      if (state.frames.length === 1) throw new SyntaxFault('unexpected )', at, pattern)
      const node = closeFrame(state)
      push(state, node, at + 1)
      return
    }
    case '|': {
      const frame = top(state)
      frame.branches.push(concat(frame.items))
      frame.items = []
      state.at = at + 1
      return
    }
    case '^':
      return pushPlace(state, flags.lines ? 'lineStart' : 'textStart', at + 1)
    case '$':
      return pushPlace(state, flags.lines ? 'lineEnd' : 'textEnd', at + 1)
    case '.':
      return pushSet(state, flags.dotAll ? ALL : NOT_NEWLINE, at + 1)
    case '[': {
      const brackets = parseBrackets(pattern, at, flags.fold)
      return pushSet(state, brackets.value, brackets.next)
    }
    case '\\':
      return parseBackslash(state)
    default:
      pushLiteral(state, pattern.codePointAt(at)!, after(pattern, at))
  }
}

/** EBNF: backslash = "\A" | "\b" | "\B" | "\z" | "\Q" text [ "\E" ] | class | escape */
function parseBackslash(state: State): void {
  const { pattern, at } = state
  switch (pattern[at + 1]) {
    case 'A':
      return pushPlace(state, 'textStart', at + 2)
    case 'b':
      return pushPlace(state, 'word', at + 2)
    case 'B':
      return pushPlace(state, 'notWord', at + 2)
    case 'z':
      return pushPlace(state, 'textEnd', at + 2)
    case 'Q': {
      const found = pattern.indexOf('\\E', at + 2)
      const end = found < 0 ? pattern.length : found
      for (let i = at + 2; i < end; i = after(pattern, i)) pushLiteral(state, pattern.codePointAt(i)!, i)
      state.at = found < 0 ? end : end + 2
      return
    }
    default: {
      const set = parseClassEscape(pattern, at, state.flags.fold)
      if (set !== undefined) return pushSet(state, set.value, set.next)
      const escape = parseEscape(pattern, at)
      pushLiteral(state, escape.value, escape.next)
    }
  }
}

/** EBNF: open = "(" | "(?P<" name ">" | "(?<" name ">" | "(?" [ flags ] [ "-" flags ] ( ":" | ")" ) */
function parseOpen(state: State): void {
  const { pattern, at } = state
  if (pattern[at + 1] !== '?') {
    openCapture(state, undefined, at + 1)
    return
  }
  const rest = pattern.length - at
  const prefix =
    rest > 4 && pattern.startsWith('(?P<', at) ? 4 : rest > 3 && pattern.startsWith('(?<', at) ? 3 : 0
  if (prefix === 0) {
    parseFlags(state)
    return
  }
  const close = pattern.indexOf('>', at)
  const name = close < 0 ? '' : pattern.slice(at + prefix, close)
  if (!/^[A-Za-z0-9_]+$/.test(name)) {
    const excerpt = close < 0 ? pattern.slice(at) : pattern.slice(at, close + 1)
    throw new SyntaxFault('invalid named capture', at, excerpt)
  }
  openCapture(state, name, close + 1)
}

function openCapture(state: State, name: string | undefined, next: number): void {
  state.groupNames.push(name)
  openFrame(state, state.groupNames.length - 1, name)
  state.at = next
}

/** EBNF: flags = { "i" | "m" | "s" | "U" }; a minus must be followed by at least one. */
function parseFlags(state: State): void {
  const { pattern, at: start } = state
  const flags: Record<keyof Flags, boolean> = { ...state.flags }
  let on = true
  let sawFlag = true
  let at = start + 2
  while (at < pattern.length) {
    const char = pattern[at]!
    const flag = FLAG_OF[char]
    if (flag !== undefined) {
      flags[flag] = on
      sawFlag = true
    } else if (char === '-' && on) {
      on = false
      sawFlag = false
    } else if ((char === ':' || char === ')') && sawFlag) {
      state.at = at + 1
      if (char === ':') openFrame(state, 0, undefined)
      state.flags = flags
      return
    } else {
      at = after(pattern, at)
      break
    }
    at++
  }
  throw new SyntaxFault('invalid or unsupported Perl syntax', start, pattern.slice(start, at))
}

interface Bounds {
  readonly min: number
  readonly max: number
  readonly next: number
}

/** EBNF: count = "{" integer [ "," [ integer ] ] "}"; anything else makes "{" an ordinary character. */
function parseCount(pattern: string, start: number): Bounds | undefined {
  const found = /^\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}/.exec(pattern.slice(start))
  if (found === null) return undefined
  const min = Number(found[1])
  const max = found[3] !== undefined ? Number(found[3]) : found[2] === undefined ? min : Infinity
  return { min, max, next: start + found[0].length }
}

function parseBounds(pattern: string, start: number): Bounds | undefined {
  switch (pattern[start]) {
    case '*':
      return { min: 0, max: Infinity, next: start + 1 }
    case '+':
      return { min: 1, max: Infinity, next: start + 1 }
    case '?':
      return { min: 0, max: 1, next: start + 1 }
    case '{':
      return parseCount(pattern, start)
    default:
      return undefined
  }
}

/** EBNF: repetition = ( "*" | "+" | "?" | count ) [ "?" ]; false if none begins here. */
function parseRepetition(state: State, lastRepeat: number): boolean {
  const { pattern, at } = state
  const bounds = parseBounds(pattern, at)
  if (bounds === undefined) return false
  const counted = pattern[at] === '{'
  const max = bounds.max === Infinity ? bounds.min : bounds.max
  const refuse = (reason: string, from: number, end: number): SyntaxFault =>
    new SyntaxFault(reason, from, pattern.slice(from, end))
  if (counted && (bounds.min > MAX_REPEAT || max > MAX_REPEAT || bounds.min > bounds.max)) {
    throw refuse('invalid repeat count', at, bounds.next)
  }
  const marked = pattern[bounds.next] === '?'
  const next = bounds.next + (marked ? 1 : 0)
  if (lastRepeat >= 0) throw refuse('invalid nested repetition operator', lastRepeat, next)
  const items = top(state).items
  const sub = items[items.length - 1]
  if (sub === undefined) throw refuse('missing argument to repetition operator', at, next)
  const lazy = state.flags.ungreedy !== marked
  const node: Node = { kind: 'repeat', min: bounds.min, max: bounds.max, lazy, sub }
  if (counted && max >= 2 && repeatProduct(node) > MAX_REPEAT) throw refuse('invalid repeat count', at, next)
  items[items.length - 1] = node
  state.at = next
  return true
}

/** The most copies that counted repetitions make of anything inside. */
function repeatProduct(node: Node): number {
  switch (node.kind) {
    case 'repeat': {
      if (node.max === 0) return 0
      const counted = node.max !== Infinity || node.min > 1
      const times = counted ? (node.max === Infinity ? node.min : node.max) : 1
      return times * Math.max(1, repeatProduct(node.sub))
    }
    case 'group':
      return repeatProduct(node.sub)
    case 'concat':
    case 'alternate':
      return Math.max(...node.subs.map(repeatProduct))
    case 'set':
    case 'empty':
    case 'place':
      return 1
  }
}
