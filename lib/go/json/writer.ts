/** JSON as Go writes it: json-iterator in Alloy's stages, encoding/json everywhere else. */
import { compareText } from '../strings/order.ts'
import { formatFloat, formatFloatE } from '../strconv/number.ts'

/** Whose output: of json-iterator, or of encoding/json with or without `SetEscapeHTML`. */
export type JsonDialect = 'iterator' | 'standard' | 'standard without html'

const special = /[\0-\x1f"\\<>&\u2028\u2029]|\p{Cs}/u
const everySpecial = new RegExp(special.source, 'gu')

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])
const standardShortEscapes: ReadonlyMap<string, string> = new Map([
  ...shortEscapes,
  ['\b', '\\b'],
  ['\f', '\\f'],
])

function escapeChar(char: string, dialect: JsonDialect): string {
  if (dialect === 'standard without html' && (char === '<' || char === '>' || char === '&')) return char
  const short = (dialect === 'iterator' ? shortEscapes : standardShortEscapes).get(char)
  if (short !== undefined) return short
  const code = char.charCodeAt(0)
  // A byte that isn't UTF-8, and half of a surrogate pair.
  return `\\u${(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code).toString(16).padStart(4, '0')}`
}

/**
 * A JSON string. `<`, `>` and `&` are escaped unless the dialect says otherwise, U+2028 and U+2029 always; other
 * letters stay. What isn't UTF-8 is the escape `\ufffd`. json-iterator has no `\b` and `\f`.
 */
export function jsonString(text: string, dialect: JsonDialect): string {
  return special.test(text)
    ? `"${text.replace(everySpecial, (char) => escapeChar(char, dialect))}"`
    : `"${text}"`
}

/** A JSON number: an exponent below 1e-6 and from 1e21 on. Undefined for NaN and infinities, where Go fails. */
export function jsonNumber(x: number, dialect: JsonDialect): string | undefined {
  if (!Number.isFinite(x)) return undefined
  const magnitude = Math.abs(x)
  if (magnitude === 0 || (magnitude >= 1e-6 && magnitude < 1e21)) return formatFloat(x)
  // encoding/json shortens e-09 to e-9.
  return dialect === 'iterator' ? formatFloatE(x) : formatFloatE(x).replace(/e-0(\d)$/, 'e-$1')
}

/** Go's nil map, which it reads from `null`: an object without keys that is written as `null`. */
export const NIL_OBJECT: Readonly<Record<string, never>> = Object.freeze({})

function write(value: unknown, dialect: JsonDialect): string | undefined {
  if (value === null || value === undefined || value === NIL_OBJECT) return 'null'
  if (typeof value === 'string') return jsonString(value, dialect)
  if (typeof value === 'number') return jsonNumber(value, dialect)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return undefined
  const parts: string[] = []
  if (Array.isArray(value)) {
    for (const item of value) {
      const text = write(item, dialect)
      if (text === undefined) return undefined
      parts.push(text)
    }
    return `[${parts.join(',')}]`
  }
  const entries = Object.entries(value)
  if (dialect !== 'iterator') entries.sort(([a], [b]) => compareText(a, b))
  for (const [key, item] of entries) {
    const text = write(item, dialect)
    if (text === undefined) return undefined
    parts.push(`${jsonString(key, dialect)}:${text}`)
  }
  return `{${parts.join(',')}}`
}

/**
 * What json-iterator writes for a value (in stages: objects and lists as text). Keys keep their order, where Go's is
 * random. Undefined for NaN, infinities and functions, where Go fails.
 */
export function marshal(value: unknown): string | undefined {
  return write(value, 'iterator')
}

/** What encoding/json writes for a value; keys are sorted. Undefined where Go fails. */
export function marshalSorted(
  value: unknown,
  dialect: Exclude<JsonDialect, 'iterator'> = 'standard',
): string | undefined {
  return write(value, dialect)
}
