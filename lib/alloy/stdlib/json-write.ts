/** Values of the language as JSON text, as Go's encoding/json writes them. */
import { compareText } from '../../go/strings/order.ts'
import { jsonNumber, jsonString } from '../../go/json/writer.ts'
import { isFunction, isList, isObject, isSecret } from '../kinds.ts'
import { typeName, ValueError, type Value } from '../value.ts'

const maxDepth = 1000

/** A value as JSON, keys sorted, secrets in clear text. Throws ValueError for functions, capsules, NaN and infinity. */
export function jsonText(value: Value, depth = 0): string {
  if (depth > maxDepth) throw new ValueError(`value is nested deeper than ${maxDepth} levels`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return jsonString(value, 'standard')
  if (isList(value)) return `[${value.map((element) => jsonText(element, depth + 1)).join(',')}]`
  if (isObject(value)) {
    const keys = [...value.keys()].sort(compareText)
    const fields = keys.map((key) => `${jsonString(key, 'standard')}:${jsonText(value.get(key)!, depth + 1)}`)
    return `{${fields.join(',')}}`
  }
  if (isSecret(value)) return jsonString(value.text, 'standard')
  throw new ValueError(`JSON cannot hold a ${isFunction(value) ? 'function' : typeName(value)}`)
}

function numberText(value: number): string {
  const text = jsonNumber(value, 'standard')
  if (text === undefined) throw new ValueError(`JSON has no number ${String(value)}`)
  return text
}
