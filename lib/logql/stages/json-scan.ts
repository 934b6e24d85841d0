/**
 * Walks a JSON text as leniently as Loki's reader (github.com/grafana/jsonparser): values are cut out without being
 * checked, and text after the object is ignored. The error texts are Loki's, since users see them.
 */

export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array'

export interface JsonPart {
  readonly kind: JsonKind
  /** The text as written; of strings what is between the quotes. */
  readonly text: string
  /** The index after the value. */
  readonly end: number
}

export const JSON_PROBLEMS = {
  object: "Value looks like object, but can't find closing '}' symbol",
  array: "Value is array, but can't find closing ']' symbol",
  string: "Value is string, but can't find closing '\"' symbol",
  escape: 'Encountered an invalid escape sequence in a string',
  malformed: 'Malformed JSON error',
  unknown: 'Unknown value type',
} as const

/** What went wrong, in Loki's words. */
export type JsonProblem = (typeof JSON_PROBLEMS)[keyof typeof JSON_PROBLEMS]

const QUOTE = 34
const BACKSLASH = 92

/** Returns the index of the next character that isn't blank, or the length of the text. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
    at++
  }
}

/** Returns the index after the closing quote of a string whose content starts at `from`, or -1. */
export function stringEnd(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0) {
    let slashes = 0
    while (at - 1 - slashes >= from && text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at + 1
    at = text.indexOf('"', at + 1)
  }
  return -1
}

/** Returns the index after the bracket that closes the one at `from`, or -1. Other kinds of brackets are ignored. */
export function blockEnd(text: string, from: number, open: number, close: number): number {
  let level = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = stringEnd(text, at + 1)
      if (end < 0) return -1
      at = end - 1
    } else if (code === open) level++
    else if (code === close && --level === 0) return at + 1
  }
  return -1
}

function scalarAt(text: string, start: number): JsonPart | JsonProblem {
  let end = start
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    // Blanks, `,`, `}` and `]` end it.
    if (code === 44 || code === 125 || code === 93 || code === 32 || (code <= 13 && isLineBlank(code))) break
  }
  const value = text.slice(start, end)
  const first = text.charCodeAt(start)
  if (end > start && ((first >= 48 && first <= 57) || first === 45))
    return { kind: 'number', text: value, end }
  if (value === 'true' || value === 'false') return { kind: 'boolean', text: value, end }
  return value === 'null' ? { kind: 'null', text: value, end } : JSON_PROBLEMS.unknown
}

function isLineBlank(code: number): boolean {
  return code === 10 || code === 13 || code === 9
}

/** The value that starts at the next character that isn't blank. */
export function valueAt(text: string, from: number): JsonPart | JsonProblem {
  const start = skipBlanks(text, from)
  if (start >= text.length) return JSON_PROBLEMS.malformed
  const code = text.charCodeAt(start)
  if (code === QUOTE) {
    const end = stringEnd(text, start + 1)
    return end < 0 ? JSON_PROBLEMS.string : { kind: 'string', text: text.slice(start + 1, end - 1), end }
  }
  if (code === 123) {
    const end = blockEnd(text, start, 123, 125)
    return end < 0 ? JSON_PROBLEMS.object : { kind: 'object', text: text.slice(start, end), end }
  }
  if (code === 91) {
    const end = blockEnd(text, start, 91, 93)
    return end < 0 ? JSON_PROBLEMS.array : { kind: 'array', text: text.slice(start, end), end }
  }
  return scalarAt(text, start)
}

const escapes: Record<string, string | undefined> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const escapeSequence = /\\(?:u([\da-fA-F]{4})|(["\\/bfnrt]))/y

/** Unescapes the content of a string; undefined for an invalid escape or a lone surrogate. */
export function unescapeJson(content: string): string | undefined {
  let at = content.indexOf('\\')
  if (at < 0) return content
  let result = content.slice(0, at)
  while (at < content.length) {
    escapeSequence.lastIndex = at
    const match = escapeSequence.exec(content)
    if (match === null) return undefined
    const [, code, letter = ''] = match
    result += code === undefined ? escapes[letter] : String.fromCharCode(Number.parseInt(code, 16))
    at = content.indexOf('\\', escapeSequence.lastIndex)
    result += content.slice(escapeSequence.lastIndex, at < 0 ? undefined : at)
    if (at < 0) break
  }
  return /\p{Cs}/u.test(result) ? undefined : result
}

/** What a visitor returns: continue, stop without an error, or stop since the line is dropped. */
export type Step = 'next' | 'stop' | 'drop'

/** Called with each key and its value. */
type Visitor = (key: string, value: JsonPart) => Step | JsonProblem

function keyAt(text: string, at: number): { key: string; end: number } | JsonProblem {
  const end = stringEnd(text, at + 1)
  if (end < 0) return JSON_PROBLEMS.malformed
  const key = unescapeJson(text.slice(at + 1, end - 1))
  if (key === undefined) return JSON_PROBLEMS.escape
  const colon = skipBlanks(text, end)
  return text.charCodeAt(colon) === 58 ? { key, end: colon + 1 } : JSON_PROBLEMS.malformed
}

/**
 * Calls `visit` for each member of the object that a text starts with. The result is `next` at the end of the object,
 * `stop` or `drop` if the visitor said so, or what is wrong; members before the mistake have been visited.
 */
export function walkObject(text: string, visit: Visitor): Step | JsonProblem {
  let at = skipBlanks(text, 0)
  if (text.charCodeAt(at) !== 123) return JSON_PROBLEMS.object
  at = skipBlanks(text, at + 1)
  if (at >= text.length) return JSON_PROBLEMS.malformed
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === 125) return 'next'
    if (code !== QUOTE) return JSON_PROBLEMS.object
    const name = keyAt(text, at)
    if (typeof name === 'string') return name
    const value = valueAt(text, name.end)
    if (typeof value === 'string') return value
    const step = visit(name.key, value)
    if (step !== 'next') return step
    at = skipBlanks(text, value.end)
    if (at >= text.length) return JSON_PROBLEMS.array
    if (text.charCodeAt(at) === 125) return 'next'
    if (text.charCodeAt(at) !== 44) return JSON_PROBLEMS.object
    at = skipBlanks(text, at + 1)
    if (at >= text.length) return JSON_PROBLEMS.array
  }
}

/** The value at an index of the array that a text starts with, or undefined. */
export function arrayItem(text: string, index: number): JsonPart | JsonProblem | undefined {
  let at = skipBlanks(text, 0) + 1
  if (text.charCodeAt(skipBlanks(text, at)) === 93) return undefined
  for (let i = 0; ; i++) {
    const value = valueAt(text, at)
    if (typeof value === 'string' || i === index) return value
    at = skipBlanks(text, value.end)
    if (text.charCodeAt(at) !== 44) return undefined
    at++
  }
}
