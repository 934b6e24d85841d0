/**
 * The LogQL parser: text to syntax tree, or a LogqlError with the place. It's written by hand because the grammar of
 * Grafana's editor (@grafana/lezer-logql 0.3.0) refuses what Loki takes (`offset` after an unwrap, label filters side by
 * side, one-letter sizes) and takes what Loki refuses (`[1.5h]`).
 */
import type {
  BinaryOperator,
  Conversion,
  Expression,
  Grouping,
  LabelFilter,
  LogExpression,
  LogRange,
  Matching,
  MetricExpression,
  StageExpression,
  Unwrap,
} from './ast.ts'
import { literalOf } from '../metrics/arithmetic.ts'
import { checkBinary, checkExpression, checkRange, checkVector } from './check.ts'
import {
  type Cursor,
  countOperator,
  cursorOver,
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
import { LogqlError } from './error.ts'
import { type RangeOperation, rangeFunctions } from '../metrics/range-functions.ts'
import type { VectorOperation } from '../metrics/vector-functions.ts'
import {
  atStage,
  numberOf,
  parseLabelFilter,
  parseNumber,
  parseSelector,
  parseStages,
} from './parse-stages.ts'

const bindings: Record<string, number | undefined> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
}

/**
 * The tree of a query.
 *
 * @param options.validate false for selectors that may be empty
 * @throws {LogqlError} with the offset where the text stops making sense
 */
export function parseExpression(text: string, options: { readonly validate?: boolean } = {}): Expression {
  const expression = parseTree(text)
  if (options.validate ?? true) checkExpression(expression)
  return expression
}

/**
 * The tree of a query whose patterns and templates aren't compiled: what an editor needs at every keystroke, without
 * the engine.
 *
 * @throws {LogqlError} with the offset where the text stops making sense
 */
export function parseTree(text: string): Expression {
  const cursor = cursorOver(text)
  const expression = parseBinary(cursor, 0)
  if (peek(cursor).kind !== 'end') throw unexpected(peek(cursor), 'an operator or the end of the query')
  return expression
}

/** @throws {LogqlError} for anything but a log query, such as `{app="a"} | json` */
export function parseLogExpression(text: string): LogExpression {
  const expression = parseExpression(text)
  if (expression.kind === 'log') return expression
  throw new LogqlError('only log selector is supported: expected a query such as {app="a"} |= "text"', {
    offset: 0,
  })
}

/**
 * The matchers of a text that is a selector and nothing else; `{}` is allowed where `validate` is false.
 *
 * @throws {LogqlError} for everything else
 */
export function parseMatchers(
  text: string,
  options: { readonly validate?: boolean } = {},
): LogExpression['matchers'] {
  const expression = parseExpression(text, options)
  if (expression.kind === 'log' && expression.stages.length === 0) return expression.matchers
  throw new LogqlError('only label matchers are supported: expected a selector such as {app="a"}', {
    offset: 0,
  })
}

function operatorAt(cursor: Cursor): BinaryOperator | undefined {
  const token = peek(cursor)
  if (token.kind !== 'mark' && token.kind !== 'keyword') return undefined
  return bindings[token.text] === undefined ? undefined : (token.text as BinaryOperator)
}

// expression = unary { operator modifier expression }, `^` from the right, the rest from the left
function parseBinary(cursor: Cursor, minimum: number): Expression {
  let left = nested(cursor, () => parseUnary(cursor))
  for (;;) {
    const operator = operatorAt(cursor)
    const binding = operator === undefined ? 0 : (bindings[operator] ?? 0)
    if (operator === undefined || binding <= minimum) return left
    countOperator(cursor)
    const { start: offset } = next(cursor)
    const bool = takeKeyword(cursor, 'bool')
    const matching = parseMatching(cursor)
    const right = nested(cursor, () => parseBinary(cursor, operator === '^' ? binding - 1 : binding))
    left = combine(operator, offset, left, right, bool, matching)
  }
}

function combine(
  operator: BinaryOperator,
  offset: number,
  left: Expression,
  right: Expression,
  bool: boolean,
  matching: Matching,
): MetricExpression {
  const [first, second] = checkBinary(operator, left, right, offset)
  const range = { start: first.start, end: second.end }
  const literal = literalOf(operator, first, second)
  if (literal !== undefined) return { kind: 'literal', value: literal, ...range }
  return { kind: 'binary', operator, left: first, right: second, bool, matching, ...range }
}

// matching = [ ( "on" | "ignoring" ) labels [ ( "group_left" | "group_right" ) [ labels ] ] ]
function parseMatching(cursor: Cursor): Matching {
  const on = isKeyword(peek(cursor), 'on')
  if (!on && !isKeyword(peek(cursor), 'ignoring'))
    return { cardinality: 'one-to-one', on: false, labels: undefined, include: undefined }
  next(cursor)
  const written = parseLabels(cursor)
  const labels = written.length === 0 ? undefined : written
  const left = takeKeyword(cursor, 'group_left')
  if (!left && !takeKeyword(cursor, 'group_right'))
    return { cardinality: 'one-to-one', on, labels, include: undefined }
  // A parenthesis opens the labels, never the right side.
  const include = isMark(peek(cursor), '(') ? parseLabels(cursor) : []
  const cardinality = left ? 'many-to-one' : 'one-to-many'
  return { cardinality, on, labels, include: include.length === 0 ? undefined : include }
}

