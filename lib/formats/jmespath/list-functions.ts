/** JMESPath's functions of lists, and of lists or strings. */
import { compareText } from '../../go/strings/order.ts'
import { define, type Definition, variadic } from './define.ts'
import { EvaluationFailure } from './error.ts'
import { isReference, type Reference } from './value.ts'

type Key = number | string

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, x) => total + x, 0)
}

/** Below 0 if `a` comes first. NaN is in no order with anything. */
function order(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

function best(items: readonly Key[], sign: 1 | -1): Key | null {
  let found = items[0] ?? null
  for (const item of items) if (found !== null && order(item, found) * sign > 0) found = item
  return found
}

/** The key of each item: all numbers or all strings. */
function keysOf(items: readonly unknown[], by: Reference): Key[] {
  const keys = items.map(by)
  const type = typeof keys[0]
  if ((type !== 'number' && type !== 'string') || keys.some((key) => typeof key !== type))
    throw new EvaluationFailure(
      'the expression must be a number for every element, or a string for every one',
    )
  return keys as Key[]
}

/** A single element is the best without a look at its key. */
function bestBy(items: readonly unknown[], by: Reference, sign: 1 | -1): unknown {
  if (items.length < 2) return items[0] ?? null
  const keys = keysOf(items, by)
  let at = 0
  keys.forEach((key, i) => {
    if (order(key, keys[at]!) * sign > 0) at = i
  })
  return items[at]
}

/** Sorts the list itself, as go-jmespath does: what else leads to it sees the new order. */
function sortBy(items: unknown[], by: Reference): unknown[] {
  if (items.length < 2) return items
  const keys = keysOf(items, by)
  const sorted = items.map((item, i) => ({ item, key: keys[i]! })).sort((a, b) => order(a.key, b.key))
  sorted.forEach(({ item }, i) => (items[i] = item))
  return items
}

function contains(subject: unknown[] | string, wanted: unknown): boolean {
  if (typeof subject === 'string') return typeof wanted === 'string' && subject.includes(wanted)
  for (const item of subject) {
    if (item === wanted && !isUncomparable(item)) return true
    // Go panics, and takes the process along.
    if (isUncomparable(item) && sameKind(item, wanted))
      throw new EvaluationFailure('contains cannot compare lists, objects and references')
  }
  return false
}

function isUncomparable(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || isReference(value)
}

function sameKind(a: unknown, b: unknown): boolean {
  return typeof a === typeof b && b !== null && Array.isArray(a) === Array.isArray(b)
}

function lengthOf(value: string | unknown[] | Record<string, unknown>): number {
  if (typeof value === 'string') return [...value].length
  return Array.isArray(value) ? value.length : Object.keys(value).length
}

function zip(lists: readonly (readonly unknown[])[]): unknown[][] {
  const length = Math.min(...lists.map((list) => list.length))
  return Array.from({ length }, (_, at) => lists.map((list) => list[at]))
}

export const listFunctions: readonly (readonly [string, Definition])[] = [
  ['avg', define([['numbers']], (numbers) => (numbers.length === 0 ? null : sum(numbers) / numbers.length))],
  ['contains', define([['array', 'string'], ['any']], contains)],
  ['join', define([['string'], ['strings']], (separator, items) => items.join(separator))],
  ['length', define([['string', 'array', 'object']], lengthOf)],
  ['map', define([['reference'], ['array']], (each, items) => items.map((item) => each(item)))],
  ['max', define([['numbers', 'strings']], (items) => best(items, 1))],
  ['max_by', define([['array'], ['reference']], (items, by) => bestBy(items, by, 1))],
  ['min', define([['numbers', 'strings']], (items) => best(items, -1))],
  ['min_by', define([['array'], ['reference']], (items, by) => bestBy(items, by, -1))],
  [
    'reverse',
    define([['array', 'string']], (value) =>
      typeof value === 'string' ? [...value].reverse().join('') : [...value].reverse(),
    ),
  ],
  ['sort', define([['strings', 'numbers']], (items) => [...(items as Key[])].sort(order))],
  ['sort_by', define([['array'], ['reference']], sortBy)],
  ['sum', define([['numbers']], sum)],
  ['zip', { ...variadic('array', (...lists) => zip(lists)), parameters: [['array'], ['array']] }],
]
