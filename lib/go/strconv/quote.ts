/** Quoted strings and characters as Go's strconv package writes and reads them. Bytes that aren't UTF-8 are kept. */
import { fromBytes, runeOf, toBytes } from '../strings/bytes.ts'
import { isPrint } from '../strings/print.ts'

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])
const namedEscapes = new Map(Array.from(simpleEscapes, ([letter, char]) => [char, `\\${letter}`]))

/** Nothing to escape, in either form. */
const plainAscii = /^[ !#-[\]-~]*$/
const plain = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}

function escapeChar(char: string, mark: string, asciiOnly: boolean): string {
  if (char === mark) return `\\${mark}`
  const named = namedEscapes.get(char)
  if (named !== undefined) return named
  const code = char.codePointAt(0) ?? 0
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`
  const rune = runeOf(char)
  if (rune < 0x80 ? rune >= 0x20 && rune !== 0x7f : !asciiOnly && isPrint(String.fromCodePoint(rune)))
    return String.fromCodePoint(rune)
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`
}

/** `strconv.Quote`: the string in double quotes. What can't be printed is escaped, letters of every script stay. */
export function quote(text: string): string {
  return `"${escaped(text)}"`
}

/** What `quote` puts between the quotes. */
export function escaped(text: string): string {
  if (plainAscii.test(text)) return text
  if (plain.test(text) && !text.includes('"') && !text.includes('\\')) return text
  return escapeAll(text, false)
}

/** `strconv.QuoteToASCII`: the same, with every character beyond ASCII escaped. */
export function quoteToAscii(text: string): string {
  return `"${escapeAll(text, true)}"`
}

function escapeAll(text: string, asciiOnly: boolean): string {
  let result = ''
  for (const char of text) result += escapeChar(char, '"', asciiOnly)
  return result
}

/** `strconv.QuoteRune` of a code point; one that isn't valid is U+FFFD. */
export function quoteChar(code: number, asciiOnly = false): string {
  const valid = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return `'${escapeChar(String.fromCodePoint(valid ? code : 0xfffd), "'", asciiOnly)}'`
}

const numericEscape = /x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})/y

interface Escape {
  /** A code point, or a byte where `isByte` (`\x` and octal). */
  readonly code: number
  readonly isByte: boolean
  readonly end: number
}

/** The escape whose backslash is before `at`; undefined for one that Go doesn't have. */
function readEscape(text: string, at: number, mark: string): Escape | undefined {
  const char = text[at] ?? ''
  const simple = char === mark ? mark : simpleEscapes.get(char)
  if (simple !== undefined) return { code: simple.charCodeAt(0), isByte: false, end: at + 1 }
  numericEscape.lastIndex = at
  const match = numericEscape.exec(text)
  if (match === null) return undefined
  const [whole, byte, short, long, octal] = match
  const code =
    octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8)
  const isByte = byte !== undefined || octal !== undefined
  if (isByte ? code > 255 : code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return { code, isByte, end: at + whole.length }
}

/**
 * The value of what is between two quotes of the kind `mark`. Undefined for an unknown escape, a bare `mark` or a
 * line end.
 */
export function unescape(body: string, mark: '"' | "'"): string | undefined {
  if (body.includes('\n')) return undefined
  if (!body.includes('\\')) return body.includes(mark) ? undefined : body
  let text = ''
  let hasBytes = false
  for (let at = 0; at < body.length;) {
    const char = body[at]!
    if (char === mark) return undefined
    if (char !== '\\') {
      text += char
      at++
      continue
    }
    const escape = readEscape(body, at + 1, mark)
    if (escape === undefined) return undefined
    const isHigh = escape.isByte && escape.code >= 0x80
    text += isHigh ? String.fromCharCode(0xdc00 + escape.code) : String.fromCodePoint(escape.code)
    hasBytes ||= isHigh
    at = escape.end
  }
  // Bytes written one by one may make up a character.
  return hasBytes ? fromBytes(toBytes(text)) : text
}

/**
 * `strconv.Unquote`: the value of a string in double quotes or backticks, or of one character in single quotes.
 * Undefined for anything else.
 */
export function unquote(quoted: string): string | undefined {
  const mark = quoted[0]
  if (quoted.length < 2 || quoted.at(-1) !== mark) return undefined
  const body = quoted.slice(1, -1)
  if (mark === '"') return unescape(body, mark)
  if (mark === "'") {
    // Go takes '' for the empty string, and '\\xff' for a byte.
    const value = unescape(body, mark)
    return value === undefined || [...value].length > 1 ? undefined : value
  }
  if (mark !== '`' || body.includes('`')) return undefined
  return body.replaceAll('\r', '')
}

/** The code point of a character literal, quotes included; undefined for anything but exactly one character. */
export function unquoteChar(literal: string): number | undefined {
  const body = literal.slice(1, -1)
  if (body.startsWith('\\')) {
    const escape = readEscape(body, 1, "'")
    return escape !== undefined && escape.end === body.length ? escape.code : undefined
  }
  const code = body.codePointAt(0)
  if (code === undefined || body === "'" || body === '\n') return undefined
  return String.fromCodePoint(code) === body ? runeOf(body) : undefined
}
