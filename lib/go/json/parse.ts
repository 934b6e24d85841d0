/** JSON objects of log lines, as json-iterator reads them in Alloy's stages; most by the runtime's own parser. */
import { type JsonObject, type JsonValue, readJson } from './iterator-reader.ts'

const surrogateEscape = /\\u[dD][89a-fA-F]/

/**
 * False for what JSON.parse takes and Go doesn't: numbers too large for a double. Also false for deep nesting, which the
 * other reader counts.
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

/** The runtime's parser, for JSON that both languages read alike; undefined if the other reader must decide. */
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

/** Tells by the first character what can't be an object: enough for most lines that aren't JSON. */
function mayBeObject(text: string): boolean {
  let at = 0
  let code = text.charCodeAt(0)
  while (code === 32 || code === 9 || code === 10 || code === 13) code = text.charCodeAt(++at)
  return code === 123 || (code === 110 && text.startsWith('null', at))
}

/**
 * The object in a JSON text, null for `null`, undefined for anything else, as json-iterator's `Unmarshal` into a map.
 * Numbers are doubles (a larger one is malformed), the last of equal keys counts, escaped halves of surrogate pairs become
 * U+FFFD. Nesting deeper than 1,000 counts as malformed.
 */
export function parseJson(text: string): JsonObject | null | undefined {
  if (!mayBeObject(text)) return undefined
  const value = parseFast(text) ?? readJson(text)
  return Array.isArray(value) || typeof value !== 'object' ? undefined : value
}

/**
 * The object in a JSON text, null for `null`, undefined for anything else, as strict as encoding/json is where it fills a
 * struct: numbers may be too large, as nobody reads them. Strings may have halves of surrogate pairs.
 */
export function parseStrictJson(text: string): JsonObject | null | undefined {
  if (!mayBeObject(text)) return undefined
  try {
    return JSON.parse(text) as JsonObject | null
  } catch {
    return undefined
  }
}

/** The value of any kind in a JSON text, by the rules of `parseJson`; undefined if it is malformed. */
export function parseJsonValue(text: string): JsonValue | undefined {
  return parseFast(text) ?? readJson(text)
}