// labels = "(" [ name { "," name } ] ")"
function parseLabels(cursor: Cursor): string[] {
  expectMark(cursor, '(')
  if (takeMark(cursor, ')')) return []
  const labels = listOf(cursor, () => expectKind(cursor, 'name', 'a label name').text)
  expectMark(cursor, ')')
  return labels
}

// unary = "(" expression ")" | selector stages | [ "+" | "-" ] number | function
function parseUnary(cursor: Cursor): Expression {
  const token = peek(cursor)
  if (takeMark(cursor, '(')) {
    const inner = parseBinary(cursor, 0)
    expectMark(cursor, ')')
    return inner
  }
  if (isMark(token, '{')) {
    const log = parseLog(cursor)
    if (peek(cursor).kind === 'range')
      throw unexpected(
        peek(cursor),
        'the end of the log query: a range belongs into a function, such as rate()',
      )
    return log
  }
  if (token.kind === 'number' || isMark(token, '-') || isMark(token, '+')) {
    const value = parseNumber(cursor)
    return { kind: 'literal', value, start: token.start, end: lastEnd(cursor) }
  }
  if (token.kind === 'function') return parseFunction(cursor)
  throw unexpected(token, 'a selector such as {app="a"}, a function or a number')
}

function parseLog(cursor: Cursor): LogExpression {
  const { start } = peek(cursor)
  const matchers = parseSelector(cursor)
  const stages = parseStages(cursor)
  return { kind: 'log', matchers, stages, start, end: lastEnd(cursor) }
}

function parseFunction(cursor: Cursor): MetricExpression {
  const token = next(cursor)
  if (Object.hasOwn(rangeFunctions, token.text))
    return parseRangeAggregation(cursor, token.text as RangeOperation, token.start)
  switch (token.text) {
    case 'vector': {
      expectMark(cursor, '(')
      const value = numberOf(expectKind(cursor, 'number', 'a number'))
      expectMark(cursor, ')')
      return { kind: 'vector', value, start: token.start, end: lastEnd(cursor) }
    }
    case 'label_replace':
      return parseLabelReplace(cursor, token.start)
    case 'ip':
    case 'bytes':
    case 'duration':
    case 'duration_seconds':
      throw unexpected(token, 'a selector such as {app="a"}, a function or a number')
    default:
      return parseVectorAggregation(cursor, token.text as VectorOperation, token.start)
  }
}

function parseMetric(cursor: Cursor): MetricExpression {
  const { start } = peek(cursor)
  const inner = parseBinary(cursor, 0)
  if (inner.kind !== 'log') return inner
  throw new LogqlError('unexpected log query: expected a metric, such as count_over_time({app="a"}[5m])', {
    offset: start,
  })
}

// label_replace = "label_replace" "(" metric "," string "," string "," string "," string ")"
function parseLabelReplace(cursor: Cursor, start: number): MetricExpression {
  expectMark(cursor, '(')
  const inner = parseMetric(cursor)
  const texts: string[] = []
  for (let i = 0; i < 4; i++) {
    expectMark(cursor, ',')
    texts.push(expectKind(cursor, 'string', 'a string').text)
  }
  expectMark(cursor, ')')
  const [target = '', replacement = '', source = '', pattern = ''] = texts
  return { kind: 'label_replace', inner, target, replacement, source, pattern, start, end: lastEnd(cursor) }
}

// grouping = ( "by" | "without" ) labels
function parseGrouping(cursor: Cursor): Grouping | undefined {
  const without = isKeyword(peek(cursor), 'without')
  if (!without && !isKeyword(peek(cursor), 'by')) return undefined
  next(cursor)
  return { without, labels: parseLabels(cursor) }
}

// vector_aggregation = name [ grouping ] "(" [ number "," ] metric ")" [ grouping ]
function parseVectorAggregation(cursor: Cursor, operation: VectorOperation, start: number): MetricExpression {
  const before = parseGrouping(cursor)
  expectMark(cursor, '(')
  const parameter = takeParameter(cursor)
  const inner = parseMetric(cursor)
  expectMark(cursor, ')')
  const grouping = before ?? parseGrouping(cursor)
  const number = checkVector(operation, parameter, grouping, start)
  return {
    kind: 'vector_aggregation',
    operation,
    parameter: number,
    grouping: grouping ?? { without: false, labels: [] },
    inner,
    start,
    end: lastEnd(cursor),
  }
}

