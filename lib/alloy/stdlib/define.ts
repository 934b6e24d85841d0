/** Makes functions of the standard library: counts the arguments and converts each as Alloy decodes it. */
import { convertAt } from '../convert.ts'
import { ValueError, type FunctionValue, type Value } from '../value.ts'
import { plural } from '../../formats/plural.ts'

/** How an argument becomes what the body of a function takes. Throws ValueError. */
export type Convert<T> = (value: Value) => T

type Converts<A extends readonly unknown[]> = { readonly [K in keyof A]: Convert<A[K]> }

/** A parameter that takes every value as it is. */
export function any(value: Value): Value {
  return value
}

/** A ValueError about the number of arguments. */
export function countError(name: string, wanted: string, found: number): ValueError {
  return new ValueError(`${name} takes ${wanted}, found ${found}`)
}

/** A function with exactly these parameters. */
export function define<A extends readonly unknown[]>(
  name: string,
  parameters: Converts<A>,
  body: (...args: A) => Value,
): FunctionValue {
  const wanted = plural(parameters.length, 'argument')
  const call = (args: readonly Value[]): Value => {
    if (args.length !== parameters.length) throw countError(name, wanted, args.length)
    // The mapped type holds element by element, which TypeScript can't see through `map`.
    const converted = parameters.map((convert, at) => convertAt(at, args[at]!, convert)) as unknown as A
    return body(...converted)
  }
  return { kind: 'function', name, call }
}

/** A function of any number of arguments of one type. */
export function defineVariadic<T>(
  name: string,
  convert: Convert<T>,
  body: (args: readonly T[]) => Value,
): FunctionValue {
  const call = (args: readonly Value[]): Value => body(args.map((value, at) => convertAt(at, value, convert)))
  return { kind: 'function', name, call }
}
