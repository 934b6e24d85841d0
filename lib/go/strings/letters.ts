/** Upper, lower and title case as Go's unicode package maps them: one character to one, whatever the language. */
import { wellFormed } from './bytes.ts'

/** Greek letters with an iota below: their capital has two letters in full case mapping, and one in Go. */
function greekCapital(code: number): number | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return code | 8
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? code + 9 : undefined
}

/** The mapped letter if it is one character, else the letter itself. */
function single(mapped: string, char: string): string {
  return mapped.length === char.length || [...mapped].length === 1 ? mapped : char
}

/** unicode.ToUpper of one character. */
export function upperOf(char: string): string {
  const capital = greekCapital(char.codePointAt(0) ?? 0)
  return capital === undefined ? single(char.toUpperCase(), char) : String.fromCodePoint(capital)
}

/** unicode.ToLower of one character. */
export function lowerOf(char: string): string {
  return char === '\u0130' ? 'i' : single(char.toLowerCase(), char)
}

const titleDigraphs: readonly [string, string][] = [
  ['\u01c4\u01c5\u01c6', '\u01c5'],
  ['\u01c7\u01c8\u01c9', '\u01c8'],
  ['\u01ca\u01cb\u01cc', '\u01cb'],
  ['\u01f1\u01f2\u01f3', '\u01f2'],
]

/** unicode.ToTitle of one character. */
export function titleOf(char: string): string {
  // Georgian has capitals, but no title case.
  if (char >= '\u10d0' && char <= '\u10ff') return char
  for (const [group, title] of titleDigraphs) if (group.includes(char)) return title
  return upperOf(char)
}

/** Bytes that aren't UTF-8 become U+FFFD, as in every Go function that looks at characters. */
function mapLetters(text: string, letter: (char: string) => string): string {
  let mapped = ''
  for (const char of wellFormed(text)) mapped += letter(char)
  return mapped
}

/** strings.ToUpper. */
export function toUpper(text: string): string {
  const mapped = wellFormed(text).toUpperCase()
  // Only letters that become several ones are mapped differently here, and they change the length.
  return mapped.length === text.length ? mapped : mapLetters(text, upperOf)
}

/** strings.ToLower. */
export function toLower(text: string): string {
  const mapped = wellFormed(text).toLowerCase()
  // As above; and a sigma at the end of a word stays a plain one.
  return mapped.length === text.length && !text.includes('\u03a3') ? mapped : mapLetters(text, lowerOf)
}

export function isUpper(char: string): boolean {
  return /^\p{Lu}$/u.test(char)
}

export function isLower(char: string): boolean {
  return /^\p{Ll}$/u.test(char)
}

export function isLetter(char: string): boolean {
  return /^\p{L}$/u.test(char)
}
