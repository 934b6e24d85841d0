/** Go's quoted strings and characters, read and written (strconv.Unquote, UnquoteChar, Quote). */
import { fromBytes, isPrint, runeOf, toBytes } from './strings.ts'

const simpleEscapes = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])

const numericEscape = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})/y

interface Piece {
  /** The character, as code point or byte. */
  code: number
  /** True if `code` is a byte (`\x`, octal) rather than a code point. */
  isByte: boolean
  next: number
}

/** One escape after its backslash at `at`; undefined if Go has no such escape. */
function unescape(text: string, at: number, quote: string): Piece | undefined {
  const char = text[at] ?? ''
  const simple = char === quote ? quote : simpleEscapes.get(char)
  if (simple !== undefined) return { code: simple.charCodeAt(0), isByte: false, next: at + 1 }
  numericEscape.lastIndex = at
  const match = numericEscape.exec(text)
  if (match === null) return undefined
  const [whole, hex, short, long, octal] = match
  const code =
    octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8)
  const isByte = hex !== undefined || octal !== undefined
  if (isByte ? code > 255 : code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return { code, isByte, next: at + whole.length }
}

/** The text of a Go string literal with its quotes, double or back; undefined if it is not one. */
export function unquote(literal: string): string | undefined {
  const quote = literal[0]
  const body = literal.slice(1, -1)
  if (quote === '`') return body.replaceAll('\r', '')
  let text = ''
  let raw = false
  for (let at = 0; at < body.length;) {
    const char = body[at] ?? ''
    if (char === '"' || char === '\n') return undefined
    if (char !== '\\') {
      text += char
      at++
      continue
    }
    const piece = unescape(body, at + 1, '"')
    if (piece === undefined) return undefined
    const isRaw = piece.isByte && piece.code >= 0x80
    text += isRaw ? String.fromCharCode(0xdc00 + piece.code) : String.fromCodePoint(piece.code)
    raw ||= isRaw
    at = piece.next
  }
  return raw ? fromBytes(toBytes(text)) : text
}

/** The code point of a Go character literal with its quotes; undefined if it is not exactly one. */
export function unquoteChar(literal: string): number | undefined {
  const body = literal.slice(1, -1)
  if (body.startsWith('\\')) {
    const piece = unescape(body, 1, "'")
    return piece !== undefined && piece.next === body.length ? piece.code : undefined
  }
  const code = body.codePointAt(0)
  if (code === undefined || body === "'") return undefined
  return String.fromCodePoint(code) === body ? runeOf(body) : undefined
}

const namedEscapes = new Map([...simpleEscapes].map(([letter, char]) => [char, `\\${letter}`]))

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}

function quoteOne(char: string, quote: string, asciiOnly: boolean): string {
  if (char === quote) return `\\${quote}`
  const named = namedEscapes.get(char)
  if (named !== undefined) return named
  const code = char.codePointAt(0) ?? 0
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`
  if (code < 0x80 ? code >= 0x20 && code !== 0x7f : !asciiOnly && isPrint(char)) return char
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  const rune = runeOf(char)
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`
}

/** Go's double-quoted literal of a text; with `asciiOnly` everything else is escaped, as `%+q` does. */
export function quoteText(text: string, asciiOnly = false): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  let quoted = '"'
  for (const char of text) quoted += quoteOne(char, '"', asciiOnly)
  return `${quoted}"`
}

/** Go's single-quoted literal of a code point. */
export function quoteChar(code: number, asciiOnly = false): string {
  const valid = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return `'${quoteOne(String.fromCodePoint(valid ? code : 0xfffd), "'", asciiOnly)}'`
}
