/** Writes queries as Loki's format_query does: on one line up to 100 characters, else indented part by part. */
import { formatFloat } from '../../go/strconv/number.ts'
import { quote } from '../../go/strconv/quote.ts'
import { formatPrometheusDuration } from '../stages/units.ts'
import type { Expression, Grouping, LabelMatcher, LogExpression, LogRange, StageExpression } from './ast.ts'
import { isPlainRegexp } from './plain-regexp.ts'
import {
  printExpression,
  printLabelFilter,
  printLineFilter,
  printLog,
  printMatcher,
  printOperator,
  printSelector,
  printStage,
  printUnwrapped,
} from './print.ts'

/** Longer expressions are split. */
const MAX_LINE = 100

/** Loki writes what it needs a regular expression for as it was given. */
function printLabelMatch(matcher: LabelMatcher): string {
  const { name, operator, value } = matcher
  const isGiven = operator === '=~' && !value.includes('`') && !isPlainRegexp(value)
  return isGiven ? `${name}=~\`${value}\`` : printMatcher(matcher)
}

function indent(level: number): string {
  return '  '.repeat(level)
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_LINE
}

function prettyLog(log: LogExpression, level: number): string {
  const line = printLog(log, printLabelMatch)
  if (log.stages.length === 0 || fits(line)) return indent(level) + line
  return [
    indent(level) + printSelector(log.matchers),
    ...log.stages.map((stage) => prettyStage(stage, level + 1)),
  ].join('\n')
}

function prettyStage(stage: StageExpression, level: number): string {
  const line = printStage(stage, printLabelMatch)
  if (stage.kind === 'decolorize') return line
  if (stage.kind !== 'line_filters' || fits(line)) return indent(level) + line
  return stage.filters.map((filter) => indent(level) + printLineFilter(filter)).join('\n')
}

function prettyRange({ log, interval, offset, unwrap }: LogRange, level: number): string {
  let text = prettyLog(log, level)
  if (unwrap !== undefined) {
    text += `\n${indent(level + 1)}${printUnwrapped(unwrap)}`
    for (const filter of unwrap.filters)
      text += `\n${indent(level + 1)}| ${printLabelFilter(filter, printLabelMatch)}`
  }
  text += ` [${formatPrometheusDuration(interval)}]`
  return offset === 0 ? text : `${text} offset ${formatPrometheusDuration(offset)}`
}

function prettyGrouping({ without, labels }: Grouping): string {
  const word = without ? ' without' : labels.length > 0 ? ' by' : ''
  return labels.length > 0 ? `${word} (${labels.join(', ')})` : word
}

/** Parts of a call, one a line. */
function prettyCall(head: string, parts: readonly string[], tail: string, level: number): string {
  return `${indent(level)}${head}(\n${parts.join(',\n')}\n${indent(level)})${tail}`
}

function pretty(expression: Expression, level: number): string {
  if (expression.kind === 'log') return prettyLog(expression, level)
  const line = printExpression(expression, printLabelMatch)
  if (fits(line)) return indent(level) + line
  switch (expression.kind) {
    case 'range': {
      const { operation, parameter, range, grouping } = expression
      const parts = parameter === undefined ? [] : [indent(level + 1) + formatFloat(parameter)]
      parts.push(prettyRange(range, level + 1))
      return prettyCall(operation, parts, grouping === undefined ? '' : prettyGrouping(grouping), level)
    }
    case 'vector_aggregation': {
      const { operation, parameter, grouping, inner } = expression
      const parts = parameter === 0 ? [] : [indent(level + 1) + String(parameter)]
      parts.push(pretty(inner, level + 1))
      return prettyCall(operation + prettyGrouping(grouping), parts, '', level)
    }
    case 'label_replace': {
      const { inner, target, replacement, source, pattern } = expression
      const texts = [target, replacement, source, pattern].map((text) => indent(level + 1) + quote(text))
      return prettyCall('label_replace', [pretty(inner, level + 1), ...texts], '', level)
    }
    case 'binary': {
      const { left, right } = expression
      return `${pretty(left, level + 1)}\n${indent(level)}${printOperator(expression, ', ')}\n${pretty(right, level + 1)}`
    }
    default:
      return indent(level) + line
  }
}

/** The query as Loki's format_query endpoint writes it. */
export function formatExpression(expression: Expression): string {
  return pretty(expression, 0)
}
