/**
 * The parts of Go's regular expression syntax that stand for one character: escapes, `\d`, `\p{…}`, `[…]`.
 * Each parser takes a position and returns what it found and where it ended, or throws a SyntaxFault.
 */
import type { CharSet } from './charset.ts'
import { DIGIT, MAX_CODE_POINT, SPACE, WORD, negate, normalize, single, union } from './charset.ts'
import { foldCase, unicodeClass } from './unicode.ts'

/** Why a pattern is refused; thrown inside the parser only. `offset` counts UTF-16 units from the start. */
export class SyntaxFault extends Error {
  readonly reason: string
  readonly offset: number
  readonly excerpt: string

  constructor(reason: string, offset: number, excerpt: string) {
    super(reason)
    this.reason = reason
    this.offset = offset
    this.excerpt = excerpt
  }
}

/** What was parsed, and the offset after it. */
export interface Parsed<T> {
  readonly value: T
  readonly next: number
}

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

const PERL: Readonly<Record<string, CharSet>> = { d: DIGIT, s: SPACE, w: WORD }

const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: [48, 57, 65, 90, 97, 122],
  alpha: [65, 90, 97, 122],
  ascii: [0, 127],
  blank: [9, 9, 32, 32],
  cntrl: [0, 31, 127, 127],
  digit: DIGIT,
  graph: [33, 126],
  lower: [97, 122],
  print: [32, 126],
  punct: [33, 47, 58, 64, 91, 96, 123, 126],
  space: [9, 13, 32, 32],
  upper: [65, 90],
  word: WORD,
  xdigit: [48, 57, 65, 70, 97, 102],
}

/** Offset after the code point at `at`. */
export function after(pattern: string, at: number): number {
  return at + (pattern.codePointAt(at)! > 0xff_ff ? 2 : 1)
}

function invalidEscape(pattern: string, start: number, end: number): SyntaxFault {
  return new SyntaxFault('invalid escape sequence', start, pattern.slice(start, end))
}

/** EBNF: octal = "\" ( "1"…"7" digit8 | "0" ) [ digit8 ] [ digit8 ], three digits at most. */
function parseOctal(pattern: string, start: number): Parsed<number> {
  const digits = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(pattern.slice(start + 1, start + 4))
  if (digits === null) throw invalidEscape(pattern, start, start + 2)
  return { value: Number.parseInt(digits[0], 8), next: start + 1 + digits[0].length }
}

