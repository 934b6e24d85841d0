/** How far a regular expression got into a line that it did not match, and which part of it failed there. */
import { compile, type Regexp } from '../go/regexp/regexp.ts'

/** A part of the pattern, as offsets into it, and the place in the text where that part found nothing. */
export interface RegexProgress {
  readonly from: number
  readonly to: number
  readonly at: number
}

/**
 * Tries ever longer beginnings of the pattern, cut between its outermost parts. The part behind the longest one
 * that still matches is where it failed; the end of that match is how far it got. `undefined` when not even the
 * first part matches anywhere, and for patterns that are alternatives as a whole.
 */
export function regexProgress(pattern: string, text: string): RegexProgress | undefined {
  const cuts = outermostParts(pattern)
  if (cuts === undefined) return undefined
  for (let i = cuts.length - 2; i > 0; i--) {
    const match = tryCompile(pattern.slice(0, cuts[i]))?.exec(text)
    if (!match) continue
    const nearest = tryCompile(frugal(pattern, cuts[i - 1]!, cuts[i]!))?.exec(text)
    return { from: cuts[i]!, to: cuts[i + 1]!, at: (nearest || match).end }
  }
  return cuts.length > 1 ? { from: 0, to: cuts[1]!, at: 0 } : undefined
}

// A beginning may match in several ways: `\S+\|` also eats the fields behind. People mean the first way, so all but
// the last part take as little as they can (flag U).
function frugal(pattern: string, last: number, end: number): string {
  const flags = /^\(\?[a-z]+\)/i.exec(pattern)?.[0] ?? ''
  if (last < flags.length) return pattern.slice(0, end)
  return `${flags}(?U:${pattern.slice(flags.length, last)})(?:${pattern.slice(last, end)})`
}

function tryCompile(pattern: string): Regexp | undefined {
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
