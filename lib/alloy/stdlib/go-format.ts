/** `string.format`: Go's fmt.Sprintf over values of the language; the printing itself is that of the templates. */
import { sprintf } from '../../go/template/print.ts'
import { goInt, list, map, type Value as GoValue } from '../../go/template/value.ts'
import { LogstreamError } from '../../errors.ts'
import { isInt64 } from '../../go/integer.ts'
import { compareText } from '../../go/strings/order.ts'
import { isFunction, isList, isObject, isSecret } from '../kinds.ts'
import { ValueError, type Capsule, type Value } from '../value.ts'
import { ODD_MAP } from './yaml.ts'

// What Alloy hands to Go's fmt: ints (uint64 above int64), float64, []interface {}, map[string]interface {}.
function goValue(value: Value): GoValue {
  if (typeof value === 'bigint') return isInt64(value) ? value : goInt('uint64', value)
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return list(value.map(goValue))
  if (isObject(value)) return map(new Map(Array.from(value, ([key, field]) => [key, goValue(field)])))
  if (isSecret(value)) return value.text
  // Go prints the address of a function.
  return isFunction(value) ? `(function ${value.name})` : capsuleValue(value)
}

function capsuleValue({ type, data, text = `(${type})` }: Capsule): GoValue {
  if (type === ODD_MAP) return oddMap(data as readonly (readonly [Value, Value])[])
  return { tag: 'object', type, kind: 'ptr', text: () => text, methods: new Map(), data }
}

/** The order in which Alloy prints keys of several types. */
const TYPES: readonly string[] = ['nil', 'string', 'uint64', 'int', 'float64', 'bool', 'object']

function rankOf(key: GoValue): number {
  if (key === null || key === undefined) return 0
  if (typeof key === 'object') return TYPES.indexOf(key.tag === 'int' ? 'uint64' : 'object')
  if (typeof key === 'number') return TYPES.indexOf('float64')
  return TYPES.indexOf(typeof key === 'bigint' ? 'int' : typeof key === 'boolean' ? 'bool' : 'string')
}

/** Go prints maps in the order of their keys. */
function oddMap(entries: readonly (readonly [Value, Value])[]): GoValue {
  const sorted = entries.map(([key, value]) => [goValue(key), goValue(value)] as const).toSorted(byKey)
  return {
    tag: 'object',
    type: 'map[interface {}]interface {}',
    kind: 'map',
    text: () => '',
    entries: sorted,
    methods: new Map(),
    data: entries,
  }
}

function numberOf(key: GoValue): bigint | number {
  return typeof key === 'object' && key?.tag === 'int' ? key.value : Number(key)
}

function byKey([a]: readonly [GoValue, GoValue], [b]: readonly [GoValue, GoValue]): number {
  const ranks = rankOf(a) - rankOf(b)
  if (ranks !== 0) return ranks
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const x = numberOf(a)
  const y = numberOf(b)
  return x < y ? -1 : x > y ? 1 : 0
}

/**
 * What Go's `fmt.Sprintf(format, args...)` returns; mistakes are printed into it, such as `%!d(string=abc)`.
 * Throws ValueError where the text would be huge.
 */
export function goFormat(format: string, args: readonly Value[]): string {
  try {
    return sprintf(format, args.map(goValue))
  } catch (error) {
    if (error instanceof LogstreamError) throw new ValueError(error.message)
    throw error
  }
}
