/** How a function of a template is declared: Go's parameter types next to code with the TypeScript ones. */
import type { Callable, GoMap, GoObject, Param, TemplateFunction, Value } from './value.ts'

/** What the code gets for each parameter type. */
interface ArgumentOf extends Record<Param, unknown> {
  string: string
  int: number
  uint32: number
  float64: number
  bool: boolean
  any: Value
  value: Value
  map: GoMap
  time: GoObject
  version: GoObject
  duration: bigint
}

type Arguments<P extends readonly Param[]> = { [K in keyof P]: ArgumentOf[P[K]] }

/** A function with a fixed number of arguments. */
export function fixed<const P extends readonly Param[]>(
  params: P,
  call: (...args: Arguments<P>) => Value,
): TemplateFunction {
  return { params, rest: undefined, call: call as Callable }
}

/** A function whose last parameter takes any number of arguments. */
export function variadic<const P extends readonly Param[], R extends Param>(
  params: P,
  rest: R,
  call: (...args: [...Arguments<P>, ...ArgumentOf[R][]]) => Value,
): TemplateFunction {
  return { params, rest, call: call as Callable }
}

/** A method: the code gets the object first, `params` are the arguments after it. */
export function method<O, const P extends readonly Param[]>(
  params: P,
  call: (self: O, ...args: Arguments<P>) => Value,
): TemplateFunction {
  return { params, rest: undefined, call: call as Callable }
}
