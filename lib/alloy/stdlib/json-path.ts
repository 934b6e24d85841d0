/** `json_path`: what a JSON path finds in a JSON text, as the Go library ojg finds it. */
import { toStringValue } from '../convert.ts'
import { isList, isObject } from '../kinds.ts'
import type { FunctionValue, Value } from '../value.ts'
import { define } from './define.ts'
import { holds } from './json-path-filter.ts'
import { parsePath } from './json-path-parse.ts'
import type { Fragment, Path } from './json-path-tree.ts'
import { readJsonValue } from './json-read.ts'

/** `json_path(json, path)`: always a list, empty where nothing is found. Throws ValueError for bad JSON or paths. */
export const jsonPath: FunctionValue = define<[string, string]>(
  'json_path',
  [toStringValue, toStringValue],
  (text, path) => {
    const fragments = parsePath(path)
    const json = text.replace(/^\ufeff/, '')
    // ojg takes no text for null.
    return search(/^[ \t\r\n]*$/.test(json) ? null : readJsonValue(json, number), fragments)
  },
)

// Whole numbers are integers; what is too large or too exact for ojg's parser stays text.
function number(raw: string): Value {
  const match = /^(-?[0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(raw)
  const [, whole = '0', fraction = '', exponent = '0'] = match ?? []
  const power = Number(exponent)
  const integer = BigInt(whole)
  const size = integer < 0n ? -integer : integer
  if (size >= 9223372036854775800n || fraction.length >= 18 || Math.abs(power) > 1022)
    return raw.replace('+', '')
  return fraction === '' && power === 0 ? integer : Number(raw)
}

/** All values that the path leads to; an empty path leads nowhere. */
export function search(data: Value, path: Path): Value[] {
  const results: Value[] = []
  if (path.length > 0) walk({ path, root: data, results }, 0, data)
  return results
}

interface Search {
  readonly path: Path
  readonly root: Value
  readonly results: Value[]
}

function follow(search: Search, at: number, value: Value): void {
  if (at + 1 === search.path.length) search.results.push(value)
  else if (isList(value) || isObject(value)) walk(search, at + 1, value)
}

function walk(search: Search, at: number, value: Value): void {
  const fragment = search.path[at]!
  switch (fragment.kind) {
    case 'root':
    case 'self': {
      const start = fragment.kind === 'root' ? search.root : value
      if (at + 1 === search.path.length) search.results.push(start)
      else walk(search, at + 1, start)
      return
    }
    case 'descent':
      return descend(search, at, value, true)
    default:
      for (const found of step(fragment, value, search.root)) follow(search, at, found)
  }
}

// With steps after it: every container below, the deepest first, then this one. Without: the members of every
// container, and at last the start itself. That is the order of ojg.
function descend(search: Search, at: number, value: Value, top: boolean): void {
  const last = at + 1 === search.path.length
  const members = membersOf(value)
  if (last) search.results.push(...members)
  for (const member of members) if (isList(member) || isObject(member)) descend(search, at, member, false)
  if (!last) walk(search, at + 1, value)
  else if (top) search.results.push(value)
}

function membersOf(value: Value): readonly Value[] {
  if (isList(value)) return value
  return isObject(value) ? [...value.values()] : []
}

function nth(value: Value, index: number): Value[] {
  const found = isList(value) ? value.at(index) : undefined
  return found === undefined ? [] : [found]
}

function child(value: Value, name: string): Value[] {
  const found = isObject(value) ? value.get(name) : undefined
  return found === undefined ? [] : [found]
}

function step(fragment: Fragment, value: Value, root: Value): readonly Value[] {
  switch (fragment.kind) {
    case 'child':
      return child(value, fragment.name)
    case 'nth':
      return nth(value, fragment.index)
    case 'wildcard':
      return membersOf(value)
    case 'union':
      return fragment.items.flatMap((item) =>
        typeof item === 'string' ? child(value, item) : nth(value, item),
      )
    case 'slice':
      return isList(value) ? slice(value, fragment) : []
    case 'filter':
      return membersOf(value).filter((member) => holds(fragment.equation, member, root, search))
    default:
      return []
  }
}

function slice(
  list: readonly Value[],
  range: { start: number; end: number | undefined; step: number },
): Value[] {
  const { length } = list
  const start = range.start < 0 ? Math.max(0, length + range.start) : range.start
  let end = range.end ?? length
  if (end < 0) end = length + end
  const result: Value[] = []
  if (range.step === 0 || start >= length) return result
  if (range.step > 0) {
    for (let at = start; at < Math.min(end, length); at += range.step) result.push(list[at]!)
    return result
  }
  // Without an end, Go's "no end" is beyond the list, so that nothing lies between.
  for (let at = start; at > Math.max(end, -1); at += range.step) result.push(list[at]!)
  return result
}
