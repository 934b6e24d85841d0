/**
 * Cuts a config text into tokens and comments. It accepts any text: what is wrong becomes a diagnostic and the
 * scan continues, so that the parser can report everything in one pass.
 *
 *     letter        = any character of the Unicode class L | "_"
 *     digit         = any character of the Unicode class Nd
 *     decimal       = "0" ... "9"
 *     identifier    = letter { letter | digit }
 *     number        = decimal { decimal }
 *     float         = ( number [ "." { decimal } ] | "." number ) [ ( "e" | "E" ) [ "+" | "-" ] number ]
 *     string        = '"' { character | escape } '"' | "`" { character | newline } "`"
 *     escape        = "\" ( "a" | "b" | "f" | "n" | "r" | "t" | "v" | "\" | '"'
 *                         | 3 octal digits | "x" 2 hex | "u" 4 hex | "U" 8 hex )
 *     line_comment  = "//" { character }
 *     block_comment = "/*" { character | newline } "*" "/"
 */
import type { Comment } from './ast.ts'
import { type Diagnostic, errorAt } from './diagnostic.ts'
import type { Source } from './source.ts'
import type { Punctuation, Token, TokenKind } from './token.ts'

/** The result of a scan. The last token is always `eof`; comments are in source order. */
export interface ScanResult {
  readonly tokens: Token[]
  readonly comments: Comment[]
  readonly diagnostics: Diagnostic[]
}

const identifierPattern = /[\p{L}_][\p{L}\p{Nd}_]*/uy
const wholeIdentifier = /^[\p{L}_][\p{L}\p{Nd}_]*$/u
const numberPattern = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]*)?/y
const forbiddenPattern = /\0|\uFEFF/g
const simpleEscapes = 'abfnrtv\\"'

const punctuation: readonly Punctuation[] = [
  ...(['||', '&&', '==', '!=', '<=', '>='] as const),
  ...(['!', '=', '<', '>', '+', '-', '*', '/', '%', '^', '{', '}', '(', ')', '[', ']', ',', '.'] as const),
]

/** After these a line end ends the statement. */
const closers: ReadonlySet<TokenKind> = new Set<TokenKind>([
  ...(['identifier', 'number', 'float', 'string', 'bool', 'null'] as const),
  ...([')', ']', '}'] as const),
])

/** Whether `text` can be a name: of an attribute, of a block, as a block's label. */
export function isIdentifier(text: string): boolean {
  return wholeIdentifier.test(text) && !isKeyword(text)
}

/** Scans a whole text. Never throws; bad parts are in `diagnostics`, and come out as tokens where possible. */
export function scan(source: Source): ScanResult {
  return new Scanner(source).run()
}

function isKeyword(text: string): boolean {
  return text === 'true' || text === 'false' || text === 'null'
}

class Scanner {
  readonly #source: Source
  readonly #text: string
  readonly #tokens: Token[] = []
  readonly #comments: Comment[] = []
  readonly #diagnostics: Diagnostic[] = []
  #at = 0
  /** The line of the last token, and the offset of the line end after it. */
  #line = 1
  #lineEnd: number
  /** Whether the next line end ends the statement. */
  #endsStatement = false

  constructor(source: Source) {
    this.#source = source
    this.#text = source.text
    this.#lineEnd = this.#lineEndFrom(0)
  }

  run(): ScanResult {
    this.#findForbidden()
    if (this.#text.startsWith('\uFEFF')) this.#at = 1
    while (this.#next());
    return { tokens: this.#tokens, comments: this.#comments, diagnostics: this.#diagnostics }
  }

  /** Reads one token or comment; false after the end of the file. */
  #next(): boolean {
    this.#skipBlanks()
    const start = this.#at
    const c = this.#text[start]
    if (c === undefined) return this.#endOfFile()
    if (c === '\n') return this.#push('terminator', start + 1)
    if (c === '/' && (this.#text[start + 1] === '/' || this.#text[start + 1] === '*')) return this.#comment()
    const name = match(identifierPattern, this.#text, start)
    if (name !== undefined) return this.#push(wordKind(name), start + name.length)
    const number = match(numberPattern, this.#text, start)
    if (number !== undefined) return this.#number(number)
    if (c === '"' || c === "'" || c === '`') return this.#string(c)
    return this.#punctuation()
  }

  #push(kind: TokenKind, end: number): true {
    const start = this.#at
    const text = kind === 'terminator' ? '\n' : this.#text.slice(start, end)
    this.#tokens.push({ kind, text, range: { start, end }, line: this.#lineOf(start) })
    this.#endsStatement = closers.has(kind)
    this.#at = end
    return true
  }

  #lineOf(offset: number): number {
    for (; this.#lineEnd < offset; this.#line++) this.#lineEnd = this.#lineEndFrom(this.#lineEnd + 1)
    return this.#line
  }

  #lineEndFrom(offset: number): number {
    const end = this.#text.indexOf('\n', offset)
    return end < 0 ? Infinity : end
  }

  #error(start: number, end: number, message: string): void {
    this.#diagnostics.push(errorAt(this.#source, { start, end }, message))
  }

  /** Characters that are refused everywhere, in strings and comments too. */
  #findForbidden(): void {
    for (const found of this.#text.matchAll(forbiddenPattern)) {
      const at = found.index
      if (found[0] === '\0') this.#error(at, at + 1, 'a NUL character is not allowed in a config; remove it')
      else if (at > 0) {
        this.#error(at, at + 1, 'a byte order mark is allowed only as the first character; remove it')
      }
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const c = this.#text[this.#at]
      if (c !== ' ' && c !== '\t' && c !== '\r' && (c !== '\n' || this.#endsStatement)) return
      this.#at++
    }
  }

  #endOfFile(): false {
    if (this.#endsStatement) this.#push('terminator', this.#at)
    this.#push('eof', this.#at)
    return false
  }

  #number(text: string): true {
    const start = this.#at
    if (/[eE][+-]?$/.test(text)) {
      this.#error(start, start + text.length, `the number ${text} has no digits in its exponent`)
    }
    return this.#push(/^[0-9]+$/.test(text) ? 'number' : 'float', start + text.length)
  }

  #string(quote: '"' | "'" | '`'): true {
    const start = this.#at
    const end = this.#stringEnd(quote)
    if (quote !== "'") return this.#push('string', end)
    this.#error(start, end, `strings are not written with single quotes; use double quotes`)
    this.#push('illegal', end)
    this.#endsStatement = true
    return true
  }

  /** The offset after the string that starts here. Only raw strings go over line ends. */
  #stringEnd(quote: string): number {
    const text = this.#text
    let at = this.#at + 1
    for (;;) {
      const c = text[at]
      if (c === undefined || (c === '\n' && quote !== '`')) {
        this.#error(this.#at, at, `the string is not closed; expected ${quote}`)
        return at
      }
      at++
      if (c === quote) return at
      if (c === '\\' && quote !== '`') at = this.#escapeEnd(at)
    }
  }

  /**
   * The offset after the escape sequence whose backslash is before `at`; of a bad one only the good part.
   * The sequences are those of Go's interpreted strings (https://go.dev/ref/spec#String_literals).
   */
  #escapeEnd(at: number): number {
    const c = this.#text[at]
    if (c === undefined || c === '\n') {
      this.#error(at - 1, at, 'expected a character after the backslash')
      return at
    }
    if (simpleEscapes.includes(c)) return at + 1
    const octal = c >= '0' && c <= '7'
    const length = octal ? 3 : { x: 2, u: 4, U: 8 }[c]
    if (length === undefined) {
      const shown = String.fromCodePoint(this.#text.codePointAt(at) ?? 0)
      this.#error(
        at - 1,
        at + shown.length,
        `unknown escape sequence \\${shown}; write \\\\ for a backslash, or use a raw string in backticks`,
      )
      return at
    }
    return octal
      ? this.#codeEnd(at, 3, 8, 0xff)
      : this.#codeEnd(at + 1, length, 16, c === 'x' ? 0xff : 0x10ffff)
  }

