/** Default values as they would be written in a config. */
import { quote } from '../go/strconv/quote.ts'
import { formatBytes } from '../formats/bytes.ts'
import { formatDuration } from '../go/duration.ts'

/**
 * The text of a decoded value of the type named `type` (`duration`, `list(string)`): `"1m0s"`, `["a", "b"]`, `{}`.
 * `undefined` for values that are not there.
 */
export function valueText(value: unknown, type: string): string | undefined {
  if (value === undefined) return undefined
  if (value === null) return 'null'
  if (Array.isArray(value)) return listText(value, type)
  if (value instanceof Map) return mapText(value as ReadonlyMap<string, unknown>, type)
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number') return numberText(value, type)
  if (typeof value === 'object') return secretText(value)
  return typeof value === 'boolean' ? String(value) : undefined
}

function listText(values: readonly unknown[], type: string): string {
  return `[${values.map((value) => valueText(value, elementOf(type)) ?? 'null').join(', ')}]`
}

function mapText(values: ReadonlyMap<string, unknown>, type: string): string {
  if (values.size === 0) return '{}'
  const pairs = [...values].map(([name, value]) => `${quote(name)} = ${valueText(value, elementOf(type))}`)
  return `{ ${pairs.join(', ')} }`
}

// `list(duration)` holds durations.
function elementOf(type: string): string {
  return /^(?:list|map)\((.*)\)$/.exec(type)?.[1] ?? type
}

function numberText(value: number, type: string): string {
  if (type === 'duration') return quote(formatDuration(Math.round(value * 1e6)))
  if (type === 'bytes_size') return quote(formatBytes(value))
  return String(value)
}

// A default that is a secret holds nothing to hide; any other is not shown.
function secretText(value: object): string | undefined {
  const { kind, text } = value as { kind?: unknown; text?: unknown }
  if (kind !== 'secret') return undefined
  return text === '' ? '""' : '(secret)'
}
