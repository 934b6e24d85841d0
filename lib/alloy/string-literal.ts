/** Strings of the config language to and from their values: Go's quoting rules, which Alloy uses. */
import { ValueError } from './value.ts'

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
}

const escapePattern = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]?))/gu

/**
 * The value of a string literal as it stands in a config, quotes included. A raw string (backticks) loses its
 * carriage returns and nothing else. `\x` and octal escapes are bytes of UTF-8; bytes that form no character
 * become U+FFFD. Rules: https://go.dev/ref/spec#String_literals.
 *
 * @throws ValueError for text that is no string literal.
 */
export function unquote(raw: string): string {
  const quote = raw[0]
  const body = raw.slice(1, -1)
  if (raw.length < 2 || raw.at(-1) !== quote || (quote !== '"' && quote !== '`')) {
    throw new ValueError(`expected a string in double quotes or backticks, found ${raw}`)
  }
  if (quote === '`') return body.replaceAll('\r', '')
  if (!body.includes('\\')) return body
  return decodeEscapes(body)
}

function decodeEscapes(body: string): string {
  let out = ''
  let bytes: number[] = []
  let at = 0
  const flush = (): void => {
    if (bytes.length > 0) out += Buffer.from(bytes).toString('utf8')
    bytes = []
  }
  for (const found of body.matchAll(escapePattern)) {
    if (found.index > at) flush()
    out += body.slice(at, found.index)
    at = found.index + found[0].length
    const [sequence, octal, hex, short, long, letter] = found
    if (octal !== undefined || hex !== undefined) {
      bytes.push(byteOf(sequence, octal === undefined ? parseInt(hex ?? '', 16) : parseInt(octal, 8)))
      continue
    }
    flush()
    out += letter === undefined ? characterOf(sequence, parseInt(short ?? long ?? '', 16)) : simpleOf(letter)
  }
  flush()
  return out + body.slice(at)
}

function byteOf(sequence: string, code: number): number {
  if (code > 0xff) throw new ValueError(`the escape sequence ${sequence} is larger than a byte`)
  return code
}

function characterOf(sequence: string, code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    throw new ValueError(`the escape sequence ${sequence} is no Unicode character`)
  }
  return String.fromCodePoint(code)
}

function simpleOf(letter: string): string {
  const value = simple[letter]
  if (value === undefined)
    throw new ValueError(`unknown escape sequence \\${letter}; write \\\\ for a backslash`)
  return value
}

const named: ReadonlyMap<string, string> = new Map(
  Object.entries(simple).map(([letter, value]) => [value, `\\${letter}`]),
)
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/**
 * `text` as a double-quoted string literal, equal to Go's `strconv.Quote`: what cannot be printed is escaped,
 * letters of every script stay. A lone surrogate becomes U+FFFD.
 */
export function quote(text: string): string {
  let out = '"'
  for (const c of text) out += named.get(c) ?? (printable.test(c) ? c : escapeOf(c))
  return `${out}"`
}

function escapeOf(c: string): string {
  const code = c.codePointAt(0) ?? 0
  if (code >= 0xd800 && code < 0xe000) return '\uFFFD'
  if (code < 0x20 || code === 0x7f) return `\\x${hexOf(code, 2)}`
  return code > 0xffff ? `\\U${hexOf(code, 8)}` : `\\u${hexOf(code, 4)}`
}

function hexOf(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}
