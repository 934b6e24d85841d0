/** The `array` namespace: joining lists of any kind, and lists of targets in the manner of SQL. */
import { convertAt } from '../convert.ts'
import { isList, isObject } from '../kinds.ts'
import { valuesEqual } from '../operators.ts'
import { typeName, ValueError, type FunctionValue, type ObjectValue, type Value } from '../value.ts'
import { countError, define, defineVariadic } from './define.ts'

// These functions take their arguments as they are: nothing is converted, null is refused.
function strict<T>(wanted: string, guard: (value: Value) => T | undefined): (value: Value) => T {
  return (value) => {
    const result = guard(value)
    if (result === undefined) throw new ValueError(`expected ${wanted}, found ${typeName(value)}`)
    return result
  }
}

const list = strict('array', (value) => (isList(value) ? value : undefined))
const object = strict('object', (value) => (isObject(value) ? value : undefined))
const string = strict('string', (value) => (typeof value === 'string' ? value : undefined))
const bool = strict('bool', (value) => (typeof value === 'boolean' ? value : undefined))

function objects(value: Value): readonly ObjectValue[] {
  return list(value).map((element, at) => convertAt(at, element, object))
}

// That keys are strings is looked at only where objects are compared, as in Alloy.
function conditions(value: Value): readonly Value[] {
  const keys = list(value)
  if (keys.length === 0)
    throw new ValueError('array.combine_maps takes at least one key to compare, found none')
  return keys
}

/** `array.concat(list, ...)`: the elements of all lists in order. */
export const concat: FunctionValue = defineVariadic('array.concat', list, (lists) =>
  // A single list stays what it is: a byte list still fits a string.
  lists.length === 1 ? lists[0]! : lists.flat(1),
)

// Missing keys never match, and 1 isn't 1.0 here.
function matches(left: ObjectValue, right: ObjectValue, keys: readonly Value[]): boolean {
  return keys.every((written, at) => {
    const key = convertAt(2, written, (value) => convertAt(at, value, string))
    const a = left.get(key)
    const b = right.get(key)
    return a !== undefined && b !== undefined && typeof a === typeof b && valuesEqual(a, b)
  })
}

/**
 * `array.combine_maps(left, right, keys, keep_left?)`: every pair whose values of all keys are equal, the right one
 * laid over the left. With `keep_left` each pair that doesn't match gives the left one again, as in Alloy.
 */
export const combineMaps: FunctionValue = {
  kind: 'function',
  name: 'array.combine_maps',
  call: (args) => {
    if (args.length !== 3 && args.length !== 4)
      throw countError(combineMaps.name, '3 or 4 arguments', args.length)
    const left = convertAt(0, args[0]!, objects)
    const right = convertAt(1, args[1]!, objects)
    const keys = convertAt(2, args[2]!, conditions)
    const keepLeft = args[3] !== undefined && convertAt(3, args[3], bool)
    const result: Value[] = []
    for (const a of left) {
      for (const b of right) {
        if (matches(a, b, keys)) result.push(new Map([...a, ...b]))
        else if (keepLeft) result.push(a)
      }
    }
    return result
  },
}

function keyOf(item: ObjectValue, at: number, key: string): string | undefined {
  const value = item.get(key)
  // The path leads into the first argument.
  return value === undefined
    ? undefined
    : convertAt(0, value, (v) => convertAt(at, v, (w) => convertAt(key, w, string)))
}

/**
 * `array.group_by(list, key, drop_missing)`: one `{<key> = value, items = [...]}` for each string value of the key,
 * in the order of first appearance (Alloy's order is random). Objects without the key are left out or under `""`.
 */
export const groupBy: FunctionValue = define<[readonly ObjectValue[], string, boolean]>(
  'array.group_by',
  [objects, string, bool],
  (items, key, dropMissing) => {
    const groups = new Map<string, Value[]>()
    items.forEach((item, at) => {
      const value = keyOf(item, at, key)
      if (value === undefined && dropMissing) return
      const group = groups.get(value ?? '')
      if (group === undefined) groups.set(value ?? '', [item])
      else group.push(item)
    })
    // With the key "items" the list wins, as in Alloy.
    return Array.from(
      groups,
      ([value, group]) =>
        new Map<string, Value>([
          [key, value],
          ['items', group],
        ]),
    )
  },
)
