/** Sprig's functions of dicts. Dicts are shared and changed in place, as Go's maps are. */
import { fixed, variadic } from '../function.ts'
import { spend } from '../limits.ts'
import { sprintOne } from '../print.ts'
import {
  type GoMap,
  type TemplateFunction,
  type Value,
  fault,
  list,
  map,
  mapEntries,
  mapGet,
  sortedKeys,
  typeName,
} from '../value.ts'
import { isEmpty } from './sprig-lists.ts'

function dict(...values: Value[]): Value {
  const entries = new Map<string, Value>()
  for (let i = 0; i < values.length; i += 2) {
    entries.set(sprintOne(values[i]), i + 1 < values.length ? values[i + 1] : '')
  }
  return map(entries)
}

function get(target: GoMap, key: string): Value {
  const value = mapGet(target, key)
  return value === undefined ? '' : value
}

function set(target: GoMap, key: string, value: Value): Value {
  if (target.isNil) throw fault(`cannot set ${JSON.stringify(key)} in a nil map; make one with dict`)
  mapEntries(target).set(key, value)
  return target
}

function unset(target: GoMap, key: string): Value {
  mapEntries(target).delete(key)
  return target
}

function has(target: GoMap, key: string): boolean {
  return mapEntries(target).has(key)
}

function pluck(key: string, ...dicts: GoMap[]): Value {
  return list(dicts.filter((target) => has(target, key)).map((target) => mapGet(target, key)))
}

function pick(target: GoMap, ...keys: string[]): Value {
  return map(new Map(keys.filter((key) => has(target, key)).map((key) => [key, mapGet(target, key)])))
}

function omit(target: GoMap, ...keys: string[]): Value {
  const omitted = new Set(keys)
  return map(new Map([...mapEntries(target)].filter(([key]) => !omitted.has(key))))
}

function isDict(value: Value): value is GoMap {
  return typeof value === 'object' && value !== null && value.tag === 'map'
}

/** `dig "a" "b" default dict`. */
function dig(...args: Value[]): Value {
  if (args.length < 3) throw fault('dig needs a key, a default and a dict')
  const keys = args.slice(0, -2)
  const fallback = args.at(-2)
  let target = args.at(-1)
  for (const key of keys) {
    if (!isDict(target) || target.elem === 'string')
      throw fault(`cannot dig in a ${typeName(target)}; expected a dict`)
    if (typeof key !== 'string') throw fault(`dig by a key of type ${typeName(key)}; expected string`)
    if (!has(target, key)) return fallback
    target = mapGet(target, key)
  }
  return target
}

/** Fills what is missing or empty, or with `overwrite` everything; dicts within dicts are merged, not replaced. */
function mergeInto(target: GoMap, source: GoMap, overwrite: boolean): void {
  const entries = mapEntries(target)
  for (const [key, value] of [...mapEntries(source)]) {
    spend(1)
    const known = entries.get(key)
    if (value === null || value === undefined) {
      if (overwrite) entries.set(key, null)
      continue
    }
    if (isDict(value) && isDict(known) && !known.isNil) mergeInto(known, value, overwrite)
    if (isDict(value) && isDict(known) && !isEmpty(known)) continue
    if (overwrite || !entries.has(key) || isEmpty(known)) entries.set(key, value)
  }
}

function merging(overwrite: boolean): TemplateFunction {
  return variadic(['map'], 'map', (first, ...sources) => {
    const target = first.isNil && sources.length > 0 ? map() : first
    for (const source of sources) mergeInto(target, source, overwrite)
    return target
  })
}

function copy(value: Value): Value {
  spend(1)
  if (typeof value !== 'object' || value === null) return value
  if (value.tag === 'list') return { ...value, items: value.items.map((item) => copy(item)) }
  if (value.tag !== 'map') return value
  return map(new Map([...mapEntries(value)].map(([key, item]) => [key, copy(item)])), value.elem)
}

const deepCopy: TemplateFunction = fixed(['any'], (value) => {
  if (value === null) throw fault('deepCopy of nil')
  return copy(value)
})

export const dictFunctions: readonly [string, TemplateFunction][] = [
  ['dict', variadic([], 'any', dict)],
  ['get', fixed(['map', 'string'], get)],
  ['set', fixed(['map', 'string', 'any'], set)],
  ['unset', fixed(['map', 'string'], unset)],
  ['hasKey', fixed(['map', 'string'], has)],
  ['pluck', variadic(['string'], 'map', pluck)],
  ['keys', variadic([], 'map', (...dicts) => list(dicts.flatMap(sortedKeys), 'string'))],
  ['values', fixed(['map'], (target) => list(sortedKeys(target).map((key) => mapGet(target, key))))],
  ['pick', variadic(['map'], 'string', pick)],
  ['omit', variadic(['map'], 'string', omit)],
  ['dig', variadic([], 'any', dig)],
  ['merge', merging(false)],
  ['mustMerge', merging(false)],
  ['mergeOverwrite', merging(true)],
  ['mustMergeOverwrite', merging(true)],
  ['deepCopy', deepCopy],
  ['mustDeepCopy', deepCopy],
]
