/** The functions that every Go template has (https://pkg.go.dev/text/template#hdr-Functions). */
import { fixed, variadic } from '../function.ts'
import { queryEscape } from '../../query-escape.ts'
import { byteLength, byteSlice, runeOf, toBytes } from '../../strings/bytes.ts'
import { compareText } from '../../strings/order.ts'
import { isPrint } from '../../strings/print.ts'
import { sprint, sprintf, sprintln } from '../print.ts'
import {
  type FunctionMap,
  type GoMap,
  type TemplateFunction,
  type Value,
  fault,
  goInt,
  integerOf,
  isUnsigned,
  kindName,
  mapEntries,
  mapGet,
  truth,
  typeName,
} from '../value.ts'

const and = variadic(['value'], 'value', (first) => first)
const or = variadic(['value'], 'value', (first) => first)

/** The two functions that evaluate their arguments one by one, and the truth at which they stop. */
export const shortCircuits: ReadonlyMap<TemplateFunction, boolean> = new Map([
  [and, false],
  [or, true],
])

function isNil(value: Value): value is null | undefined {
  return value === null || value === undefined
}

/** The kinds that can be compared; the rest is undefined. */
function basicKind(value: Value): 'bool' | 'int' | 'uint' | 'float' | 'string' | 'complex' | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'float'
    case 'string':
      return 'string'
    default:
      if (integerOf(value) !== undefined) return isUnsigned(value) ? 'uint' : 'int'
      return kindName(value) === 'complex128' ? 'complex' : undefined
  }
}

function bothIntegers(a: string | undefined, b: string | undefined): boolean {
  return (a === 'int' || a === 'uint') && (b === 'int' || b === 'uint')
}

function incompatible(a: Value, b: Value): never {
  throw fault(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
}

/** Equality of what has no basic kind: nil with anything that can be nil, objects by identity. */
function equalOthers(a: Value, b: Value): boolean {
  if (!isNil(a) && !isNil(b) && kindName(a) !== kindName(b)) incompatible(a, b)
  const nilA = isNil(a) || (typeof a === 'object' && 'isNil' in a && a.isNil)
  const nilB = isNil(b) || (typeof b === 'object' && 'isNil' in b && b.isNil)
  if (nilA || nilB) return nilA === nilB
  if (typeof b === 'object' && b?.tag !== 'object')
    throw fault(`values of type ${typeName(b)} cannot be compared`)
  if (kindName(a) !== 'struct' || typeof a !== 'object' || typeof b !== 'object') return a === b
  return a?.tag === 'object' && b?.tag === 'object' && a.type === b.type && a.text() === b.text()
}

function equal(a: Value, b: Value): boolean {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (bothIntegers(kindA, kindB)) return integerOf(a) === integerOf(b)
  if (kindA !== kindB) return isNil(a) || isNil(b) ? false : incompatible(a, b)
  if (kindA === undefined) return equalOthers(a, b)
  return kindA === 'complex' ? sprint([a]) === sprint([b]) : a === b
}

/** -1, 0 or 1, NaN for a NaN; an error for what has no order. */
function order(a: Value, b: Value): number {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA === undefined || kindB === undefined) throw fault('invalid type for comparison')
  if (bothIntegers(kindA, kindB)) return Number((integerOf(a) ?? 0n) - (integerOf(b) ?? 0n))
  if (kindA !== kindB) incompatible(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN
  throw fault('invalid type for comparison')
}

function anyEqual(first: Value, ...others: Value[]): boolean {
  if (others.length === 0) throw fault('missing argument for comparison')
  return others.some((other) => equal(first, other))
}

/** An index as an integer within 0 and `limit`. */
function indexWithin(value: Value, limit: number): number {
  const index = integerOf(value)
  if (index === undefined)
    throw fault(`cannot index slice/array with ${isNil(value) ? 'nil' : `type ${typeName(value)}`}`)
  if (index < 0n || index > BigInt(limit)) throw fault(`index out of range: ${index}`)
  return Number(index)
}

/** The place of an element. The one behind the last passes the check, as in Go, and fails when it's read. */
function placeOf(value: Value, length: number, kind: 'slice' | 'string'): number {
  const place = indexWithin(value, length)
  if (place === length) throw fault(`reflect: ${kind} index out of range`)
  return place
}

function indexMap(item: GoMap, key: Value): Value {
  if (isNil(key)) throw fault('value is nil; should be of type string')
  if (typeof key !== 'string') throw fault(`value has type ${typeName(key)}; should be string`)
  const value = mapGet(item, key)
  if (value !== undefined) return value
  return item.elem === 'string' ? '' : null
}

function index(first: Value, ...indexes: Value[]): Value {
  if (first === undefined) throw fault('index of untyped nil')
  let item: Value = first
  for (const at of indexes) {
    if (isNil(item)) throw fault('index of untyped nil')
    if (typeof item === 'string') {
      const bytes = toBytes(item)
      item = goInt('uint8', BigInt(bytes[placeOf(at, bytes.length, 'string')]!))
    } else if (typeof item === 'object' && item.tag === 'list')
      item = item.items[placeOf(at, item.items.length, 'slice')]
    else if (typeof item === 'object' && item.tag === 'map') item = indexMap(item, at)
    else throw fault(`can't index item of type ${typeName(item)}`)
  }
  return item
}

function slice(item: Value, ...indexes: Value[]): Value {
  if (indexes.length > 3) throw fault(`too many slice indexes: ${indexes.length}`)
  const isText = typeof item === 'string'
  if (!isText && !(typeof item === 'object' && item?.tag === 'list')) {
    throw fault(isNil(item) ? 'slice of untyped nil' : `can't slice item of type ${typeName(item)}`)
  }
  if (isText && indexes.length === 3) throw fault('cannot 3-index slice a string')
  const length = isText ? byteLength(item) : item.items.length
  const [start = 0, end = length, limit = length] = indexes.map((at) => indexWithin(at, length))
  if (start > end) throw fault(`invalid slice index: ${start} > ${end}`)
  if (end > limit) throw fault(`invalid slice index: ${end} > ${limit}`)
  return isText ? byteSlice(item, start, end) : { ...item, items: item.items.slice(start, end) }
}

function length(item: Value): bigint {
  if (typeof item === 'string') return BigInt(byteLength(item))
  if (typeof item === 'object' && item?.tag === 'list') return BigInt(item.items.length)
  if (typeof item === 'object' && item?.tag === 'map') return BigInt(mapEntries(item).size)
  throw fault(`len of type ${typeName(item)}`)
}

/** The arguments of an escaper as one text. */
function textOf(values: readonly Value[]): string {
  return sprint(values.map((value) => (isNil(value) ? '<no value>' : value)))
}

const htmlEscapes = new Map([
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\0', '\ufffd'],
])

function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (char) => htmlEscapes.get(char) ?? char)
}

