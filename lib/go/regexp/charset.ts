/**
 * Sets of code points as sorted lists of inclusive ranges, and the little algebra that the regular expression
 * parser, translator and checker need over them.
 */

/** `[lo, hi, lo, hi, …]`, inclusive, sorted, neither overlapping nor touching. */
export type CharSet = readonly number[]

export const MAX_CODE_POINT = 0x10_ff_ff
const FIRST_ASTRAL = 0x1_00_00

export const NONE: CharSet = []
export const ALL: CharSet = [0, MAX_CODE_POINT]
export const NEWLINE: CharSet = [10, 10]
export const NOT_NEWLINE: CharSet = [0, 9, 11, MAX_CODE_POINT]
export const DIGIT: CharSet = [48, 57]
export const WORD: CharSet = [48, 57, 65, 90, 95, 95, 97, 122]
/** `\s` of RE2: tab, newline, form feed, carriage return, space; no vertical tab, nothing outside ASCII. */
export const SPACE: CharSet = [9, 10, 12, 13, 32, 32]

/** The set of one code point. */
export function single(codePoint: number): CharSet {
  return [codePoint, codePoint]
}

/** Sorts and merges ranges given in any order. */
export function normalize(ranges: CharSet): CharSet {
  const pairs: [number, number][] = []
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!])
  pairs.sort((a, b) => a[0] - b[0] || b[1] - a[1])
  const out: number[] = []
  for (const [lo, hi] of pairs) {
    const last = out.length - 1
    if (last >= 0 && lo <= out[last]! + 1) {
      if (hi > out[last]!) out[last] = hi
    } else {
      out.push(lo, hi)
    }
  }
  return out
}

export function union(a: CharSet, b: CharSet): CharSet {
  return normalize([...a, ...b])
}

export function negate(set: CharSet): CharSet {
  const out: number[] = []
  let next = 0
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > next) out.push(next, set[i]! - 1)
    next = set[i + 1]! + 1
  }
  if (next <= MAX_CODE_POINT) out.push(next, MAX_CODE_POINT)
  return out
}

export function intersect(a: CharSet, b: CharSet): CharSet {
  return negate(union(negate(a), negate(b)))
}

export function subtract(a: CharSet, b: CharSet): CharSet {
  return intersect(a, negate(b))
}

export function contains(set: CharSet, codePoint: number): boolean {
  let low = 0
  let high = set.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if (codePoint < set[middle * 2]!) high = middle - 1
    else if (codePoint > set[middle * 2 + 1]!) low = middle + 1
    else return true
  }
  return false
}

export function sameSet(a: CharSet, b: CharSet): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}

/** The one code point of a set, or undefined if it holds none or several. */
export function onlyMember(set: CharSet): number | undefined {
  return set.length === 2 && set[0] === set[1] ? set[0] : undefined
}

/** Whether the set holds every code point above U+FFFF. */
export function holdsAllAstral(set: CharSet): boolean {
  const last = set.length - 1
  return last > 0 && set[last] === MAX_CODE_POINT && set[last - 1]! <= FIRST_ASTRAL
}

/** Whether the set holds any code point above U+FFFF. */
export function holdsAstral(set: CharSet): boolean {
  return set.length > 0 && set[set.length - 1]! >= FIRST_ASTRAL
}
