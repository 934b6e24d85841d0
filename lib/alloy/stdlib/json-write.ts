/** Values as JSON text, byte for byte what Go's encoding/json writes. */
import { compareText } from '../text-order.ts'
import { isFunction, isList, isObject, isSecret } from '../kinds.ts'
import { typeName, ValueError, type Value } from '../value.ts'

const maxDepth = 1000

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** A text as Go's JSON string: `<`, `>` and `&` are escaped, half surrogates become U+FFFD. */
export function jsonString(text: string): string {
  const sound = text.replace(/\p{Surrogate}/gu, '\ufffd')
  return JSON.stringify(sound).replace(/[<>&\u2028\u2029]/g, (character) => escapes[character]!)
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new ValueError(`JSON has no number ${String(value)}`)
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A value as JSON, keys sorted, secrets in clear text. Throws ValueError for functions, capsules, NaN and infinity. */
export function jsonText(value: Value, depth = 0): string {
  if (depth > maxDepth) throw new ValueError(`value is nested deeper than ${maxDepth} levels`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return jsonNumber(value)
  if (typeof value === 'string') return jsonString(value)
  if (isList(value)) return `[${value.map((element) => jsonText(element, depth + 1)).join(',')}]`
  if (isObject(value)) {
    const keys = [...value.keys()].sort(compareText)
    return `{${keys.map((key) => `${jsonString(key)}:${jsonText(value.get(key)!, depth + 1)}`).join(',')}}`
  }
  if (isSecret(value)) return jsonString(value.text)
  throw new ValueError(`JSON cannot hold a ${isFunction(value) ? 'function' : typeName(value)}`)
}
