/** The values that JMESPath expressions handle: JSON, and references to expressions. */

import { NIL_OBJECT } from '../../go/json/writer.ts'

/** `&expression`: what sort_by and the like apply to each element. */
export type Reference = (value: unknown) => unknown

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isReference(value: unknown): value is Reference {
  return typeof value === 'function'
}

/** False for null, false and what is empty; 0 is true. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === false || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}

/** `reflect.DeepEqual`: references equal nothing, NaN neither, unless within the very same list or object. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (isReference(a)) return false
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => deepEqual(item, b[at]))
  if (!isObject(a) || !isObject(b) || a === NIL_OBJECT || b === NIL_OBJECT) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && deepEqual(a[name], b[name]))
}
