/** Go's encoding/json: how sprig's toJson writes values, and how fromJson reads them. */
import { JsonError, readJson } from '../../json/reader.ts'
import { type JsonDialect, jsonNumber, jsonString } from '../../json/writer.ts'
import { checkText, spend } from '../limits.ts'
import { wellFormed } from '../../strings/bytes.ts'
import { type GoList, type GoMap, type Value, list, map, mapEntries, sortedKeys } from '../value.ts'

/** How a value is written. */
export interface JsonStyle {
  readonly dialect: Exclude<JsonDialect, 'iterator'>
  /** The indent per level, empty for one line. */
  readonly indent: string
}

function enclose(open: string, parts: string[], close: string, style: JsonStyle, depth: number): string {
  if (parts.length === 0) return open + close
  checkText(parts.reduce((length, part) => length + part.length, 0))
  if (style.indent === '') return open + parts.join() + close
  const lineEnd = `\n${style.indent.repeat(depth)}`
  return `${open}${lineEnd}${style.indent}${parts.join(`,${lineEnd}${style.indent}`)}${lineEnd}${close}`
}

function writeList(value: GoList, style: JsonStyle, depth: number): string | undefined {
  if (value.isNil) return 'null'
  const parts: string[] = []
  for (const item of value.items) {
    const part = write(item, style, depth + 1)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return enclose('[', parts, ']', style, depth)
}

function writeMap(value: GoMap, style: JsonStyle, depth: number): string | undefined {
  if (value.isNil) return 'null'
  const entries = mapEntries(value)
  const parts: string[] = []
  for (const key of sortedKeys(value)) {
    const part = write(entries.get(key), style, depth + 1)
    if (part === undefined) return undefined
    parts.push(`${jsonString(key, style.dialect)}:${style.indent === '' ? '' : ' '}${part}`)
  }
  return enclose('{', parts, '}', style, depth)
}

function write(value: Value, style: JsonStyle, depth: number): string | undefined {
  spend(1)
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return jsonString(value, style.dialect)
  if (typeof value === 'number') return jsonNumber(value, style.dialect)
  if (typeof value !== 'object') return String(value)
  switch (value.tag) {
    case 'list':
      return writeList(value, style, depth)
    case 'map':
      return writeMap(value, style, depth)
    case 'int':
      return value.value.toString()
    case 'object':
    default:
      return value.json === undefined ? undefined : jsonString(value.json(), style.dialect)
  }
}

/** The JSON of a value; undefined for NaN and infinities, which JSON doesn't have. */
export function toJson(value: Value, style: JsonStyle): string | undefined {
  return write(value, style, 0)
}

/** The value of a JSON text, all numbers float64, too large ones nil; undefined for a string that isn't JSON. */
export function fromJson(text: string): Value {
  return parsedJson(text, () => null)
}

/** As fromJson, but a number that is too large makes it undefined: for Go that is a mistake of one value only. */
export function strictFromJson(text: string): Value {
  return parsedJson(text, (raw) => {
    throw new JsonError(`the number ${raw} is too large`)
  })
}

function parsedJson(text: string, tooLarge: (raw: string) => null): Value {
  try {
    return readJson<Value>(wellFormed(text), {
      word: (value) => value,
      string: (value) => value,
      number: (raw) => (Number.isFinite(Number(raw)) ? Number(raw) : tooLarge(raw)),
      list: (items) => list(items),
      object: (fields) => map(fields),
    })
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
