/** Type guards for the kinds of values; `Array.isArray` alone doesn't narrow readonly arrays. */
import type { Capsule, FunctionValue, ObjectValue, Secret, Value } from './value.ts'

function tagOf(value: Value): string | undefined {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
}

/** Whether a value is an array. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** Whether a value is an object of the language. */
export function isObject(value: Value): value is ObjectValue {
  return value instanceof Map
}

/** Whether a value is a number of either kind. */
export function isNumeric(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number'
}

/** Whether a value is a function. */
export function isFunction(value: Value): value is FunctionValue {
  return tagOf(value) === 'function'
}

/** Whether a value is a secret, optional ones included. */
export function isSecret(value: Value): value is Secret {
  return tagOf(value) === 'secret'
}

/** Whether a value is a capsule of the run-time. */
export function isCapsule(value: Value): value is Capsule {
  return tagOf(value) === 'capsule'
}