/** EBNF: hex = "\x" ( digit16 digit16 | "{" digit16 { digit16 } "}" ) */
function parseHex(pattern: string, start: number): Parsed<number> {
  const found = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(pattern.slice(start + 2))
  if (found === null) {
    const shown = /^(?:\{[0-9a-fA-F]*.?|..?)?/su.exec(pattern.slice(start + 2))![0]
    throw invalidEscape(pattern, start, start + 2 + shown.length)
  }
  const value = Number.parseInt(found[1] ?? found[2]!, 16)
  const next = start + 2 + found[0].length
  if (value > MAX_CODE_POINT) throw invalidEscape(pattern, start, next - 1)
  return { value, next }
}

/** EBNF: escape = "\" ( "a" | "f" | "n" | "r" | "t" | "v" | punctuation ) | octal | hex */
export function parseEscape(pattern: string, start: number): Parsed<number> {
  const char = pattern[start + 1]
  if (char === undefined) throw new SyntaxFault('trailing backslash at end of expression', start, '')
  if (char >= '0' && char <= '7') return parseOctal(pattern, start)
  if (char === 'x') return parseHex(pattern, start)
  const control = CONTROL[char]
  if (control !== undefined) return { value: control, next: start + 2 }
  const code = char.charCodeAt(0)
  if (code < 0x80 && !/[0-9A-Za-z]/.test(char)) return { value: code, next: start + 2 }
  throw invalidEscape(pattern, start, after(pattern, start + 1))
}

/** Folds before negating, as Go does: `(?i)\W` has neither K (U+212A) nor ſ. */
function signed(set: CharSet, negative: boolean, fold: boolean): CharSet {
  const folded = fold ? foldCase(set) : set
  return negative ? negate(folded) : folded
}

/** EBNF: unicode = ( "\p" | "\P" ) ( letter | "{" [ "^" ] name "}" ) */
function parseUnicode(pattern: string, start: number, fold: boolean): Parsed<CharSet> {
  const refuse = (end: number): SyntaxFault =>
    new SyntaxFault('invalid character class range', start, pattern.slice(start, end))
  if (start + 2 >= pattern.length) throw refuse(pattern.length)
  let next = after(pattern, start + 2)
  let name = pattern.slice(start + 2, next)
  if (name === '{') {
    const close = pattern.indexOf('}', start)
    if (close < 0) throw refuse(pattern.length)
    name = pattern.slice(start + 3, close)
    next = close + 1
  }
  let negative = pattern[start + 1] === 'P'
  if (name.startsWith('^')) {
    negative = !negative
    name = name.slice(1)
  }
  const set = unicodeClass(name)
  if (set === undefined) throw refuse(next)
  return { value: signed(set, negative, fold), next }
}

/**
 * A class that is written as an escape, or undefined if none begins here.
 *
 * EBNF: class = "\d" | "\D" | "\s" | "\S" | "\w" | "\W" | unicode
 */
export function parseClassEscape(pattern: string, start: number, fold: boolean): Parsed<CharSet> | undefined {
  const letter = pattern[start] === '\\' ? pattern[start + 1] : undefined
  if (letter === undefined) return undefined
  if (letter === 'p' || letter === 'P') return parseUnicode(pattern, start, fold)
  const set = PERL[letter.toLowerCase()]
  if (set === undefined) return undefined
  return { value: signed(set, letter < 'a', fold), next: start + 2 }
}

/** EBNF: posix = "[:" [ "^" ] name ":]" */
function parsePosix(pattern: string, start: number, fold: boolean): Parsed<CharSet> | undefined {
  if (!pattern.startsWith('[:', start)) return undefined
  const close = pattern.indexOf(':]', start + 2)
  if (close < 0) return undefined
  const negative = pattern[start + 2] === '^'
  const name = pattern.slice(start + (negative ? 3 : 2), close)
  const set = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined
  const next = close + 2
  if (set === undefined) {
    throw new SyntaxFault('invalid character class range', start, pattern.slice(start, next))
  }
  return { value: signed(set, negative, fold), next }
}

function parseMember(pattern: string, at: number, open: number): Parsed<number> {
  if (at >= pattern.length) throw new SyntaxFault('missing closing ]', open, pattern.slice(open))
  if (pattern[at] === '\\') return parseEscape(pattern, at)
  return { value: pattern.codePointAt(at)!, next: after(pattern, at) }
}

/** EBNF: range = member [ "-" member ] */
function parseRange(pattern: string, start: number, open: number): Parsed<CharSet> {
  const low = parseMember(pattern, start, open)
  if (pattern[low.next] !== '-' || low.next + 1 >= pattern.length || pattern[low.next + 1] === ']') {
    return { value: single(low.value), next: low.next }
  }
  const high = parseMember(pattern, low.next + 1, open)
  if (high.value < low.value) {
    throw new SyntaxFault('invalid character class range', start, pattern.slice(start, high.next))
  }
  return { value: [low.value, high.value], next: high.next }
}

/**
 * A class in brackets; `]` is a member if it comes first.
 *
 * EBNF: brackets = "[" [ "^" ] { posix | class | range } "]"
 */
export function parseBrackets(pattern: string, open: number, fold: boolean): Parsed<CharSet> {
  const negative = pattern[open + 1] === '^'
  const ranges: number[] = []
  let at = open + (negative ? 2 : 1)
  const first = at
  while (at === first || pattern[at] !== ']') {
    const item = parsePosix(pattern, at, fold) ?? parseClassEscape(pattern, at, fold)
    if (item !== undefined) {
      ranges.push(...item.value)
      at = item.next
    } else {
      const range = parseRange(pattern, at, open)
      ranges.push(...(fold ? union(range.value, foldCase(range.value)) : range.value))
      at = range.next
    }
  }
  const set = normalize(ranges)
  return { value: negative ? negate(set) : set, next: at + 1 }
}
