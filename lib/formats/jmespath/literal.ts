/** JSON values as JMESPath handles them: plain objects, arrays, numbers as doubles. */
import { JsonError, type JsonBuilder } from '../../go/json/reader.ts'

/** Builds such values. A number too large for a double is refused. */
export const jsonValue: JsonBuilder<unknown> = {
  word: (value) => value,
  string: (value) => value,
  number: (raw) => {
    const value = Number(raw)
    if (!Number.isFinite(value)) throw new JsonError(`the number ${raw} is too large`)
    return value
  },
  list: (items) => items,
  object: (fields) => objectOf(fields),
}

/** An object of these fields; `__proto__` is a field like others. */
export function objectOf(fields: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(fields)
}
