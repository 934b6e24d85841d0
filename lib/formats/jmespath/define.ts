/** How a function of JMESPath is declared. */
import type { Reference } from './value.ts'

interface TypeOf {
  number: number
  string: string
  array: unknown[]
  object: Record<string, unknown>
  /** A list of numbers, a list of strings. */
  numbers: number[]
  strings: string[]
  reference: Reference
  any: unknown
}

export type ArgumentType = keyof TypeOf

type Arguments<P extends readonly (readonly ArgumentType[])[]> = { [K in keyof P]: TypeOf[P[K][number]] }

/** A function; `call` gets arguments that were checked against the types. */
export interface Definition {
  readonly parameters: readonly (readonly ArgumentType[])[]
  /** How many of the last parameters may be left out. */
  readonly optional?: number
  /** Whether the last parameter takes more than one argument. */
  readonly variadic?: boolean
  readonly call: (...args: never[]) => unknown
}

/** Declares a function; each parameter lists the types it takes. */
export function define<const P extends readonly (readonly ArgumentType[])[]>(
  parameters: P,
  call: (...args: Arguments<P>) => unknown,
): Definition {
  return { parameters, call }
}

/** One whose last parameters may be left out. */
export function optional<const P extends readonly (readonly ArgumentType[])[]>(
  count: number,
  parameters: P,
  call: (...args: Partial<Arguments<P>>) => unknown,
): Definition {
  return { parameters, optional: count, call }
}

/** One whose last parameter takes any number of arguments, at least one. */
export function variadic<T extends ArgumentType>(
  type: T,
  call: (...args: TypeOf[T][]) => unknown,
): Definition {
  return { parameters: [[type]], variadic: true, call }
}
