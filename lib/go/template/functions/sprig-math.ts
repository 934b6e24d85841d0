/** Sprig's functions of numbers. Integers are int64 and wrap around; the ones with an `f` calculate in decimals. */
import { fixed, variadic } from '../function.ts'
import { checkList } from '../limits.ts'
import { castFloat64, castInt64 } from '../cast.ts'
import { clampInt64, parseInt64 } from '../../strconv/integer.ts'
import { sprintOne } from '../print.ts'
import { type TemplateFunction, type Value, fault, int64, list } from '../value.ts'
import { type Decimal, add, divide, multiply, subtract, toDecimal, toDouble } from './decimal.ts'

type IntegerStep = (a: bigint, b: bigint) => bigint

function wrapped(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw fault('runtime error: integer divide by zero')
  return value
}

function fold(first: Value, rest: Value[], stepOf: IntegerStep): Value {
  return int64(rest.reduce<bigint>((a, b) => wrapped(stepOf(a, castInt64(b))), castInt64(first)))
}

function foldDecimal(first: Value, rest: Value[], stepOf: (a: Decimal, b: Decimal) => Decimal): number {
  let total = toDecimal(castFloat64(first))
  for (const value of rest) total = stepOf(total, toDecimal(castFloat64(value)))
  return toDouble(total)
}

function foldFloat(first: Value, rest: Value[], stepOf: (a: number, b: number) => number): number {
  return rest.reduce<number>((a, b) => stepOf(a, castFloat64(b)), castFloat64(first))
}

const largest: TemplateFunction = variadic(['any'], 'any', (first, ...rest) =>
  fold(first, rest, (a, b) => (b > a ? b : a)),
)

/** The numbers from `start` up or down to `stop`, without it. */
function numbers(start: number, stop: number, step: number): number[] {
  if (stop < start ? step >= 0 : step <= 0) return []
  const count = Math.ceil((stop - start) / step)
  checkList(count)
  return Array.from({ length: Math.max(count, 0) }, (_, i) => start + i * step)
}

function integers(values: number[]): Value {
  return list(
    values.map((value) => BigInt(value)),
    'int',
  )
}

/** Like the command seq: `end`, `start end` or `start step end`, both ends included. */
function sequence(...params: number[]): string {
  const [a = 0, b = 0, c = 0] = params
  if (params.length === 0 || params.length > 3) return ''
  const [start, end] = params.length === 1 ? [1, a] : [a, params.length === 2 ? b : c]
  const direction = end < start ? -1 : 1
  const step = params.length === 3 ? b : direction
  if (params.length === 3 && direction < 0 && step > 0) return ''
  return numbers(start, end + direction, step).join(' ')
}

function round(value: Value, places: number, ...options: number[]): number {
  const roundOn = options[0] ?? 0.5
  const power = 10 ** places
  const shifted = power * castFloat64(value)
  const fraction = shifted - Math.trunc(shifted)
  return (fraction >= roundOn ? Math.ceil(shifted) : Math.floor(shifted)) / power
}

/** Go's math.Max and math.Min, which prefer NaN, as JavaScript's do. */
const floats: readonly [string, TemplateFunction][] = [
  ['maxf', variadic(['any'], 'any', (first, ...rest) => foldFloat(first, rest, Math.max))],
  ['minf', variadic(['any'], 'any', (first, ...rest) => foldFloat(first, rest, Math.min))],
  ['add1f', fixed(['any'], (value) => foldDecimal(value, [1n], add))],
  ['addf', variadic([], 'any', (...values) => foldDecimal(0, values, add))],
  ['subf', variadic(['any'], 'any', (first, ...rest) => foldDecimal(first, rest, subtract))],
  ['mulf', variadic(['any'], 'any', (first, ...rest) => foldDecimal(first, rest, multiply))],
  ['divf', variadic(['any'], 'any', (first, ...rest) => foldDecimal(first, rest, divide))],
  ['floor', fixed(['any'], (value) => Math.floor(castFloat64(value)))],
  ['ceil', fixed(['any'], (value) => Math.ceil(castFloat64(value)))],
  ['round', variadic(['any', 'int'], 'float64', round)],
]

export const mathFunctions: readonly [string, TemplateFunction][] = [
  ...floats,
  ['atoi', fixed(['string'], clampInt64)],
  ['int', fixed(['any'], castInt64)],
  ['int64', fixed(['any'], (value) => int64(castInt64(value)))],
  ['float64', fixed(['any'], castFloat64)],
  ['toDecimal', fixed(['any'], (value) => int64(parseInt64(sprintOne(value), 8) ?? 0n))],
  ['add1', fixed(['any'], (value) => int64(castInt64(value) + 1n))],
  ['add', variadic([], 'any', (...values) => fold(0n, values, (a, b) => a + b))],
  ['sub', fixed(['any', 'any'], (a, b) => fold(a, [b], (x, y) => x - y))],
  ['mul', variadic(['any'], 'any', (first, ...rest) => fold(first, rest, (a, b) => a * b))],
  ['div', fixed(['any', 'any'], (a, b) => fold(a, [b], (x, y) => x / nonZero(y)))],
  ['mod', fixed(['any', 'any'], (a, b) => fold(a, [b], (x, y) => x % nonZero(y)))],
  ['max', largest],
  ['biggest', largest],
  ['min', variadic(['any'], 'any', (first, ...rest) => fold(first, rest, (a, b) => (b < a ? b : a)))],
  ['until', fixed(['int'], (count) => integers(numbers(0, count, count < 0 ? -1 : 1)))],
  ['untilStep', fixed(['int', 'int', 'int'], (start, stop, step) => integers(numbers(start, stop, step)))],
  ['seq', variadic([], 'int', sequence)],
]