  #codeEnd(start: number, length: number, base: 8 | 16, largest: number): number {
    const from = start - (base === 8 ? 1 : 2)
    const digit = base === 8 ? /[0-7]/ : /[0-9a-fA-F]/
    let at = start
    while (at < start + length && digit.test(this.#text[at] ?? '')) at++
    if (at < start + length) {
      const missing = `expected ${length} digits in the escape sequence, found ${at - start}`
      this.#error(from, at, missing)
      return at
    }
    const code = parseInt(this.#text.slice(start, at), base)
    if (code > largest || (code >= 0xd800 && code < 0xe000)) {
      this.#error(from, at, `the escape sequence ${this.#text.slice(from, at)} is not a Unicode character`)
    }
    return at
  }

  #punctuation(): true {
    const start = this.#at
    const found = punctuation.find((p) => this.#text.startsWith(p, start))
    if (found !== undefined) return this.#push(found, start + found.length)
    const c = String.fromCodePoint(this.#text.codePointAt(start) ?? 0)
    if (c === '|' || c === '&') {
      this.#error(start, start + 1, `expected ${c}${c}, found a single ${c}`)
      return this.#push(c === '|' ? '||' : '&&', start + 1)
    }
    if (c !== '\0' && c !== '\uFEFF') {
      this.#error(start, start + c.length, `the character ${JSON.stringify(c)} means nothing here`)
    }
    const before = this.#endsStatement
    this.#push('illegal', start + c.length)
    this.#endsStatement = before
    return true
  }

  /** A comment up to the line end counts as the line end: the statement ends before the comment. */
  #comment(): true {
    const start = this.#at
    if (this.#endsStatement && this.#commentsReachLineEnd(start)) return this.#push('terminator', start)
    const end = this.#commentEnd(start)
    if (end === undefined) this.#error(start, this.#text.length, 'the comment is not closed; expected */')
    this.#at = end ?? this.#text.length
    this.#comments.push(commentOf(this.#text, start, this.#at))
    this.#endsStatement = false
    return true
  }

  /** The offset after a comment, without the line end; undefined when it isn't closed. */
  #commentEnd(start: number): number | undefined {
    const line = this.#text[start + 1] === '/'
    const end = line ? this.#text.indexOf('\n', start) : this.#text.indexOf('*/', start + 2)
    if (end >= 0) return line ? end : end + 2
    return line ? this.#text.length : undefined
  }

  #commentsReachLineEnd(start: number): boolean {
    for (let at = start; ;) {
      if (this.#text[at + 1] === '/') return true
      const end = this.#commentEnd(at)
      if (end === undefined || this.#text.slice(at, end).includes('\n')) return true
      at = end
      while (' \t\r'.includes(this.#text[at] ?? '\n')) at++
      const c = this.#text[at]
      if (c === undefined || c === '\n') return true
      const next = this.#text[at + 1]
      if (c !== '/' || (next !== '/' && next !== '*')) return false
    }
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function wordKind(name: string): TokenKind {
  if (name === 'null') return 'null'
  return isKeyword(name) ? 'bool' : 'identifier'
}

/** Carriage returns aren't part of a comment. */
function commentOf(text: string, start: number, end: number): Comment {
  const raw = text.slice(start, end)
  const kept = raw.endsWith('\r') ? raw.slice(0, -1) : raw
  return { text: kept.replaceAll('\r', ''), range: { start, end: start + kept.length } }
}
