/** Finds numbers that pass the Luhn check (https://en.wikipedia.org/wiki/Luhn_algorithm) and replaces them. */
import type { Regexp } from '../go/regexp/regexp.ts'

export interface LuhnRules {
  readonly replacement: string
  /** Fewest digits of a number. */
  readonly minLength: number
  /** Characters allowed between the digits. */
  readonly delimiters: ReadonlySet<string>
  /** Numbers that lie inside its matches stay. */
  readonly skip: Regexp | undefined
}

/** The largest number that Go reads into an int. */
const LARGEST = '9223372036854775807'

const decimalDigit = /^\p{Nd}$/u

/** Code units of the digit at a place, 0 if there is none. Digits of any script, as in Go's unicode.IsDigit. */
function digitLength(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code < 0x80) return code >= 0x30 && code <= 0x39 ? 1 : 0
  const letter = String.fromCodePoint(text.codePointAt(at)!)
  return decimalDigit.test(letter) ? letter.length : 0
}

/** Whether the digits are ASCII's, and those of a number with a valid check digit; false for numbers above 2^63 - 1. */
export function passesLuhn(digits: string): boolean {
  if (!/^[0-9]*$/.test(digits)) return false
  const significant = digits.replace(/^0+/, '')
  if (significant.length > LARGEST.length) return false
  if (significant.length === LARGEST.length && significant > LARGEST) return false
  let sum = 0
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = digits.charCodeAt(i) - 0x30
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

/** A run of digits with delimiters between and after them. */
interface Run {
  readonly digits: string
  /** After the last digit, and after the delimiters after it. */
  readonly digitsEnd: number
  readonly end: number
  /** The last delimiter after the last digit. */
  readonly trailing: string
}

/** Returns the text with the numbers replaced. Of the delimiters after a number the last one is kept. */
export function redactLuhn(text: string, rules: LuhnRules): string {
  let out = ''
  let kept = 0
  let skipped: number[][] | undefined
  for (let at = 0; at < text.length;) {
    if (digitLength(text, at) === 0) {
      at++
      continue
    }
    const run = readRun(text, at, rules.delimiters)
    if (run.digits.length >= rules.minLength && passesLuhn(run.digits)) {
      skipped ??= rules.skip?.findAllIndex(text) ?? []
      if (!liesInside(skipped, at, run.digitsEnd)) {
        out += text.slice(kept, at) + rules.replacement + run.trailing
        kept = run.end
      }
    }
    at = run.end
  }
  return kept === 0 ? text : out + text.slice(kept)
}

function readRun(text: string, start: number, delimiters: ReadonlySet<string>): Run {
  let digits = ''
  let trailing = ''
  let digitsEnd = start
  let at = start
  while (at < text.length) {
    if (digitLength(text, at) > 0) {
      const from = at
      for (let length; at < text.length && (length = digitLength(text, at)) > 0;) at += length
      digits += text.slice(from, at)
      trailing = ''
      digitsEnd = at
      continue
    }
    if (delimiters.size === 0) break
    const letter = String.fromCodePoint(text.codePointAt(at)!)
    if (!delimiters.has(letter)) break
    trailing = letter
    at += letter.length
  }
  return { digits, digitsEnd, end: at, trailing }
}

function liesInside(matches: readonly number[][], start: number, end: number): boolean {
  // As in Alloy, only the first match that ends after the start counts; matches don't overlap.
  const match = matches.find(([, to]) => to! > start)
  return match !== undefined && match[0]! <= start && end <= match[1]!
}
