/** Sprig's functions of lists. The ones with `must` are the same here: a mistake ends the execution either way. */
import { identity } from '../equality.ts'
import { fixed, variadic } from '../function.ts'
import { castInt64 } from '../cast.ts'
import { compareText } from '../../strings/order.ts'
import {
  type GoList,
  type TemplateFunction,
  type Value,
  fault,
  kindName,
  list,
  nilList,
  truth,
} from '../value.ts'
import { textList } from './sprig-strings.ts'

function isList(value: Value): value is GoList {
  return typeof value === 'object' && value !== null && value.tag === 'list'
}

function itemsOf(value: Value, what: string): Value[] {
  if (!isList(value)) throw fault(`cannot ${what} a ${kindName(value)}; expected a list`)
  return value.items
}

/** Nil for an empty list. */
function sliceOf(value: Value, ...indexes: Value[]): Value {
  const items = itemsOf(value, 'slice')
  if (items.length === 0 || !isList(value)) return null
  const [start, end] = [
    castInt64(indexes[0]),
    indexes.length < 2 ? BigInt(items.length) : castInt64(indexes[1]),
  ]
  if (start < 0n || end < start || end > BigInt(items.length)) {
    throw fault(`elements ${start} to ${end} are not within the list of ${items.length}`)
  }
  return { ...value, items: items.slice(Number(start), Number(end)) }
}

function chunk(size: number, value: Value): Value {
  const items = itemsOf(value, 'chunk')
  if (size < 1) throw fault(`chunks of ${size} elements; expected 1 or more`)
  const chunks: Value[] = []
  for (let at = 0; at < items.length; at += size) chunks.push(list(items.slice(at, at + size)))
  return list(chunks, '[]interface {}')
}

function uniq(value: Value): Value {
  const seen = new Set<string>()
  const kept = itemsOf(value, 'make unique').filter((item) => {
    const key = identity(item)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
  return list(kept)
}

function without(value: Value, ...omitted: Value[]): Value {
  const keys = new Set(omitted.map((item) => identity(item)))
  return list(itemsOf(value, 'take something from').filter((item) => !keys.has(identity(item))))
}

function has(needle: Value, value: Value): boolean {
  if (value === null) return false
  const key = identity(needle)
  return itemsOf(value, 'search').some((item) => identity(item) === key)
}

/** A list of strings is sorted in place, as in Go. */
function sortAlpha(value: Value): Value {
  const texts = value === null ? ['<nil>'] : textList(value).toSorted(compareText)
  if (isList(value) && value.elem === 'string') texts.forEach((text, i) => (value.items[i] = text))
  return list(texts, 'string')
}

function concat(...lists: Value[]): Value {
  const items = lists.flatMap((value) => itemsOf(value, 'concatenate'))
  return items.length === 0 ? nilList() : list(items)
}

/** What is left of a list without its first or last element; a nil list for an empty one. */
function part(start: number, end: number | undefined, what: string): TemplateFunction {
  return fixed(['any'], (value) => {
    const items = itemsOf(value, what)
    return items.length === 0 ? nilList() : list(items.slice(start, end))
  })
}

/** Each under its name and, with a capital, after `must`. */
const strict: readonly [string, TemplateFunction][] = [
  ['append', fixed(['any', 'any'], (value, item) => list([...itemsOf(value, 'append to'), item]))],
  ['push', fixed(['any', 'any'], (value, item) => list([...itemsOf(value, 'push on'), item]))],
  ['prepend', fixed(['any', 'any'], (value, item) => list([item, ...itemsOf(value, 'prepend to')]))],
  ['first', fixed(['any'], (value) => itemsOf(value, 'take the first of')[0])],
  ['last', fixed(['any'], (value) => itemsOf(value, 'take the last of').at(-1))],
  ['rest', part(1, undefined, 'take the rest of')],
  ['initial', part(0, -1, 'take the initial part of')],
  ['reverse', fixed(['any'], (value) => list(itemsOf(value, 'reverse').toReversed()))],
  ['compact', fixed(['any'], (value) => list(itemsOf(value, 'compact').filter((item) => !isEmpty(item))))],
  ['uniq', fixed(['any'], uniq)],
  ['without', variadic(['any'], 'any', without)],
  ['has', fixed(['any', 'any'], has)],
  ['slice', variadic(['any'], 'any', sliceOf)],
  ['chunk', fixed(['int', 'any'], chunk)],
]

/** Nil, zero, false and what has no elements. */
export function isEmpty(value: Value): boolean {
  return Number.isNaN(value) ? false : !truth(value)
}

const listOf: TemplateFunction = variadic([], 'any', (...values) => list(values))

export const listFunctions: readonly [string, TemplateFunction][] = [
  ...strict,
  ...strict.map(([name, fn]): [string, TemplateFunction] => [
    `must${name[0]?.toUpperCase()}${name.slice(1)}`,
    fn,
  ]),
  ['list', listOf],
  ['tuple', listOf],
  ['concat', variadic([], 'any', concat)],
  ['sortAlpha', fixed(['any'], sortAlpha)],
]