/** Takes a number followed by a comma, if it's next; returns its text. */
function takeParameter(cursor: Cursor): string | undefined {
  if (peek(cursor).kind !== 'number' || !isMark(peek(cursor, 1), ',')) return undefined
  const { text } = next(cursor)
  next(cursor)
  return text
}

// range_aggregation = name "(" [ number "," ] log_range ")" [ grouping ]
function parseRangeAggregation(cursor: Cursor, operation: RangeOperation, start: number): MetricExpression {
  expectMark(cursor, '(')
  const text = takeParameter(cursor)
  const range = nested(cursor, () => parseLogRange(cursor))
  expectMark(cursor, ')')
  const grouping = parseGrouping(cursor)
  const parameter = text === undefined ? undefined : Number(text)
  checkRange(operation, { parameter, text, range, grouping }, start)
  return { kind: 'range', operation, parameter, range, grouping, start, end: lastEnd(cursor) }
}

/** The parts of a log range, which may come in different orders. */
interface RangeParts {
  interval: number | undefined
  offset: number
  stages: StageExpression[]
  unwrap: Unwrap | undefined
}

// log_range = "(" log_range ")" | log range [ offset ] [ stages ] | "(" log ")" range [ offset ]
function parseLogRange(cursor: Cursor): LogRange {
  const { start } = peek(cursor)
  if (takeMark(cursor, '(')) return parseParenthesised(cursor, start)
  if (!isMark(peek(cursor), '{')) throw unexpected(peek(cursor), 'a selector such as {app="a"}')
  const matchers = parseSelector(cursor)
  const parts: RangeParts = { interval: undefined, offset: 0, stages: [], unwrap: undefined }
  parsePipeline(cursor, parts)
  takeInterval(cursor, parts)
  if (parts.stages.length === 0 && parts.unwrap === undefined) parsePipeline(cursor, parts)
  const log: LogExpression = { kind: 'log', matchers, stages: parts.stages, start, end: lastEnd(cursor) }
  return complete(cursor, log, parts)
}

function complete(cursor: Cursor, log: LogExpression, parts: RangeParts): LogRange {
  if (parts.interval === undefined) throw unexpected(peek(cursor), 'a range such as [5m]')
  return { log, interval: parts.interval, offset: parts.offset, unwrap: parts.unwrap }
}

/** After `(`: a whole log range, or a log query whose range follows the closing parenthesis. */
function parseParenthesised(cursor: Cursor, start: number): LogRange {
  if (isMark(peek(cursor), '(')) {
    const inner = nested(cursor, () => parseLogRange(cursor))
    expectMark(cursor, ')')
    return inner
  }
  const matchers = parseSelector(cursor)
  const parts: RangeParts = { interval: undefined, offset: 0, stages: [], unwrap: undefined }
  parsePipeline(cursor, parts)
  takeInterval(cursor, parts)
  const inside = parts.interval !== undefined
  if (inside && parts.stages.length === 0 && parts.unwrap === undefined) parsePipeline(cursor, parts)
  const log: LogExpression = { kind: 'log', matchers, stages: parts.stages, start, end: lastEnd(cursor) }
  expectMark(cursor, ')')
  if (!inside) {
    takeInterval(cursor, parts)
    if (parts.stages.length === 0 && parts.unwrap === undefined) parts.unwrap = parseUnwrap(cursor)
  }
  return complete(cursor, log, parts)
}

function parsePipeline(cursor: Cursor, parts: RangeParts): void {
  if (atStage(cursor)) parts.stages.push(...parseStages(cursor))
  parts.unwrap = parseUnwrap(cursor)
}

// range = "[" duration "]" [ "offset" duration ]
function takeInterval(cursor: Cursor, parts: RangeParts): void {
  if (peek(cursor).kind !== 'range') return
  parts.interval = next(cursor).value
  if (takeKeyword(cursor, 'offset'))
    parts.offset = expectKind(cursor, 'duration', 'a duration such as 5m').value
}

// unwrap = "|" "unwrap" ( name | conversion "(" name ")" ) { "|" label_filter }
function parseUnwrap(cursor: Cursor): Unwrap | undefined {
  if (!isMark(peek(cursor), '|') || !isKeyword(peek(cursor, 1), 'unwrap')) return undefined
  next(cursor)
  next(cursor)
  let conversion: Conversion = ''
  if (peek(cursor).kind === 'function') {
    const token = next(cursor)
    if (!['bytes', 'duration', 'duration_seconds'].includes(token.text))
      throw unexpected(token, 'a label name, bytes(), duration() or duration_seconds()')
    conversion = token.text as Conversion
    expectMark(cursor, '(')
  }
  const label = expectKind(cursor, 'name', 'a label name').text
  if (conversion !== '') expectMark(cursor, ')')
  const filters: LabelFilter[] = []
  while (takeMark(cursor, '|')) filters.push(parseLabelFilter(cursor, 0))
  return { label, conversion, filters }
}
