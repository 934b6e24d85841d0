/** JSON as Alloy's Go code reads and writes it: json-iterator in the pipeline stages, encoding/json elsewhere. */

import { formatFloat, formatFloatE } from './number.ts'
import { type JsonObject, type JsonValue, readJson } from './json-reader.ts'

export type { JsonObject, JsonValue } from './json-reader.ts'

const surrogateEscape = /\\u[dD][89a-fA-F]/

/**
 * False for what JSON.parse takes and Go does not: numbers too large for a double. Also false for deep nesting, which is
 * left to the reader that counts it.
 */
function isPlain(value: JsonValue, depth: number): boolean {
  if (typeof value === 'number') return value !== Infinity && value !== -Infinity
  if (typeof value !== 'object' || value === null) return true
  if (depth > 50) return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false
    return true
  }
  for (const key in value) if (!isPlain(value[key] ?? null, depth + 1)) return false
  return true
}

/** The runtime's parser, for texts of which both languages make the same; undefined where ours must decide. */
function parseFast(text: string): JsonValue | undefined {
  if (text.includes('\\u') && surrogateEscape.test(text)) return undefined
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
  return isPlain(value, 0) ? value : undefined
}

/** Sorts out what is no object by its first letter: most lines that are not JSON need no more. */
function mayBeObject(text: string): boolean {
  let at = 0
  let code = text.charCodeAt(0)
  while (code === 32 || code === 9 || code === 10 || code === 13) code = text.charCodeAt(++at)
  return code === 123 || (code === 110 && text.startsWith('null', at))
}

/**
 * The object that a text holds, or null for the text `null`; undefined where it is malformed or something else, as for
 * json-iterator's `Unmarshal` into a map. Numbers are doubles (one too large for them is malformed), of equal keys the last
 * counts, escaped halves of surrogate pairs become U+FFFD. Nesting deeper than 1,000 counts as malformed.
 */
export function parseJson(text: string): JsonObject | null | undefined {
  if (!mayBeObject(text)) return undefined
  const value = parseFast(text) ?? readJson(text)
  return Array.isArray(value) || typeof value !== 'object' ? undefined : value
}

/** The value of any kind that a text holds; undefined where it is malformed. The rules are those of `parseJson`. */
export function parseJsonValue(text: string): JsonValue | undefined {
  return parseFast(text) ?? readJson(text)
}

const needsEscape = /[\0-\x1f"\\<>&\u2028\u2029]|\p{Cs}/u
const escaped = /[\0-\x1f"\\<>&\u2028\u2029]|\p{Cs}/gu

function escapeLetter(letter: string): string {
  if (letter === '"') return '\\"'
  if (letter === '\\') return '\\\\'
  if (letter === '\n') return '\\n'
  if (letter === '\r') return '\\r'
  if (letter === '\t') return '\\t'
  const code = letter.charCodeAt(0)
  return `\\u${(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code).toString(16).padStart(4, '0')}`
}

/** A JSON string as both Go packages write it: `<`, `>`, `&`, U+2028 and U+2029 are escaped, other letters are not. */
export function marshalString(text: string): string {
  return needsEscape.test(text) ? `"${text.replace(escaped, escapeLetter)}"` : `"${text}"`
}

/** How the two Go packages differ. */
interface Style {
  sorted: boolean
  number: (x: number) => string
  string: (text: string) => string
}

function numberText(x: number): string {
  const magnitude = Math.abs(x)
  return magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21) ? formatFloatE(x) : formatFloat(x)
}

const iterator: Style = { sorted: false, number: numberText, string: marshalString }

const standard: Style = {
  sorted: true,
  // encoding/json writes e-09 as e-9, but leaves e+09.
  number: (x) => numberText(x).replace(/e-0(\d)$/, 'e-$1'),
  string: (text) =>
    marshalString(text).replace(/\\(?:\\|u0008|u000c)/g, (found) => shortControl[found] ?? found),
}

const shortControl: Record<string, string | undefined> = { '\\u0008': '\\b', '\\u000c': '\\f' }

function write(value: unknown, style: Style): string | undefined {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return style.string(value)
  if (typeof value === 'number') return Number.isFinite(value) ? style.number(value) : undefined
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return undefined
  const parts: string[] = []
  if (Array.isArray(value)) {
    for (const item of value) {
      const text = write(item, style)
      if (text === undefined) return undefined
      parts.push(text)
    }
    return `[${parts.join(',')}]`
  }
  const entries = Object.entries(value)
  if (style.sorted) entries.sort(([a], [b]) => compareBytes(a, b))
  for (const [key, item] of entries) {
    const text = write(item, style)
    if (text === undefined) return undefined
    parts.push(`${style.string(key)}:${text}`)
  }
  return `{${parts.join(',')}}`
}

/** Go orders texts by their UTF-8 bytes, which differs from the order of UTF-16 units beyond U+FFFF. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/**
 * The JSON text that json-iterator writes for a value (stage.json, for objects and lists): `<>&` escaped, `1e21` as `1e+21`,
 * `1e-7` as `1e-07`, keys in their own order (Go's is random). Undefined for NaN, infinities and functions, where Go fails.
 */
export function marshal(value: unknown): string | undefined {
  return write(value, iterator)
}

/** The JSON text that encoding/json writes: as `marshal`, but keys sorted, `1e-7` and the short escapes `\b` and `\f`. */
export function marshalSorted(value: unknown): string | undefined {
  return write(value, standard)
}
