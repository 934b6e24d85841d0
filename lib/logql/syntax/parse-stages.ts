/** Parses selectors and pipeline stages; parse.ts has the rest of the grammar. */
import type {
  CompareOperator,
  Extraction,
  LabelChoice,
  LabelFilter,
  LabelFormat,
  LabelMatcher,
  LineFilter,
  LineFilterOperator,
  LineOperand,
  MatchOperator,
  StageExpression,
} from './ast.ts'
import {
  type Cursor,
  countOperator,
  expectKind,
  expectMark,
  isKeyword,
  isMark,
  lastEnd,
  listOf,
  nested,
  next,
  peek,
  takeKeyword,
  takeMark,
  unexpected,
} from './cursor.ts'
import type { Token } from './scanner.ts'

const matchOperators = new Set(['=', '!=', '=~', '!~'])
const compareOperators = new Set(['=', '==', '!=', '>', '>=', '<', '<='])
const filterOperators = new Set(['|=', '|~', '|>', '!=', '!~', '!>'])

// selector = "{" [ matcher { "," matcher } ] "}"
export function parseSelector(cursor: Cursor): LabelMatcher[] {
  expectMark(cursor, '{')
  if (takeMark(cursor, '}')) return []
  const matchers = listOf(cursor, () => parseMatcher(cursor))
  if (!isMark(peek(cursor), '}')) throw unexpected(peek(cursor), '"," or "}"')
  next(cursor)
  return matchers
}

// matcher = name ( "=" | "!=" | "=~" | "!~" ) string
function parseMatcher(cursor: Cursor): LabelMatcher {
  const name = expectKind(cursor, 'name', 'a label name').text
  const operator = peek(cursor)
  if (operator.kind !== 'mark' || !matchOperators.has(operator.text))
    throw unexpected(operator, '"=", "!=", "=~" or "!~"')
  next(cursor)
  const value = expectKind(cursor, 'string', 'a string in double quotes or backticks').text
  return { name, operator: operator.text as MatchOperator, value }
}

/** Whether a stage is next; an unwrap isn't one. */
export function atStage(cursor: Cursor): boolean {
  const token = peek(cursor)
  if (token.kind !== 'mark') return false
  if (token.text === '|') return !isKeyword(peek(cursor, 1), 'unwrap')
  return filterOperators.has(token.text) && atLineFilter(cursor)
}

/** `!=` is a line filter before a string or ip(), and a comparison elsewhere. */
function atLineFilter(cursor: Cursor): boolean {
  const operand = peek(cursor, 1)
  if (peek(cursor).text !== '!=') return true
  return operand.kind === 'string' || isIp(operand)
}

function isIp(token: Token): boolean {
  return token.kind === 'function' && token.text === 'ip'
}

// stages = { line_filters | "|" stage }
export function parseStages(cursor: Cursor): StageExpression[] {
  const stages: StageExpression[] = []
  while (atStage(cursor)) {
    const { start } = peek(cursor)
    if (takeMark(cursor, '|')) stages.push(parseStage(cursor, start))
    else stages.push(parseLineFilters(cursor, start))
  }
  return stages
}

// line_filters = line_filter { line_filter }
function parseLineFilters(cursor: Cursor, start: number): StageExpression {
  const filters: LineFilter[] = []
  while (peek(cursor).text !== '|' && atStage(cursor)) {
    const operator = next(cursor).text as LineFilterOperator
    const operands = parseOperands(cursor)
    if (operator.startsWith('|')) filters.push({ operator, operands })
    else for (const operand of operands) filters.push({ operator, operands: [operand] })
  }
  return { kind: 'line_filters', filters, start, end: lastEnd(cursor) }
}

// operands = operand { "or" operand }   operand = string | "ip" "(" string ")"
function parseOperands(cursor: Cursor): LineOperand[] {
  const operands: LineOperand[] = []
  do {
    const token = next(cursor)
    if (token.kind === 'string') operands.push({ ip: false, text: token.text })
    else if (isIp(token)) operands.push({ ip: true, text: parseIpPattern(cursor) })
    else throw unexpected(token, 'a string or ip("...")')
  } while (takeKeyword(cursor, 'or'))
  return operands
}

function parseIpPattern(cursor: Cursor): string {
  expectMark(cursor, '(')
  const { text } = expectKind(cursor, 'string', 'an address, a range or a CIDR in quotes')
  expectMark(cursor, ')')
  return text
}

// stage = "json" [ extractions ] | "logfmt" { flag } [ extractions ] | "regexp" string | "pattern" string | "unpack"
//       | "decolorize" | "line_format" string | "label_format" formats | "drop" choices | "keep" choices | label_filter
function parseStage(cursor: Cursor, start: number): StageExpression {
  const token = peek(cursor)
  if (token.kind !== 'keyword') {
    if (token.kind !== 'name' && !isMark(token, '('))
      throw unexpected(token, 'a stage, such as json, logfmt, line_format or a label filter')
    const filter = parseLabelFilter(cursor, 0)
    return { kind: 'label_filter', filter, start, end: lastEnd(cursor) }
  }
  next(cursor)
  const stage = parseNamedStage(cursor, token)
  return { ...stage, start, end: lastEnd(cursor) }
}

/** A stage without its range. */
type Bare<T> = T extends unknown ? Omit<T, 'start' | 'end'> : never

