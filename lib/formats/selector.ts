/** The selectors of `stage.match`, `{app="web", env=~"p.+"} |= "text"`: a small, strict part of LogQL. */
import { LogstreamError } from '../errors.ts'
import { unquote } from '../go/strconv/quote.ts'
import { wellFormed } from '../go/strings/bytes.ts'
import { compile, compileAnchored, type Regexp } from '../go/regexp/regexp.ts'

export type MatcherOperator = '=' | '!=' | '=~' | '!~'
export type FilterOperator = '|=' | '!=' | '|~' | '!~'

export interface Matcher {
  readonly name: string
  readonly operator: MatcherOperator
  readonly value: string
}

export interface LineFilter {
  readonly operator: FilterOperator
  readonly text: string
}

export interface Selector {
  readonly matchers: readonly Matcher[]
  readonly filters: readonly LineFilter[]
}

/** What a selector needs to know of a label set. Instances must not change: results are kept by identity. */
export interface SelectedLabels {
  get(name: string): string | undefined
}

export interface CompiledSelector {
  /** Whether the labels and the line are selected. A label that isn't there is the empty text. */
  matches(labels: SelectedLabels, line: string): boolean
  /** The part that the labels decide. */
  matchesLabels(labels: SelectedLabels): boolean
  /** The part that the line decides; `undefined`: any line will do. */
  readonly matchesLine: ((line: string) => boolean) | undefined
}

// ---- scanning ----

type TokenKind = 'word' | 'text' | 'mark' | 'end'

interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly offset: number
}

interface Scanner {
  readonly text: string
  at: number
  token: Token
}

/** Blanks and comments, as in Go. */
const SKIPPED = /(?:[ \t\r\n]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/y
const MARK = /[=!|]~|[!|]=|[={},.()]/y
/** A name, a number as Go's scanner cuts it, or any character. */
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*|0[bBoOxX][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|./suy

function take(scanner: Scanner, pattern: RegExp): string | undefined {
  pattern.lastIndex = scanner.at
  const found = pattern.exec(scanner.text)?.[0]
  if (found !== undefined) scanner.at += found.length
  return found
}

function refuse(text: string, offset: number, message: string): LogstreamError {
  return new LogstreamError('BAD_SELECTOR', `bad selector ${text}: offset ${offset}: ${message}`, {
    option: 'selector',
  })
}

function advance(scanner: Scanner): Token {
  const passed = scanner.token
  take(scanner, SKIPPED)
  const offset = scanner.at
  const { text } = scanner
  if (offset >= text.length) scanner.token = { kind: 'end', text: '', offset }
  else if (text[offset] === '"') scanner.token = { kind: 'text', text: quoted(scanner), offset }
  else if (text[offset] === "'" || text[offset] === '`')
    throw refuse(text, offset, `expected a string in double quotes, found ${text[offset]}`)
  else {
    const mark = take(scanner, MARK)
    scanner.token =
      mark === undefined
        ? { kind: 'word', text: take(scanner, WORD) ?? '', offset }
        : { kind: 'mark', text: mark, offset }
  }
  return passed
}

// text = `"` { letter | `\` escape } `"`
function quoted(scanner: Scanner): string {
  const offset = scanner.at
  const raw = take(scanner, QUOTED)
  if (raw === undefined) throw refuse(scanner.text, offset, 'expected a closing " on the same line')
  const value = unquote(raw)
  if (value === undefined)
    throw refuse(scanner.text, offset, `expected one of Go's escapes, such as \\\\ or \\n, in ${raw}`)
  return wellFormed(value)
}

// ---- parsing ----

const MATCHER_OPERATORS = new Set(['=', '!=', '=~', '!~'])
const FILTER_OPERATORS = new Set(['|=', '!=', '|~', '!~'])

function expect(scanner: Scanner, expected: string, fits: (token: Token) => boolean): string {
  const { token } = scanner
  if (!fits(token)) {
    const found = token.kind === 'end' ? 'the end' : token.kind === 'text' ? 'a string' : `\`${token.text}\``
    throw refuse(scanner.text, token.offset, `expected ${expected}, found ${found}`)
  }
  return advance(scanner).text
}

const isMark =
  (mark: string) =>
  (token: Token): boolean =>
    token.kind === 'mark' && token.text === mark
const isText = (token: Token): boolean => token.kind === 'text'
const isName = (token: Token): boolean => token.kind === 'word' && /^[\p{L}\d_]/u.test(token.text)
const isMatcherOperator = (token: Token): boolean =>
  token.kind === 'mark' && MATCHER_OPERATORS.has(token.text)
const isFilterOperator = (token: Token): boolean => token.kind === 'mark' && FILTER_OPERATORS.has(token.text)

/**
 * Reads a selector. Throws BAD_SELECTOR with the offset of what was not expected. Go's text scanner cuts the
 * words, so blanks and comments may come anywhere between them.
 */
// selector = "{" matcher { "," matcher } "}" { filter }
export function parseSelector(text: string): Selector {
  const scanner: Scanner = { text, at: 0, token: { kind: 'end', text: '', offset: 0 } }
  advance(scanner)
  const matchers: Matcher[] = []
  const filters: LineFilter[] = []
  expect(scanner, '{', isMark('{'))
  do matchers.push(parseMatcher(scanner))
  while (scanner.token.text === ',' && advance(scanner).kind === 'mark')
  expect(scanner, ', or }', isMark('}'))
  while (scanner.token.kind !== 'end') filters.push(parseFilter(scanner))
  return { matchers, filters }
}

// matcher = name ( "=" | "!=" | "=~" | "!~" ) text
function parseMatcher(scanner: Scanner): Matcher {
  const name = expect(scanner, 'a label name', isName)
  const operator = expect(scanner, '=, !=, =~ or !~', isMatcherOperator) as MatcherOperator
  return { name, operator, value: expect(scanner, 'a string in double quotes', isText) }
}

// filter = ( "|=" | "!=" | "|~" | "!~" ) text
function parseFilter(scanner: Scanner): LineFilter {
  const operator = expect(scanner, '|=, !=, |~, !~ or the end', isFilterOperator) as FilterOperator
  return { operator, text: expect(scanner, 'a string in double quotes', isText) }
}

// ---- matching ----

/** What the labels say is kept for this many label sets, twice. */
const CACHE_SIZE = 4096

/**
 * Compiles a selector. Label matchers are anchored at both ends and `.` matches a line end in them; line filters
 * aren't, and it doesn't. What the matchers say of a label set is computed once and kept.
 *
 * @throws {LogstreamError} BAD_SELECTOR for its syntax, BAD_REGEX for a regular expression in it
 */
export function compileSelector(text: string): CompiledSelector {
  const { matchers, filters } = parseSelector(text)
  const matchesLabels = cached(matchers.map((matcher) => labelTest(matcher)))
  const tests = filters.map((filter) => lineTest(filter))
  if (tests.length === 0) return { matches: matchesLabels, matchesLabels, matchesLine: undefined }
  const matchesLine = (line: string): boolean => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!(line)) return false
    return true
  }
  return { matches: (labels, line) => matchesLabels(labels) && matchesLine(line), matchesLabels, matchesLine }
}

