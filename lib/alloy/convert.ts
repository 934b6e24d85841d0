/** What an evaluated value becomes in a field or parameter of a given type: Alloy's rules of decoding. */
import { parseBytes } from '../formats/bytes.ts'
import { parseDuration } from '../go/duration.ts'
import { parseFloat } from '../go/strconv/number.ts'
import { parseInt64 } from '../go/strconv/integer.ts'
import { fromBytes } from '../go/strings/bytes.ts'
import { bytesOf } from './bytes-value.ts'
import { toInt64, toUint64 } from '../go/integer.ts'
import { numberText } from './number-text.ts'
import { isList, isNumeric, isObject, isSecret } from './kinds.ts'
import { typeName, ValueError, type Secret, type Value } from './value.ts'

/** One step into a value: an index of a list, a key of an object. */
export type PathStep = number | string

/**
 * A ValueError of a part of a value: `path` leads from the value (in calls: the list of arguments) to the part, so
 * that the message can point at it in the source.
 */
export class NestedValueError extends ValueError {
  readonly path: readonly PathStep[]

  constructor(message: string, path: readonly PathStep[]) {
    super(message)
    this.name = 'NestedValueError'
    this.path = path
  }
}

/** Which integers a field takes: by default int64. */
export interface IntegerKind {
  readonly unsigned?: boolean
  readonly bits?: 8 | 16 | 32 | 64
}

/** `convert(value)`; an error in it is told to be at `step`. */
export function convertAt<T>(step: PathStep, value: Value, convert: (value: Value) => T): T {
  try {
    return convert(value)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    const rest = error instanceof NestedValueError ? error.path : []
    throw new NestedValueError(error.message, [step, ...rest])
  }
}

function expected(wanted: string, value: Value): ValueError {
  return new ValueError(`expected ${wanted}, found ${typeName(value)}`)
}

/** The text of a byte list; undefined for other values. */
function textOfBytes(value: Value): string | undefined {
  const bytes = bytesOf(value)
  return bytes === undefined ? undefined : fromBytes(bytes)
}

/**
 * A string field: text as it is, numbers in full without an exponent, byte lists and optional secrets as their
 * text, null as `''`. Throws ValueError for the rest, also for secrets.
 */
export function toStringValue(value: Value): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (isNumeric(value)) return numberText(value)
  if (isSecret(value)) {
    if (value.optional) return value.text
    throw new ValueError('expected string, found a secret; convert.nonsensitive makes it a string')
  }
  const text = textOfBytes(value)
  if (text === undefined) throw expected('string', value)
  return text
}

// What is a number as text, as in Alloy: with a minus an integer only ("-1.5" is none), with a point or an exponent a
// float, else an integer up to uint64 without a plus.
function parseNumber(text: string): bigint | number | undefined {
  if (text.startsWith('-')) return parseInt64(text)
  if (/[.eE]/.test(text)) return parseFloat(text)
  if (!/^[0-9]+$/.test(text)) return undefined
  const value = BigInt(text)
  return value < 2n ** 64n ? value : undefined
}

function toNumeric(value: Value): bigint | number {
  if (value === null) return 0n
  if (isNumeric(value)) return value
  const text = isSecret(value) && value.optional ? value.text : value
  if (typeof text !== 'string') throw expected('number', value)
  const parsed = parseNumber(text)
  if (parsed === undefined) throw new ValueError(`expected number, found the string ${JSON.stringify(text)}`)
  return parsed
}

/**
 * An integer field. Numeric text counts as a number, floats lose their fraction (2.9 is 2), null is 0. As in Go,
 * what doesn't fit wraps: -1 is 18446744073709551615 in an unsigned field of 64 bits. The result is rounded to a
 * double above 2^53. Throws ValueError for other types.
 */
export function toInt(value: Value, kind: IntegerKind = {}): number {
  const numeric = toNumeric(value)
  const bits = kind.bits ?? 64
  const result = kind.unsigned
    ? BigInt.asUintN(bits, toUint64(numeric))
    : BigInt.asIntN(bits, toInt64(numeric))
  return Number(result)
}

/** A float field: numbers and numeric text; null is 0. Throws ValueError for other types. */
export function toFloat(value: Value): number {
  return Number(toNumeric(value))
}

/** A bool field: bools only, nothing is converted; null is false. */
export function toBool(value: Value): boolean {
  if (value === null) return false
  if (typeof value !== 'boolean') throw expected('bool', value)
  return value
}

/** A duration field in nanoseconds, from text such as `1h30m`; null is 0. Numbers are refused (but `0`). */
export function toDuration(value: Value): number {
  if (value === null) return 0
  const text = toStringValue(value)
  const duration = parseDuration(text)
  if (duration !== undefined) return duration
  throw new ValueError(`expected a duration such as "5s" or "1h30m", found ${JSON.stringify(text)}`)
}

/** A size field in bytes, from text such as `1MiB`; `1KB` is 1024 too; null is 0. Bare numbers are refused. */
export function toSize(value: Value): number {
  if (value === null) return 0
  const text = toStringValue(value)
  const bytes = parseBytes(text)
  if (bytes !== undefined) return bytes
  throw new ValueError(`expected a size such as "512KiB" or "1MiB", found ${JSON.stringify(text)}`)
}

/** A list field; every element goes through `item`; null is the empty list. Throws NestedValueError for elements. */
export function toList<T>(value: Value, item: (value: Value) => T): T[] {
  if (value === null) return []
  if (!isList(value)) throw expected('array', value)
  return value.map((element, at) => convertAt(at, element, item))
}

/** A map field; every value goes through `item`; null is the empty map. Throws NestedValueError for values. */
export function toMap<T>(value: Value, item: (value: Value) => T): Map<string, T> {
  const result = new Map<string, T>()
  if (value === null) return result
  if (!isObject(value)) throw expected('object', value)
  for (const [key, element] of value) result.set(key, convertAt(key, element, item))
  return result
}

/** A secret field: secrets of both kinds and strings (numbers are refused); null is the empty secret. */
export function toSecret(value: Value): Secret {
  if (isSecret(value)) return { kind: 'secret', text: value.text, optional: false }
  if (value !== null && typeof value !== 'string') throw expected('secret or string', value)
  return { kind: 'secret', text: value ?? '', optional: false }
}

/** A field of an optional secret: as `toSecret`, but a string stays one that may be shown. */
export function toOptionalSecret(value: Value): Secret {
  if (isSecret(value)) return value
  return { ...toSecret(value), optional: true }
}
