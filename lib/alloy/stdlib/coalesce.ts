/** `coalesce`: the first of its arguments that holds something. */
import { isList, isObject, isSecret } from '../kinds.ts'
import type { FunctionValue, Value } from '../value.ts'

// Null, and the zero value of every type.
function isEmpty(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0n || value === 0) return true
  if (isList(value)) return value.length === 0
  if (isObject(value)) return value.size === 0
  return isSecret(value) && value.text === ''
}

/** The first argument that isn't empty, else the last one, else null. */
export const coalesce: FunctionValue = {
  kind: 'function',
  name: 'coalesce',
  call: (args) => args.find((value) => !isEmpty(value)) ?? args.at(-1) ?? null,
}
