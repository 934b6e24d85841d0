/** The functions of JMESPath expressions and the types of their arguments (https://jmespath.site/main/#built-in-functions). */
import { EvaluationFailure } from './error.ts'
import { listFunctions } from './list-functions.ts'
import { objectFunctions } from './object-functions.ts'
import { type ArgumentType, type Definition } from './define.ts'
import { textFunctions } from './text-functions.ts'
import { valueFunctions } from './value-functions.ts'
import { isObject, isReference } from './value.ts'
import { plural } from '../plural.ts'

const fits: Record<ArgumentType, (value: unknown) => boolean> = {
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  array: (value) => Array.isArray(value),
  object: isObject,
  numbers: (value) => Array.isArray(value) && value.every((item) => typeof item === 'number'),
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  reference: isReference,
  any: () => true,
}

function checked(
  name: string,
  { parameters, optional = 0, variadic = false, call }: Definition,
): (args: unknown[]) => unknown {
  const least = parameters.length - optional
  return (args) => {
    if (args.length < least || (!variadic && args.length > parameters.length))
      throw new EvaluationFailure(`${name} does not take ${plural(args.length, 'argument')}`)
    args.forEach((arg, at) => {
      const types = parameters[Math.min(at, parameters.length - 1)]!
      if (!types.some((type) => fits[type](arg)))
        throw new EvaluationFailure(`${name} takes ${types.join(' or ')} as argument ${at + 1}`)
    })
    // The arguments were just checked against the types that `call` declares.
    return (call as (...args: unknown[]) => unknown)(...args)
  }
}

/** By name; each throws EvaluationFailure for arguments it doesn't take. */
export const functions: ReadonlyMap<string, (args: unknown[]) => unknown> = new Map(
  [...textFunctions, ...listFunctions, ...objectFunctions, ...valueFunctions].map(([name, definition]) => [
    name,
    checked(name, definition),
  ]),
)
