/** Bodies of cloud services that are a JSON object. */
import { limitJsonValues } from './value-limit.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** Returns the object, or `undefined` for anything else, and for more values than a push may have. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    limitJsonValues(text)
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text of a field; '' if it has none. */
export function textIn(object: JsonObject, field: string): string {
  const value = object[field]
  return typeof value === 'string' ? value : ''
}