function cached(
  tests: readonly ((labels: SelectedLabels) => boolean)[],
): (labels: SelectedLabels) => boolean {
  let young = new Map<SelectedLabels, boolean>()
  let old = new Map<SelectedLabels, boolean>()
  let last: SelectedLabels | undefined
  let lastResult = false
  const look = (labels: SelectedLabels): boolean => {
    const known = young.get(labels)
    if (known !== undefined) return known
    const result = old.get(labels) ?? tests.every((test) => test(labels))
    if (young.size >= CACHE_SIZE) {
      old = young
      young = new Map<SelectedLabels, boolean>()
    }
    young.set(labels, result)
    return result
  }
  return (labels) => {
    if (labels === last) return lastResult
    lastResult = look(labels)
    last = labels
    return lastResult
  }
}

function labelTest({ name, operator, value }: Matcher): (labels: SelectedLabels) => boolean {
  switch (operator) {
    case '=':
      return (labels) => (labels.get(name) ?? '') === value
    case '!=':
      return (labels) => (labels.get(name) ?? '') !== value
    case '=~': {
      const pattern = inSelector(compileAnchored, value)
      return (labels) => pattern.test(labels.get(name) ?? '')
    }
    case '!~': {
      const pattern = inSelector(compileAnchored, value)
      return (labels) => !pattern.test(labels.get(name) ?? '')
    }
  }
}

function lineTest({ operator, text }: LineFilter): (line: string) => boolean {
  switch (operator) {
    case '|=':
      return (line) => line.includes(text)
    case '!=':
      return (line) => !line.includes(text)
    case '|~': {
      const pattern = inSelector(compile, text)
      return (line) => pattern.test(line)
    }
    case '!~': {
      const pattern = inSelector(compile, text)
      return (line) => !pattern.test(line)
    }
  }
}

// The message of a bad expression is complete; it only lacks the option.
function inSelector(compiler: (pattern: string) => Regexp, pattern: string): Regexp {
  try {
    return compiler(pattern)
  } catch (error) {
    if (error instanceof LogstreamError)
      throw new LogstreamError(error.code, error.message, { cause: error, option: 'selector' })
    throw error
  }
}
