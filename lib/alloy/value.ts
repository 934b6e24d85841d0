/** The values of the config language, and their names in messages. */

/** A function of the standard library. It throws `ValueError` for arguments it can't take. */
export interface FunctionValue {
  readonly kind: 'function'
  readonly name: string
  readonly call: (args: readonly Value[]) => Value
}

/** Text that must not be shown. An optional secret (`optional`) behaves as plain text where a string is wanted. */
export interface Secret {
  readonly kind: 'secret'
  readonly text: string
  readonly optional: boolean
}

/** A value of the run-time that the language only passes on: a receiver, a component's export. */
export interface Capsule {
  readonly kind: 'capsule'
  /** What it is, for messages and type checks: `receiver`. */
  readonly type: string
  readonly data: unknown
  /** How it prints; else the type in parentheses. */
  readonly text?: string
}

/** An object; a Map keeps the order in which keys were written. */
export type ObjectValue = ReadonlyMap<string, Value>

/**
 * A value. Integers are `bigint` (int64, or uint64 above it, as in Alloy), floats are `number`: `3` and `3.0`
 * are different things to `/` and `%`, and JS numbers could not tell them apart.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly Value[]
  | ObjectValue
  | FunctionValue
  | Secret
  | Capsule

/** Thrown by the evaluator's parts for a value that doesn't fit; the evaluator adds the place. */
export class ValueError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ValueError'
  }
}

/** The language's name for the type of a value: `string`, `number`, `bool`, `array`, `object`, ... */
export function typeName(value: Value): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'object'
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
    case 'number':
      return 'number'
    case 'string':
      return 'string'
    default:
      break
  }
  const tagged = value as FunctionValue | Secret | Capsule
  if (tagged.kind === 'capsule') return tagged.type
  return tagged.kind
}