function escapeJsChar(char: string): string {
  if (char === '\\' || char === "'" || char === '"') return `\\${char}`
  const rune = runeOf(char)
  // What isn't UTF-8 passes, like the replacement character.
  if (rune === 0xfffd || (rune >= 0x80 && isPrint(char))) return char
  return `\\u${rune.toString(16).toUpperCase().padStart(4, '0')}`
}

function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\0-\x1f]|[^\0-\x7f]/gu, escapeJsChar)
}

function call(fn: Value): never {
  throw fault(isNil(fn) ? 'call of nil' : `a value of type ${typeName(fn)} is not a function`)
}

/** By name; a FunctionMap with the same name wins. */
export const builtins: FunctionMap = new Map<string, TemplateFunction>([
  ['and', and],
  ['or', or],
  ['not', fixed(['value'], (value) => !truth(value))],
  ['len', fixed(['value'], length)],
  ['index', variadic(['value'], 'value', index)],
  ['slice', variadic(['value'], 'value', slice)],
  ['call', variadic(['value'], 'value', call)],
  ['print', variadic([], 'any', (...values) => sprint(values))],
  ['println', variadic([], 'any', (...values) => sprintln(values))],
  ['printf', variadic(['string'], 'any', (format, ...values) => sprintf(format, values))],
  ['html', variadic([], 'any', (...values) => escapeHtml(textOf(values)))],
  ['js', variadic([], 'any', (...values) => escapeJs(textOf(values)))],
  ['urlquery', variadic([], 'any', (...values) => queryEscape(textOf(values)))],
  ['eq', variadic(['value'], 'value', anyEqual)],
  ['ne', fixed(['value', 'value'], (a, b) => !equal(a, b))],
  ['lt', fixed(['value', 'value'], (a, b) => order(a, b) < 0)],
  ['le', fixed(['value', 'value'], (a, b) => order(a, b) <= 0)],
  ['gt', fixed(['value', 'value'], (a, b) => !(order(a, b) <= 0))],
  ['ge', fixed(['value', 'value'], (a, b) => !(order(a, b) < 0))],
])
