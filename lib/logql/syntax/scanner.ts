/**
 * The tokens of LogQL. Go's text/scanner rules apply to strings, numbers and names; a number directly before a unit is
 * a duration or a size, `[5m]` is one token, and the names of functions are only functions before a parenthesis.
 */
import { unquote } from '../../go/strconv/quote.ts'
import { wellFormed } from '../../go/strings/bytes.ts'
import { rangeFunctions } from '../metrics/range-functions.ts'
import { vectorFunctions } from '../metrics/vector-functions.ts'
import { LogqlError } from './error.ts'
import { convertBytes, parsePrometheusDuration, parseQueryDuration } from '../stages/units.ts'

export type TokenKind =
  | 'name'
  | 'keyword'
  /** The name of a function before `(`. */
  | 'function'
  | 'string'
  | 'number'
  | 'duration'
  | 'bytes'
  | 'range'
  | 'flag'
  | 'mark'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** What it means: the text of a string without quotes, a keyword in small letters, else the text as written. */
  readonly text: string
  /** Of a duration or range in nanoseconds, of a size in bytes; else 0. */
  readonly value: number
  readonly start: number
  readonly end: number
}

const keywords = new Set([
  ...['unwrap', 'by', 'without', 'bool', 'label_replace', 'offset', 'on', 'ignoring', 'group_left'],
  ...['group_right', 'or', 'and', 'unless', 'json', 'regexp', 'logfmt', 'unpack', 'pattern', 'label_format'],
  ...['line_format', 'decolorize', 'drop', 'keep'],
])

const functions = new Set<string>([
  ...Object.keys(rangeFunctions),
  ...Object.keys(vectorFunctions),
  ...['vector', 'label_replace', 'bytes', 'duration', 'duration_seconds', 'ip'],
])

const SKIPPED = /(?:[\s]|#[^\n]*)*/y
const NAME = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const NUMBER = /0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?[\d_]*)?/y
const DURATION_TAIL = /[\p{N}nuµmshdwy.]+/uy
const BYTES_TAIL = /[\p{N}BikKMGTP.]+/uy
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y
const FLAG = /--[\p{L}-]*/uy
const MARK = /[=!|]~|[!|]>|[!|<>=]=|[-+*/%^=<>|(){},.\]]/y
const CALL = /\s*(?:\(|(?:by|without)\s*\()/iy

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function token(kind: TokenKind, text: string, start: number, end: number, value = 0): Token {
  return { kind, text, value, start, end }
}

/** A number followed by a unit, or undefined. A minus before a duration is part of it. */
function measure(text: string, start: number, number: string): Token | undefined {
  const from = start + number.length
  const tail = matchAt(DURATION_TAIL, text, from)
  if (tail !== undefined) {
    const nanos = parseQueryDuration(number + tail)
    if (nanos !== undefined) return token('duration', number + tail, start, from + tail.length, nanos)
  }
  const sizeTail = number === '-' ? undefined : matchAt(BYTES_TAIL, text, from)
  if (sizeTail === undefined) return undefined
  const size = convertBytes(number + sizeTail)
  if ('problem' in size) return undefined
  return token('bytes', number + sizeTail, start, from + sizeTail.length, size.value)
}

/**
 * What is wrong with a number as Go reads it. A zero in front makes an octal number, which has no 8 and 9, and `0b` a binary
 * one, which Loki doesn't know: `0B` isn't a size, but `00B` and `0KB` are.
 */
function mistakeIn(number: string, after: string | undefined): string | undefined {
  if (number === '0' && (after === 'b' || after === 'B')) return 'LogQL cannot read 0B: write 0KB'
  if (/^0[\d_]*[89][\d_]*$/.test(number))
    return `invalid digit in the octal number ${number}: leave out its first 0`
  if (/[eE][+-]?$/.test(number)) return `the exponent of ${number} has no digits`
  if (/_$|__|_\D/.test(number)) return `an underscore must stand between digits, found ${number}`
  return undefined
}

function scanNumber(text: string, start: number, number: string): Token {
  const end = start + number.length
  const mistake = mistakeIn(number, text[end])
  if (mistake !== undefined) throw new LogqlError(mistake, { offset: start })
  return measure(text, start, number) ?? token('number', number, start, end)
}

function scanRange(text: string, start: number): Token {
  const close = text.indexOf(']', start)
  if (close < 0) throw new LogqlError("missing closing ']' in duration", { offset: start })
  const written = text.slice(start + 1, close)
  const nanos = parsePrometheusDuration(written)
  if (nanos === undefined) {
    const found = written === '' ? 'empty duration string' : `not a valid duration string: "${written}"`
    throw new LogqlError(`${found}; write a range such as [5m] or [1h30m]`, { offset: start })
  }
  return token('range', written, start, close + 1, nanos)
}

function scanString(text: string, start: number): Token {
  const written = matchAt(STRING, text, start)
  if (written === undefined)
    throw new LogqlError('literal not terminated: add the closing quote', { offset: start })
  const value = unquote(written)
  if (value === undefined)
    throw new LogqlError(`invalid escape in ${written}: double the backslash or use backticks`, {
      offset: start,
    })
  return token('string', wellFormed(value), start, start + written.length)
}

function scanName(text: string, start: number, name: string): Token {
  const end = start + name.length
  const small = name.toLowerCase()
  if (functions.has(small)) {
    if (matchAt(CALL, text, end) !== undefined) return token('function', small, start, end)
    if (small !== 'label_replace') return token('name', name, start, end)
  }
  return keywords.has(small) ? token('keyword', small, start, end) : token('name', name, start, end)
}

function scanMinus(text: string, start: number): Token {
  const flag = matchAt(FLAG, text, start)
  if (flag === '--strict' || flag === '--keep-empty') return token('flag', flag, start, start + flag.length)
  return measure(text, start, '-') ?? token('mark', '-', start, start + 1)
}

function scanOne(text: string, start: number): Token {
  const char = text[start]
  if (char === undefined) return token('end', '', start, start)
  if (char === '"' || char === '`') return scanString(text, start)
  if (char === '[') return scanRange(text, start)
  if (char === '-') return scanMinus(text, start)
  const name = matchAt(NAME, text, start)
  if (name !== undefined) return scanName(text, start, name)
  const number = matchAt(NUMBER, text, start)
  if (number !== undefined) return scanNumber(text, start, number)
  const mark = matchAt(MARK, text, start)
  if (mark !== undefined) return token('mark', mark, start, start + mark.length)
  const found = String.fromCodePoint(text.codePointAt(start) ?? 0)
  const hint = found === "'" ? '; write strings in double quotes or backticks' : ''
  throw new LogqlError(`syntax error: unexpected ${JSON.stringify(found)}${hint}`, { offset: start })
}

/**
 * All tokens of a query, the last of kind `end`.
 *
 * @throws {LogqlError} for an unfinished string or range, and for characters that LogQL has no use for
 */
export function scan(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(SKIPPED, text, at)?.length ?? 0
    const next = scanOne(text, at)
    tokens.push(next)
    if (next.kind === 'end') return tokens
    at = next.end
  }
}