function parseNamedStage(cursor: Cursor, token: Token): Bare<StageExpression> {
  switch (token.text) {
    case 'json':
      return { kind: 'json', extractions: parseExtractions(cursor) }
    case 'logfmt': {
      const flags = new Set<string>()
      while (peek(cursor).kind === 'flag') flags.add(next(cursor).text)
      const strict = flags.has('--strict')
      return {
        kind: 'logfmt',
        strict,
        keepEmpty: flags.has('--keep-empty'),
        extractions: parseExtractions(cursor),
      }
    }
    case 'regexp':
    case 'pattern':
      return { kind: token.text, pattern: expectKind(cursor, 'string', 'a string').text }
    case 'unpack':
    case 'decolorize':
      return { kind: token.text }
    case 'line_format':
      return { kind: 'line_format', template: expectKind(cursor, 'string', 'a template in quotes').text }
    case 'label_format':
      return { kind: 'label_format', formats: listOf(cursor, () => parseLabelFormat(cursor)) }
    case 'drop':
    case 'keep':
      return { kind: token.text, choices: listOf(cursor, () => parseChoice(cursor)) }
    default:
      throw unexpected(token, 'a stage, such as json, logfmt, line_format or a label filter')
  }
}

// extractions = extraction { "," extraction }   extraction = name [ "=" string ]
function parseExtractions(cursor: Cursor): Extraction[] {
  if (peek(cursor).kind !== 'name') return []
  return listOf(cursor, () => {
    const name = expectKind(cursor, 'name', 'a label name').text
    if (!takeMark(cursor, '=')) return { name, expression: name }
    return { name, expression: expectKind(cursor, 'string', 'an expression in quotes').text }
  })
}

// label_format = name "=" ( name | string )
function parseLabelFormat(cursor: Cursor): LabelFormat {
  const name = expectKind(cursor, 'name', 'a label name').text
  expectMark(cursor, '=')
  const value = next(cursor)
  if (value.kind === 'string') return { name, kind: 'template', template: value.text }
  if (value.kind === 'name') return { name, kind: 'rename', from: value.text }
  throw unexpected(value, 'a label name or a template in quotes')
}

// choice = name | matcher
function parseChoice(cursor: Cursor): LabelChoice {
  const operator = peek(cursor, 1)
  if (operator.kind === 'mark' && matchOperators.has(operator.text)) {
    // In `drop a != "x"` only a matcher can follow the name.
    return parseMatcher(cursor)
  }
  return expectKind(cursor, 'name', 'a label name').text
}

/**
 * Label filters: `and` binds tighter than `or`, while a comma or nothing at all between two filters means `and` and
 * takes everything after it as its right side, as in Loki's grammar.
 */
// label_filter = primary { ( "or" | "and" | "," | "" ) label_filter }
export function parseLabelFilter(cursor: Cursor, minimum: number): LabelFilter {
  let left = nested(cursor, () => parsePrimaryFilter(cursor))
  for (;;) {
    const token = peek(cursor)
    if (isMark(token, ',') || token.kind === 'name' || isMark(token, '(')) {
      countOperator(cursor)
      takeMark(cursor, ',')
      const right = nested(cursor, () => parseLabelFilter(cursor, 0))
      left = { kind: 'and', left, right }
      continue
    }
    const binding = isKeyword(token, 'or') ? 1 : isKeyword(token, 'and') ? 2 : 0
    if (binding === 0 || binding <= minimum) return left
    countOperator(cursor)
    next(cursor)
    const right = nested(cursor, () => parseLabelFilter(cursor, binding))
    left = { kind: binding === 1 ? 'or' : 'and', left, right }
  }
}

// primary = "(" label_filter ")" | matcher | name compare ( number | duration | bytes | "ip" "(" string ")" )
function parsePrimaryFilter(cursor: Cursor): LabelFilter {
  if (takeMark(cursor, '(')) {
    const filter = parseLabelFilter(cursor, 0)
    expectMark(cursor, ')')
    return filter
  }
  const value = peek(cursor, 2)
  if (value.kind === 'string') return { kind: 'match', matcher: parseMatcher(cursor) }
  const { text: name } = expectKind(cursor, 'name', 'a label name')
  const token = next(cursor)
  if (token.kind !== 'mark' || (!compareOperators.has(token.text) && !matchOperators.has(token.text)))
    throw unexpected(token, 'an operator, such as "=", "!=", "=~" or ">"')
  if (isIp(value) && (token.text === '=' || token.text === '!=')) {
    next(cursor)
    return { kind: 'ip', name, operator: token.text, pattern: parseIpPattern(cursor) }
  }
  if (!compareOperators.has(token.text)) throw unexpected(value, 'a string')
  return parseComparison(cursor, name, (token.text === '=' ? '==' : token.text) as CompareOperator)
}

function parseComparison(cursor: Cursor, name: string, operator: CompareOperator): LabelFilter {
  const token = peek(cursor)
  if (token.kind === 'duration' || token.kind === 'bytes') {
    next(cursor)
    return { kind: token.kind, name, operator, value: token.value }
  }
  return { kind: 'number', name, operator, value: parseNumber(cursor) }
}

// number = [ "+" | "-" ] digits
export function parseNumber(cursor: Cursor): number {
  const negative = isMark(peek(cursor), '-')
  if (negative || isMark(peek(cursor), '+')) next(cursor)
  const token = expectKind(cursor, 'number', 'a number, a duration, a size or a string')
  const value = numberOf(token)
  return negative ? -value : value
}

/** The value of a number token, as Go's strconv.ParseFloat reads it. */
export function numberOf(token: Token): number {
  if (token.text.startsWith('0x') || token.text.startsWith('0X')) throw unexpected(token, 'a decimal number')
  return Number(token.text.replaceAll('_', ''))
}
