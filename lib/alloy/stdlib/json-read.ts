/** JSON text as values; the caller says what a number becomes, since encoding.from_json and json_path differ in it. */
import { ValueError, type Value } from '../value.ts'

const maxDepth = 1000

interface Reader {
  readonly text: string
  readonly number: (raw: string) => Value
  at: number
}

/**
 * The value of a JSON text. `number` gets each number as written. Throws ValueError with the offset (in UTF-16
 * units, from 0) for what is no JSON, for text after the value and for nesting beyond 1000 levels.
 */
export function readJson(text: string, number: (raw: string) => Value): Value {
  const reader: Reader = { text, number, at: 0 }
  const value = readValue(reader, 0)
  skipSpace(reader)
  if (reader.at < text.length) throw unexpected(reader, 'the end of the JSON text')
  return value
}

function unexpected(reader: Reader, wanted: string): ValueError {
  const code = reader.text.codePointAt(reader.at)
  const found = code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code))
  return new ValueError(`invalid JSON at offset ${reader.at}: expected ${wanted}, found ${found}`)
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
    reader.at++
  }
}

// Takes `character`, if it comes next after white space.
function take(reader: Reader, character: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== character) return false
  reader.at++
  return true
}

// value = object | array | string | number | "true" | "false" | "null"
function readValue(reader: Reader, depth: number): Value {
  if (depth > maxDepth) throw new ValueError(`invalid JSON: nested deeper than ${maxDepth} levels`)
  if (take(reader, '{')) return readObject(reader, depth)
  if (take(reader, '[')) return readArray(reader, depth)
  if (reader.text[reader.at] === '"') return readString(reader)
  const pattern = /(true|false|null)|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text)
  if (match === null) throw unexpected(reader, 'a value')
  reader.at = pattern.lastIndex
  if (match[1] === undefined) return reader.number(match[0])
  return match[1] === 'null' ? null : match[1] === 'true'
}

// object = "{" [ string ":" value { "," string ":" value } ] "}"
function readObject(reader: Reader, depth: number): Value {
  const fields = new Map<string, Value>()
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
function readArray(reader: Reader, depth: number): Value {
  const elements: Value[] = []
  if (take(reader, ']')) return elements
  do elements.push(readValue(reader, depth + 1))
  while (take(reader, ','))
  if (!take(reader, ']')) throw unexpected(reader, '"," or "]"')
  return elements
}

function readString(reader: Reader): string {
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
    // Half surrogates become U+FFFD, as in Go.
    return String(JSON.parse(reader.text.slice(start, end + 1))).replace(/\p{Surrogate}/gu, '\ufffd')
  } catch {
    throw new ValueError(`invalid JSON at offset ${start}: bad escape in a string`)
  }
}
