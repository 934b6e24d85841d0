/** Checks beyond the grammar: parameters, groupings, selectors, patterns. */
import { isSetOperator } from '../metrics/arithmetic.ts'
import type {
  BinaryOperator,
  Expression,
  Grouping,
  LabelFilter,
  LogExpression,
  LogRange,
  MetricExpression,
  StageExpression,
} from './ast.ts'
import { LogqlError } from './error.ts'
import { compileLabelFilter } from '../stages/label-filter.ts'
import { type RangeOperation, rangeFunctions } from '../metrics/range-functions.ts'
import { type VectorOperation, vectorFunctions } from '../metrics/vector-functions.ts'
import { compileMatchers, compileWhole, selectsSomething } from '../stages/selector.ts'
import { neededStages } from '../metrics/needed-stages.ts'
import { compileStages } from '../stages/stages.ts'

function refuse(message: string, offset: number): LogqlError {
  return new LogqlError(message, { offset })
}

/** @throws {LogqlError} for a log query on either side, or a plain number beside `and`, `or`, `unless` */
export function checkBinary(
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
  offset: number,
): [MetricExpression, MetricExpression] {
  if (left.kind === 'log')
    throw refuse(`unexpected log query on the left of "${operator}": expected a metric or a number`, offset)
  if (right.kind === 'log')
    throw refuse(`unexpected log query on the right of "${operator}": expected a metric or a number`, offset)
  if (isSetOperator(operator) && (left.kind === 'literal' || right.kind === 'literal'))
    throw refuse(`unexpected number beside "${operator}": set operations take two vectors`, offset)
  return [left, right]
}

/** The number of topk and its kin, 0 for the rest. @throws {LogqlError} for a missing, bad or needless one */
export function checkVector(
  operation: VectorOperation,
  parameter: string | undefined,
  grouping: Grouping | undefined,
  offset: number,
): number {
  const { parameter: needed, noGrouping } = vectorFunctions[operation]
  if (needed !== true) {
    if (parameter !== undefined)
      throw refuse(`unsupported parameter for operation ${operation}(${parameter},`, offset)
    return 0
  }
  if (parameter === undefined)
    throw refuse(`parameter required for operation ${operation}: write ${operation}(5, ...)`, offset)
  if (!/^\d+$/.test(parameter))
    throw refuse(`invalid parameter ${operation}(${parameter}, : expected a whole number`, offset)
  if (Number(parameter) <= 0)
    throw refuse(`invalid parameter (must be greater than 0) ${operation}(${parameter}`, offset)
  if (noGrouping !== undefined && grouping !== undefined) throw refuse(noGrouping, offset)
  return Number(parameter)
}

/** @throws {LogqlError} for a parameter, a grouping or an unwrap that the function doesn't take, or lacks */
export function checkRange(
  operation: RangeOperation,
  parts: {
    readonly parameter: number | undefined
    readonly text: string | undefined
    readonly range: LogRange
    readonly grouping: Grouping | undefined
  },
  offset: number,
): void {
  const { parameter, text, range, grouping } = parts
  const { parameter: example, grouping: groups, over } = rangeFunctions[operation]
  if (example !== undefined) {
    if (parameter === undefined)
      throw refuse(
        `parameter required for operation ${operation}: write ${operation}(${example}, ...)`,
        offset,
      )
    if (Number.isNaN(parameter)) throw refuse(`invalid parameter for operation ${operation}: ${text}`, offset)
  } else if (text !== undefined) {
    throw refuse(`parameter ${text} not supported for operation ${operation}`, offset)
  }
  if (grouping !== undefined && !groups)
    throw refuse(
      `grouping not allowed for ${operation} aggregation: group with sum by (...) around it`,
      offset,
    )
  if (range.unwrap !== undefined && over === 'lines')
    throw refuse(`invalid aggregation ${operation} with unwrap`, offset)
  if (range.unwrap === undefined && over === 'values')
    throw refuse(`invalid aggregation ${operation} without unwrap: add | unwrap <label>`, offset)
}

/**
 * How much is compiled: `everything` that a query needs to run, or what Loki compiles while it parses, which is what
 * its format_query refuses: not the patterns of line filters, templates, paths and addresses.
 */
type Depth = 'everything' | 'as-parsed'

/**
 * Checks what only compiling shows: regular expressions, patterns, templates, addresses, and that every selector narrows
 * the streams down.
 *
 * @throws {LogqlError}
 */
export function checkExpression(expression: Expression, depth: Depth = 'everything'): void {
  switch (expression.kind) {
    case 'log':
      return checkLog(expression, expression.stages, depth)
    case 'range':
      for (const filter of expression.range.unwrap?.filters ?? [])
        checkLabelFilter(filter, expression.start, depth)
      return checkLog(expression.range.log, neededStages(expression), depth)
    case 'vector_aggregation': {
      const { operation, grouping, inner, start } = expression
      const { noGrouping } = vectorFunctions[operation]
      if (noGrouping !== undefined && grouping.labels.length > 0) throw refuse(noGrouping, start)
      return checkExpression(inner, depth)
    }
    case 'label_replace':
      compileWhole(expression.pattern, expression.start)
      return checkExpression(expression.inner, depth)
    case 'binary':
      checkExpression(expression.left, depth)
      return checkExpression(expression.right, depth)
    default:
  }
}

function checkLog(log: LogExpression, needed: readonly StageExpression[], depth: Depth): void {
  compileMatchers(log.matchers, log.start)
  if (!selectsSomething(log.matchers))
    throw refuse(
      'queries require at least one regexp or equality matcher that does not have an empty-compatible value. ' +
        'For instance, app=~".*" does not meet this requirement, but app=~".+" will',
      log.start,
    )
  if (depth === 'everything') compileStages(needed)
  else for (const stage of log.stages) checkParsed(stage)
}

function checkParsed(stage: StageExpression): void {
  switch (stage.kind) {
    case 'regexp':
    case 'pattern':
    case 'drop':
    case 'keep':
      compileStages([stage])
      return
    case 'label_filter':
      return checkLabelFilter(stage.filter, stage.start, 'as-parsed')
    default:
  }
}

function checkLabelFilter(filter: LabelFilter, offset: number, depth: Depth): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    checkLabelFilter(filter.left, offset, depth)
    checkLabelFilter(filter.right, offset, depth)
  } else if (depth === 'everything' || filter.kind === 'match') compileLabelFilter(filter, offset)
}
