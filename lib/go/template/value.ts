/** The values of a template. Go tells ints from floats, lists of strings from lists of anything; so do these. */
import { LogstreamError } from '../../errors.ts'
import { compareText } from '../strings/order.ts'

/**
 * `bigint` is Go's int and `number` its float64; other integer types are a GoInt. `undefined` is a missing
 * value (a key that isn't there), `null` a nil in a list or map; they print alike but differ when a field of them is read.
 */
export type Value = string | boolean | bigint | number | null | undefined | GoInt | GoList | GoMap | GoObject

/** An integer that isn't an int: `int64`, `uint64`, `uint8`, or a named one such as time.Month with its text. */
export interface GoInt {
  readonly tag: 'int'
  readonly type: string
  readonly kind: 'int' | 'int64' | 'int32' | 'uint64' | 'uint8' | 'uint32'
  readonly value: bigint
  readonly text: string | undefined
  /** The methods of a named integer, as in GoObject. */
  readonly methods?: ReadonlyMap<string, TemplateFunction>
}

/** A slice. `elem` is Go's element type, such as `interface {}`, `string`, `int` or `[]interface {}`. */
export interface GoList {
  readonly tag: 'list'
  readonly elem: string
  readonly items: Value[]
  /** Go's nil slice: prints as an empty one, but is `null` in JSON. */
  readonly isNil: boolean
}

/** A map with string keys. `elem` is `interface {}` or `string`. */
export interface GoMap {
  readonly tag: 'map'
  readonly elem: string
  readonly isNil: boolean
  /** Use mapEntries; undefined until the data is loaded. */
  entries: Map<string, Value> | undefined
  /** The data of the template, asked key by key until something needs the whole map. */
  source: TemplateData | undefined
}

/** Anything with methods (time.Time, *semver.Version) and complex numbers. */
export interface GoObject {
  readonly tag: 'object'
  readonly type: string
  readonly kind: 'struct' | 'ptr' | 'complex128' | 'map'
  /** What String() returns. */
  text(): string
  /** Methods by Go name; their first argument is the object, which `params` leaves out. */
  readonly methods: ReadonlyMap<string, TemplateFunction>
  /** Its text in JSON; undefined for what JSON can't hold. */
  json?(): string
  /** Of a map whose keys aren't all strings, in the order in which Go prints them; it prints as a map, without `text`. */
  readonly entries?: readonly (readonly [Value, Value])[]
  readonly data: unknown
}

/** Go's parameter types. `any` is interface{}, `value` a reflect.Value. */
export type Param =
  | 'string'
  | 'int'
  | 'uint32'
  | 'float64'
  | 'bool'
  | 'any'
  | 'value'
  | 'map'
  | 'time'
  | 'version'
  | 'duration'

/** A function with arguments already checked against `params`. */
export type Callable = (...args: readonly unknown[]) => Value

/**
 * A function. `rest` is the type of the variadic part, undefined if there is none. An int argument arrives as a
 * number, and an int result is a bigint; throwing a LogstreamError ends the execution.
 */
export interface TemplateFunction {
  readonly params: readonly Param[]
  readonly rest: Param | undefined
  readonly call: Callable
}

/** Functions by name. */
export type FunctionMap = ReadonlyMap<string, TemplateFunction>

/** What a template reads: a lookup that a caller can answer without copying anything. A ReadonlyMap fits. */
export interface TemplateData {
  /** The value of a key, undefined if there is none. */
  get(name: string): Value
  /** All keys; asked only by templates that use the whole map (`{{ . }}`, `range .`). */
  keys(): Iterable<string>
}

/** The error of an execution; the executor adds where it happened. */
export function fault(reason: string): LogstreamError {
  return new LogstreamError('BAD_TEMPLATE', reason)
}

export function int64(value: bigint): GoInt {
  return { tag: 'int', type: 'int64', kind: 'int64', value: BigInt.asIntN(64, value), text: undefined }
}

/** An integer of another type; `type` is the name where it differs from the kind. */
export function goInt(
  kind: GoInt['kind'],
  value: bigint,
  type: string = kind,
  text?: string,
  methods?: GoInt['methods'],
): GoInt {
  return { tag: 'int', type, kind, value, text, methods }
}

/** The method of a value by its Go name, if it has one. */
export function methodOf(value: Value, name: string): TemplateFunction | undefined {
  if (typeof value !== 'object' || value === null || value.tag === 'list' || value.tag === 'map')
    return undefined
  return value.methods?.get(name)
}

export function list(items: Value[], elem = 'interface {}'): GoList {
  return { tag: 'list', elem, items, isNil: false }
}

export function nilList(elem = 'interface {}'): GoList {
  return { tag: 'list', elem, items: [], isNil: true }
}

export function map(entries: Map<string, Value> = new Map(), elem = 'interface {}'): GoMap {
  return { tag: 'map', elem, isNil: false, entries, source: undefined }
}

export const nilMap: GoMap = {
  tag: 'map',
  elem: 'interface {}',
  isNil: true,
  entries: new Map(),
  source: undefined,
}

/** The root of an execution: a map over the caller's data, of any values or of strings. */
export function dataMap(source: TemplateData, elem: 'interface {}' | 'string' = 'interface {}'): GoMap {
  return { tag: 'map', elem, isNil: false, entries: undefined, source }
}

export function mapGet(target: GoMap, key: string): Value {
  return target.source === undefined ? target.entries?.get(key) : target.source.get(key)
}

/** The entries, loaded from the data first if need be. */
export function mapEntries(target: GoMap): Map<string, Value> {
  const { source, entries } = target
  if (source === undefined && entries !== undefined) return entries
  const loaded = new Map<string, Value>()
  if (source !== undefined) for (const key of source.keys()) loaded.set(key, source.get(key))
  target.entries = loaded
  target.source = undefined
  return loaded
}

/** The keys in Go's order of strings, which is how ranges and printing walk a map. */
export function sortedKeys(target: GoMap): string[] {
  return [...mapEntries(target).keys()].toSorted(compareText)
}

/** Go's name of the type, as `%T` prints it. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'float64'
    default:
      if (value.tag === 'list') return `[]${value.elem}`
      return value.tag === 'map' ? `map[string]${value.elem}` : value.type
  }
}

/** Go's name of the kind, as reflect.Kind prints it. */
export function kindName(value: Value): string {
  if (value === undefined || value === null) return 'invalid'
  if (typeof value !== 'object') return typeName(value)
  if (value.tag === 'list') return 'slice'
  return value.tag === 'map' ? 'map' : value.kind
}

/** The truth of `if`: false for the zero of each type, nil, and what is empty. */
export function truth(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return Number.isNaN(value) || Boolean(value)
  if (value.tag === 'list') return value.items.length > 0
  if (value.tag === 'map') return mapEntries(value).size > 0
  return value.tag === 'int' ? value.value !== 0n : value.text() !== '(0+0i)'
}

/** The integer in a value of any integer type. */
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'object' && value !== null && value.tag === 'int' ? value.value : undefined
}

export function isUnsigned(value: Value): boolean {
  return typeof value === 'object' && value !== null && value.tag === 'int' && value.kind.startsWith('uint')
}
