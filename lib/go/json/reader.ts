/** JSON as Go's encoding/json reads it, into values of the caller's kind. */

/** Makes the caller's values. */
export interface JsonBuilder<T> {
  /** `null`, `true` and `false`. */
  word(value: null | boolean): T
  string(text: string): T
  /** A number as it is written. */
  number(raw: string): T
  list(items: T[]): T
  /** Of equal keys the last one counts. */
  object(fields: Map<string, T>): T
}

/** Says what is wrong with a JSON text, and where. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonError'
  }
}

const maxDepth = 1000

interface Reader<T> {
  readonly text: string
  readonly build: JsonBuilder<T>
  at: number
}

/**
 * Reads a JSON text (RFC 8259). Halves of surrogate pairs become U+FFFD.
 *
 * @throws JsonError, with the offset in UTF-16 units from 0, for malformed text, text after the value, and nesting
 *   beyond 1,000 levels (Go stops at 10,000)
 */
export function readJson<T>(text: string, build: JsonBuilder<T>): T {
  const reader: Reader<T> = { text, build, at: 0 }
  const value = readValue(reader, 0)
  skipSpace(reader)
  if (reader.at < text.length) throw unexpected(reader, 'the end of the JSON text')
  return value
}

function unexpected(reader: Reader<unknown>, wanted: string): JsonError {
  const code = reader.text.codePointAt(reader.at)
  const found = code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code))
  return new JsonError(`invalid JSON at offset ${reader.at}: expected ${wanted}, found ${found}`)
}

function skipSpace(reader: Reader<unknown>): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
    reader.at++
  }
}

/** Takes `character` if it comes next after white space. */
function take(reader: Reader<unknown>, character: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== character) return false
  reader.at++
  return true
}

const wordOrNumber = /(true|false|null)|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

// value = object | array | string | number | "true" | "false" | "null"
function readValue<T>(reader: Reader<T>, depth: number): T {
  if (depth > maxDepth) throw new JsonError(`invalid JSON: nested deeper than ${maxDepth} levels`)
  const { build } = reader
  if (take(reader, '{')) return build.object(readFields(reader, depth))
  if (take(reader, '[')) return build.list(readElements(reader, depth))
  if (reader.text[reader.at] === '"') return build.string(readString(reader))
  wordOrNumber.lastIndex = reader.at
  const match = wordOrNumber.exec(reader.text)
  if (match === null) throw unexpected(reader, 'a value')
  reader.at = wordOrNumber.lastIndex
  if (match[1] === undefined) return build.number(match[0])
  return build.word(match[1] === 'null' ? null : match[1] === 'true')
}

// object = "{" [ string ":" value { "," string ":" value } ] "}"
function readFields<T>(reader: Reader<T>, depth: number): Map<string, T> {
  const fields = new Map<string, T>()
  if (take(reader, '}')) return fields
  do {
    skipSpace(reader)
    if (reader.text[reader.at] !== '"') throw unexpected(reader, 'a key in double quotes')
    const key = readString(reader)
    if (!take(reader, ':')) throw unexpected(reader, '":"')
    fields.set(key, readValue(reader, depth + 1))
  } while (take(reader, ','))
  if (!take(reader, '}')) throw unexpected(reader, '"," or "}"')
  return fields
}

// array = "[" [ value { "," value } ] "]"
function readElements<T>(reader: Reader<T>, depth: number): T[] {
  const elements: T[] = []
  if (take(reader, ']')) return elements
  do elements.push(readValue(reader, depth + 1))
  while (take(reader, ','))
  if (!take(reader, ']')) throw unexpected(reader, '"," or "]"')
  return elements
}

function readString(reader: Reader<unknown>): string {
  const start = reader.at
  let end = start + 1
  for (;;) {
    const code = reader.text.charCodeAt(end)
    if (Number.isNaN(code) || code < 0x20) {
      reader.at = Math.min(end, reader.text.length)
      throw unexpected(reader, 'the end of a string')
    }
    if (code === 0x22) break
    end += code === 0x5c ? 2 : 1
  }
  reader.at = end + 1
  try {
    return String(JSON.parse(reader.text.slice(start, end + 1))).replace(/\p{Surrogate}/gu, '\ufffd')
  } catch {
    throw new JsonError(`invalid JSON at offset ${start}: bad escape in a string`)
  }
}
