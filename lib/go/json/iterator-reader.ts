/**
 * A JSON reader that is exactly as strict and as lenient as Go's json-iterator. It reads what the runtime's
 * own parser refuses or reads differently.
 */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

interface Reader {
  text: string
  at: number
  depth: number
}

/** Returned for what could not be read; nothing throws. */
const malformed = Symbol('malformed')
type Result<T> = T | typeof malformed

const maxDepth = 1000

/** The next character after white space, consumed; '' at the end. */
function nextToken(reader: Reader): string {
  const { text } = reader
  while (' \n\t\r'.includes(text[reader.at] ?? 'x')) reader.at++
  return text[reader.at++] ?? ''
}

function takeWord(reader: Reader, word: string): boolean {
  if (!reader.text.startsWith(word, reader.at)) return false
  reader.at += word.length
  return true
}

const numberText = /[-+.eE0-9]*/y
/** After a first minus a plus may follow, and with it leading zeros: the Go code calls strconv.ParseFloat for such texts. */
const number = /^(?:(?:0|[1-9]\d*|\+\d+)(?:\.\d+)?|\+\.\d+)(?:[eE][+-]?\d+)?$/

// number = [ "-" [ "+" ] ] digits [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ]
function readNumber(reader: Reader): Result<number> {
  const negative = takeWord(reader, '-')
  numberText.lastIndex = reader.at
  const text = numberText.exec(reader.text)?.[0] ?? ''
  reader.at += text.length
  if (!number.test(text) || (!negative && text.startsWith('+'))) return malformed
  const value = Number(text)
  if (value === Infinity) return malformed
  return negative ? -value : value
}

const hexDigits = /[\da-fA-F]{4}/y

function readHex(reader: Reader): number {
  hexDigits.lastIndex = reader.at
  const match = hexDigits.exec(reader.text)
  if (match === null) return -1
  reader.at += 4
  return Number.parseInt(match[0], 16)
}

const shortEscapes: Record<string, string | undefined> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff
}

function letterOf(code: number): string {
  return isSurrogate(code) ? '\ufffd' : String.fromCharCode(code)
}

/** The letter of an escape sequence, after its backslash. */
function readEscape(reader: Reader): Result<string> {
  const { text } = reader
  const letter = text[reader.at++] ?? ''
  if (letter !== 'u') return shortEscapes[letter] ?? malformed
  const code = readHex(reader)
  if (code < 0) return malformed
  if (!isSurrogate(code)) return String.fromCharCode(code)
  if (text[reader.at] !== '\\') return reader.at < text.length ? '\ufffd' : malformed
  reader.at++
  if (text[reader.at] !== 'u') {
    const rest = readEscape(reader)
    return rest === malformed ? malformed : `\ufffd${rest}`
  }
  reader.at++
  const second = readHex(reader)
  if (second < 0) return malformed
  if (code < 0xdc00 && second >= 0xdc00 && second <= 0xdfff) return String.fromCharCode(code, second)
  return letterOf(code) + letterOf(second)
}

const plainEnd = /[\0-\x1f"\\]/g
const escapedEnd = /["\\]/g

/** The string after its opening quote. Control characters are refused up to the first backslash only. */
function readString(reader: Reader): Result<string> {
  const { text } = reader
  let result = ''
  let end = plainEnd
  for (;;) {
    end.lastIndex = reader.at
    const match = end.exec(text)
    if (match === null) return malformed
    result += text.slice(reader.at, match.index)
    reader.at = match.index + 1
    if (match[0] === '"') return result
    if (match[0] !== '\\') return malformed
    const letter = readEscape(reader)
    if (letter === malformed) return malformed
    result += letter
    end = escapedEnd
  }
}

/** The key before a colon. Where a key may be read by the general rule for strings, `null` is the empty one. */
function readKey(reader: Reader, quoted: boolean): Result<string> {
  const token = nextToken(reader)
  let key: Result<string> = malformed
  if (token === '"') key = readString(reader)
  else if (token === 'n' && !quoted && takeWord(reader, 'ull')) key = ''
  return key !== malformed && nextToken(reader) === ':' ? key : malformed
}

function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

// object = "{" [ key ":" value { "," key ":" value } ] "}"
function readObject(reader: Reader): Result<JsonObject> {
  const object: JsonObject = {}
  const start = reader.at
  if (nextToken(reader) === '}') return object
  reader.at = start
  let first = true
  for (;;) {
    const key = readKey(reader, first && reader.depth > 1)
    if (key === malformed) return malformed
    const value = readValue(reader)
    if (value === malformed) return malformed
    setOwn(object, key, value)
    const token = nextToken(reader)
    if (token === '}') return object
    if (token !== ',') return malformed
    first = false
  }
}

// array = "[" [ value { "," value } ] "]"
function readArray(reader: Reader): Result<JsonValue[]> {
  const items: JsonValue[] = []
  const start = reader.at
  if (nextToken(reader) === ']') return items
  reader.at = start
  for (;;) {
    const value = readValue(reader)
    if (value === malformed) return malformed
    items.push(value)
    const token = nextToken(reader)
    if (token === ']') return items
    if (token !== ',') return malformed
  }
}

function readNested<T>(reader: Reader, read: (reader: Reader) => Result<T>): Result<T> {
  if (reader.depth >= maxDepth) return malformed
  reader.depth++
  const value = read(reader)
  reader.depth--
  return value
}

// value = object | array | string | number | "true" | "false" | "null"
function readValue(reader: Reader): Result<JsonValue> {
  const token = nextToken(reader)
  if (token === '{') return readNested(reader, readObject)
  if (token === '[') return readNested(reader, readArray)
  if (token === '"') return readString(reader)
  if (token === 't') return takeWord(reader, 'rue') || malformed
  if (token === 'f') return takeWord(reader, 'alse') ? false : malformed
  if (token === 'n') return takeWord(reader, 'ull') ? null : malformed
  if (token === '') return malformed
  reader.at--
  return readNumber(reader)
}

/**
 * The value of a JSON text, or undefined if it is malformed. Beyond RFC 8259 json-iterator takes control characters in a
 * string after its first escape, `null` for the empty key, `-+1`, and anything after a NUL byte that follows the value.
 */
export function readJson(text: string): JsonValue | undefined {
  const reader = { text, at: 0, depth: 0 }
  const value = readValue(reader)
  if (value === malformed) return undefined
  const rest = nextToken(reader)
  return rest === '' || rest === '\0' ? value : undefined
}
