/** Options that TypeScript callers write are read as a config's are: as values of the language. */
import { ValueError, type Capsule, type Secret, type Value } from '../alloy/value.ts'

/** A JS value as a value of the language: whole numbers are integers, objects and Maps are objects. Throws ValueError for what has no counterpart. */
export function valueOf(given: unknown): Value {
  if (given === null || typeof given === 'string' || typeof given === 'boolean' || typeof given === 'bigint')
    return given
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : given
  if (isValueObject(given)) return given
  if (Array.isArray(given)) return given.map(valueOf)
  if (given instanceof Map)
    return new Map([...(given as Map<string, unknown>)].map(([key, value]) => [key, valueOf(value)]))
  if (typeof given === 'object')
    return new Map(Object.entries(given).map(([key, value]) => [key, valueOf(value)]))
  throw new ValueError(`expected a string, number, bool, list or object, found ${typeof given}`)
}

// Secrets and capsules are values already.
function isValueObject(given: unknown): given is Capsule | Secret {
  if (typeof given !== 'object' || given === null || !('kind' in given)) return false
  return (given.kind === 'capsule' && 'data' in given) || (given.kind === 'secret' && 'text' in given)
}
