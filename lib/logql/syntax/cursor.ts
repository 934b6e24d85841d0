/** The parser's position in the tokens of a query, and its errors. */
import { LogqlError } from './error.ts'
import { type Token, type TokenKind, scan } from './scanner.ts'

/** Nesting of parentheses and operators, so that recursion stays far from the end of the stack. */
const MAX_DEPTH = 250

/** Operators in one query: long chains make trees that are as deep as they are long. */
const MAX_OPERATORS = 1000

/** Longer queries are refused, as Loki does. */
const MAX_LENGTH = 131_072

export interface Cursor {
  readonly tokens: readonly Token[]
  at: number
  depth: number
  operators: number
}

/** @throws {LogqlError} for a query that is too long or doesn't scan */
export function cursorOver(text: string): Cursor {
  if (text.length >= MAX_LENGTH)
    throw new LogqlError(`input size too long (${text.length} > ${MAX_LENGTH}): shorten the query`)
  return { tokens: scan(text), at: 0, depth: 0, operators: 0 }
}

/** The token `ahead` of the next one, the last one at the end. */
export function peek(cursor: Cursor, ahead = 0): Token {
  return cursor.tokens[Math.min(cursor.at + ahead, cursor.tokens.length - 1)]!
}

export function next(cursor: Cursor): Token {
  const found = peek(cursor)
  if (found.kind !== 'end') cursor.at++
  return found
}

/** Where the token before the next one ends. */
export function lastEnd(cursor: Cursor): number {
  return cursor.tokens[cursor.at - 1]?.end ?? 0
}

export function isMark(token: Token, mark: string): boolean {
  return token.kind === 'mark' && token.text === mark
}

export function isKeyword(token: Token, word: string): boolean {
  return token.kind === 'keyword' && token.text === word
}

/** Takes the mark if it is next. */
export function takeMark(cursor: Cursor, mark: string): boolean {
  if (!isMark(peek(cursor), mark)) return false
  cursor.at++
  return true
}

export function takeKeyword(cursor: Cursor, word: string): boolean {
  if (!isKeyword(peek(cursor), word)) return false
  cursor.at++
  return true
}

const kindNames: Record<TokenKind, string> = {
  name: 'name',
  keyword: 'keyword',
  function: 'function',
  string: 'string',
  number: 'number',
  duration: 'duration',
  bytes: 'size',
  range: 'range',
  flag: 'flag',
  mark: '',
  end: 'end of the query',
}

function shown(token: Token): string {
  if (token.kind === 'end') return kindNames.end
  const text = token.kind === 'range' ? `[${token.text}]` : token.text
  return `${kindNames[token.kind]} ${JSON.stringify(text)}`.trim()
}

/** The error for an unexpected token. */
export function unexpected(token: Token, expected: string): LogqlError {
  return new LogqlError(`syntax error: unexpected ${shown(token)}, expected ${expected}`, {
    offset: token.start,
  })
}

export function expectMark(cursor: Cursor, mark: string): Token {
  const found = peek(cursor)
  if (!isMark(found, mark)) throw unexpected(found, JSON.stringify(mark))
  return next(cursor)
}

export function expectKind(cursor: Cursor, kind: TokenKind, what: string): Token {
  const found = peek(cursor)
  if (found.kind !== kind) throw unexpected(found, what)
  return next(cursor)
}

/** Runs a parser one level deeper. */
export function nested<T>(cursor: Cursor, parse: () => T): T {
  if (cursor.depth >= MAX_DEPTH)
    throw new LogqlError(`nested more than ${MAX_DEPTH} levels deep: simplify the query`, {
      offset: peek(cursor).start,
    })
  cursor.depth++
  const value = parse()
  cursor.depth--
  return value
}

/** Counts an operator. @throws {LogqlError} when there are too many */
export function countOperator(cursor: Cursor): void {
  if (++cursor.operators > MAX_OPERATORS)
    throw new LogqlError(`more than ${MAX_OPERATORS} operators: split the query`, {
      offset: peek(cursor).start,
    })
}

/** A list separated by commas, without a trailing one. */
export function listOf<T>(cursor: Cursor, item: () => T): T[] {
  const items = [item()]
  while (takeMark(cursor, ',')) items.push(item())
  return items
}
