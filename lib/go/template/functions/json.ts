/** Go's encoding/json: how sprig's toJson writes values, and what fromJson makes of a text. */
import { formatFloat } from '../float.ts'
import { checkText, spend } from '../limits.ts'
import { wellFormed } from '../strings.ts'
import { type GoList, type GoMap, type Value, list, map, mapEntries, sortedKeys } from '../value.ts'

/** How a value is written. */
interface Style {
  /** `<`, `>` and `&` as escapes. */
  readonly html: boolean
  /** The indent per level, empty for one line. */
  readonly indent: string
}

const jsonEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** A lone surrogate is a byte that is no UTF-8. */
function escapeChar(char: string): string {
  if (char >= '\ud800' && char <= '\udfff') return '\\ufffd'
  return jsonEscapes.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function writeText(text: string, html: boolean): string {
  if (/^[ !#-%'-;=?-[\]-~]*$/.test(text)) return `"${text}"`
  const special = html ? /["\\\0-\x1f<>&\u2028\u2029\p{Cs}]/gu : /["\\\0-\x1f\u2028\u2029\p{Cs}]/gu
  return `"${text.replace(special, escapeChar)}"`
}

/** Plain digits from 1e-6 to 1e21; an exponent has no leading zero. */
function writeNumber(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  const magnitude = Math.abs(value)
  if (magnitude === 0 || (magnitude >= 1e-6 && magnitude < 1e21)) return formatFloat(value, 'f', -1)
  return formatFloat(value, 'e', -1).replace(/e-0(\d)$/, 'e-$1')
}

function enclose(open: string, parts: string[], close: string, style: Style, depth: number): string {
  if (parts.length === 0) return open + close
  checkText(parts.reduce((length, part) => length + part.length, 0))
  if (style.indent === '') return open + parts.join() + close
  const lineEnd = `\n${style.indent.repeat(depth)}`
  return `${open}${lineEnd}${style.indent}${parts.join(`,${lineEnd}${style.indent}`)}${lineEnd}${close}`
}

function writeList(value: GoList, style: Style, depth: number): string | undefined {
  if (value.isNil) return 'null'
  const parts: string[] = []
  for (const item of value.items) {
    const part = write(item, style, depth + 1)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return enclose('[', parts, ']', style, depth)
}

function writeMap(value: GoMap, style: Style, depth: number): string | undefined {
  if (value.isNil) return 'null'
  const entries = mapEntries(value)
  const parts: string[] = []
  for (const key of sortedKeys(value)) {
    const part = write(entries.get(key), style, depth + 1)
    if (part === undefined) return undefined
    parts.push(`${writeText(key, style.html)}:${style.indent === '' ? '' : ' '}${part}`)
  }
  return enclose('{', parts, '}', style, depth)
}

function write(value: Value, style: Style, depth: number): string | undefined {
  spend(1)
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return writeText(value, style.html)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value !== 'object') return String(value)
  switch (value.tag) {
    case 'list':
      return writeList(value, style, depth)
    case 'map':
      return writeMap(value, style, depth)
    case 'int':
      return value.value.toString()
    case 'object':
    default:
      return value.json === undefined ? undefined : writeText(value.json(), style.html)
  }
}

/** The JSON of a value; undefined for what JSON has not (NaN, infinities). */
export function toJson(value: Value, style: Style): string | undefined {
  return write(value, style, 0)
}

function convert(value: unknown): Value {
  if (Array.isArray(value)) return list(value.map(convert))
  if (typeof value === 'object' && value !== null) {
    return map(new Map(Object.entries(value).map(([key, item]) => [key, convert(item)])))
  }
  // JSON.parse makes an infinity of a number that Go refuses.
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('a number out of range')
  return typeof value === 'string' ? replaceHalves(value) : (value as Value)
}

/** An escaped half of a surrogate pair is U+FFFD to Go. */
function replaceHalves(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

/** The value of a JSON text, all numbers float64; undefined if it is not valid. */
export function fromJson(text: string): Value {
  try {
    return convert(JSON.parse(wellFormed(text)))
  } catch {
    return undefined
  }
}
