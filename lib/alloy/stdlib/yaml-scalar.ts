/** What a scalar of YAML is, by the rules of Go's yaml.v3: mostly YAML 1.1, but `yes` and `no` are text. */
import type { Value } from '../value.ts'

const words: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, Value] => [word, null]),
  ...['true', 'True', 'TRUE'].map((word): [string, Value] => [word, true]),
  ...['false', 'False', 'FALSE'].map((word): [string, Value] => [word, false]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, Value] => [word, NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, Value] => [word, Infinity]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, Value] => [word, -Infinity]),
])

const integerPattern = /^([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/
const floatPattern = /^[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?$/
const timePattern =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})?)?$/

function integer(text: string): bigint | undefined {
  const match = integerPattern.exec(text)
  if (match === null) return undefined
  const digits = match[2]!
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits.toLowerCase())
  const value = match[1] === '-' ? -size : size
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : undefined
}

// A time as RFC 3339 text, undefined for anything else. With "T" a zone is required, with a blank forbidden.
function time(text: string): string | undefined {
  const match = timePattern.exec(text)
  if (match === null) return undefined
  const [, year, month, day, mark, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  if (mark !== undefined && (mark === ' ') !== (zone === undefined)) return undefined
  const days = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate()
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > days) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const two = (part = ''): string => part.padStart(2, '0')
  const rest = fraction.replace(/0+$/, '')
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${rest === '' ? '' : `.${rest}`}`
  const offset = zone === undefined || /^[+-]00:00$/.test(zone) ? 'Z' : zone
  return `${year}-${two(month)}-${two(day)}T${clock}${offset}`
}

/**
 * The value of a scalar without quotes: null, bools, integers (octal with `0` or `0o`, `0x`, `0b`, `_` between
 * digits), floats, times (as RFC 3339 text), else the text itself.
 */
export function plainScalar(text: string): { readonly value: Value; readonly time: boolean } {
  const word = words.get(text)
  if (word !== undefined) return { value: word, time: false }
  if (!/^[-+.0-9]/.test(text)) return { value: text, time: false }
  const moment = time(text)
  if (moment !== undefined) return { value: moment, time: true }
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  const whole = integer(digits)
  if (whole !== undefined) return { value: whole, time: false }
  const float = floatPattern.test(digits) ? Number(digits) : undefined
  return { value: float !== undefined && Number.isFinite(float) ? float : text, time: false }
}
