/** How far a regular expression got into a line that it did not match, and which part of it failed there. */
import { compile, type Regexp } from '../go/regexp/regexp.ts'
import { Lru } from '../lru.ts'

/** A part of the pattern, as offsets into it, and the place in the text where that part found nothing. */
export interface RegexProgress {
  readonly from: number
  readonly to: number
  readonly at: number
  /** The whole text of the field that was refused, where the pattern is a run of delimited fields. */
  readonly found?: string
}

/**
 * Of delimited fields, the first one that refuses its own text. Of any other pattern, the part after the longest
 * beginning (cut between its outermost parts) that still matches, and where that match ends. `undefined` when not even
 * the first part matches anywhere, and for patterns that are alternatives as a whole.
 */
export function regexProgress(pattern: string, text: string): RegexProgress | undefined {
  const cuts = outermostParts(pattern)
  if (cuts === undefined) return undefined
  const field = refusedField(pattern, cuts, text)
  if (field !== undefined) return field
  for (let i = cuts.length - 2; i > 0; i--) {
    const match = tryCompile(pattern.slice(0, cuts[i]))?.exec(text)
    if (!match) continue
    const nearest = tryCompile(frugal(pattern, cuts[i - 1]!, cuts[i]!))?.exec(text)
    return { from: cuts[i]!, to: cuts[i + 1]!, at: (nearest || match).end }
  }
  return cuts.length > 1 ? { from: 0, to: cuts[1]!, at: 0 } : undefined
}

/** Parts of the pattern between two literal texts, and the literal that follows: empty after the last one. */
interface DelimitedField {
  readonly from: number
  readonly to: number
  readonly delimiter: string
}

// Fields as `\S+` also match delimiters, so that a longer beginning often matches at the wrong place.
function refusedField(pattern: string, cuts: readonly number[], text: string): RegexProgress | undefined {
  const flags = FLAGS.exec(pattern)?.[0] ?? ''
  if (pattern[flags.length] !== '^') return undefined
  const fields = delimitedFields(pattern, cuts, flags.length + 1)
  if (fields === undefined) return undefined
  let at = 0
  for (const { from, to, delimiter } of fields) {
    const end = delimiter === '' ? text.length : text.indexOf(delimiter, at)
    if (end < 0) return undefined
    const found = text.slice(at, end)
    const whole = delimiter === '' ? '' : '$'
    const own = tryCompile(`${flags}^(?:${pattern.slice(from, to)})${whole}`)
    if (own === undefined) return undefined
    if (!own.test(found)) {
      const last = delimiter === '' && to - from > 1 && pattern.endsWith('$') ? to - 1 : to
      return { from, to: last, at, found }
    }
    at = end + delimiter.length
  }
  return undefined
}

const FLAGS = /^(?:\(\?[a-z]+\))?/i

/** `undefined` with fewer than two delimiters, or where a field before the last may hold anything. */
function delimitedFields(
  pattern: string,
  cuts: readonly number[],
  start: number,
): DelimitedField[] | undefined {
  const fields: DelimitedField[] = []
  let from = start
  let to = start
  let delimiter = ''
  for (let i = cuts.indexOf(start); i >= 0 && i < cuts.length - 1; i++) {
    const literal = literalOf(pattern.slice(cuts[i], cuts[i + 1]))
    if (literal !== undefined) {
      delimiter += literal
      continue
    }
    if (delimiter !== '') {
      fields.push({ from, to, delimiter })
      from = cuts[i]!
      delimiter = ''
    }
    to = cuts[i + 1]!
  }
  fields.push({ from, to, delimiter })
  if (delimiter !== '') fields.push({ from: pattern.length, to: pattern.length, delimiter: '' })
  const before = fields.slice(0, -1)
  if (before.length < 2) return undefined
  return before.some((field) => ANYTHING.test(pattern.slice(field.from, field.to))) ? undefined : fields
}

// A dot outside of brackets: `.*` in the middle is meant to take delimiters.
const ANYTHING = /^(?:[^\\[.]|\\.|\[\^?\]?(?:[^\\\]]|\\.)*\])*\./s

/** The character that a part matches, if it is just one. */
function literalOf(part: string): string | undefined {
  if (/^[^\\.*+?()[\]{}|^$]$/u.test(part)) return part
  if (part === '\\t') return '\t'
  return /^\\[^\p{L}\p{N}]$/u.test(part) ? part.slice(1) : undefined
}

// A beginning may match in several ways: `\S+\|` also eats the fields that follow. People mean the first way, so all but
// the last part take as little as they can (flag U).
function frugal(pattern: string, last: number, end: number): string {
  const flags = /^\(\?[a-z]+\)/i.exec(pattern)?.[0] ?? ''
  if (last < flags.length) return pattern.slice(0, end)
  return `${flags}(?U:${pattern.slice(flags.length, last)})(?:${pattern.slice(last, end)})`
}

// Lines of a series fail at the same few patterns.
const compiled = new Lru<string, { readonly pattern: Regexp | undefined }>(1024)

function tryCompile(pattern: string): Regexp | undefined {
  const known = compiled.get(pattern) ?? { pattern: compileIfValid(pattern) }
  compiled.set(pattern, known)
  return known.pattern
}

function compileIfValid(pattern: string): Regexp | undefined {
  try {
    return compile(pattern)
  } catch {
    // A cut inside of flags or quoting: the next shorter beginning will do.
    return undefined
  }
}

/** Offsets of the ends of the outermost parts, from 0 to the pattern's length; `undefined` for `a|b` at the top. */
function outermostParts(pattern: string): number[] | undefined {
  const cuts = [0]
  let at = 0
  while (at < pattern.length) {
    if (pattern[at] === '|') return undefined
    at = quantifierEnd(pattern, atomEnd(pattern, at))
    cuts.push(at)
  }
  return cuts
}

function atomEnd(pattern: string, at: number): number {
  switch (pattern[at]) {
    case '\\':
      return escapeEnd(pattern, at)
    case '[':
      return classEnd(pattern, at)
    case '(':
      return groupEnd(pattern, at)
    default:
      return at + (pattern.codePointAt(at)! > 0xffff ? 2 : 1)
  }
}

function escapeEnd(pattern: string, at: number): number {
  if (pattern[at + 1] === 'Q') {
    const end = pattern.indexOf('\\E', at)
    return end < 0 ? pattern.length : end + 2
  }
  const braced = /^\\[pPx]\{[^}]*\}/.exec(pattern.slice(at, at + 64))
  return at + (braced?.[0].length ?? 2)
}

function classEnd(pattern: string, start: number): number {
  let at = start + 1
  if (pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '\\') at += 2
    else if (pattern.startsWith('[:', at)) at = Math.max(at + 2, pattern.indexOf(':]', at) + 2)
    else at++
  }
  return at + 1
}

function groupEnd(pattern: string, start: number): number {
  let at = start + 1
  while (at < pattern.length && pattern[at] !== ')') at = pattern[at] === '|' ? at + 1 : atomEnd(pattern, at)
  return at + 1
}

function quantifierEnd(pattern: string, start: number): number {
  let at = start
  for (;;) {
    if ('*+?'.includes(pattern[at] ?? ' ')) at++
    else {
      const counted = /^\{\d+(?:,\d*)?\}/.exec(pattern.slice(at, at + 16))
      if (counted === null) return Math.min(at, pattern.length)
      at += counted[0].length
    }
  }
}
