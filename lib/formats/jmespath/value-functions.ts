/** JMESPath's functions of numbers and of any value. */
import { marshalSorted } from '../../go/json/writer.ts'
import { parseFloat } from '../../go/strconv/number.ts'
import { define, type Definition, variadic } from './define.ts'
import { EvaluationFailure } from './error.ts'
import { isReference } from './value.ts'

function toText(value: unknown): string {
  if (typeof value === 'string') return value
  const text = marshalSorted(value)
  if (text === undefined) throw new EvaluationFailure('JSON has no NaN, no infinity and no reference')
  return text
}

function toNumber(value: unknown): number | null {
  refuseReference(value)
  if (typeof value === 'number') return value
  return typeof value === 'string' ? (parseFloat(value) ?? null) : null
}

function typeName(value: unknown): string {
  refuseReference(value)
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function refuseReference(value: unknown): void {
  if (isReference(value)) throw new EvaluationFailure('a reference is not a value')
}

export const valueFunctions: readonly (readonly [string, Definition])[] = [
  ['abs', define([['number']], (x) => Math.abs(x))],
  ['ceil', define([['number']], (x) => Math.ceil(x))],
  ['floor', define([['number']], (x) => Math.floor(x))],
  ['not_null', variadic('any', (...values) => values.find((value) => value !== null) ?? null)],
  ['to_array', define([['any']], (value) => (Array.isArray(value) ? value : [value]))],
  ['to_number', define([['any']], toNumber)],
  ['to_string', define([['any']], toText)],
  ['type', define([['any']], typeName)],
]
