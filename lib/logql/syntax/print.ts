/** Writes queries as Loki's format_query does: on one line up to 100 characters, else indented part by part. */
import { formatDuration } from '../../go/duration.ts'
import { formatFloat, formatFloatG } from '../../go/strconv/number.ts'
import { quote } from '../../go/strconv/quote.ts'
import type {
  BinaryOperation,
  Expression,
  Extraction,
  Grouping,
  LabelChoice,
  LabelFilter,
  LabelMatcher,
  LineFilter,
  LogExpression,
  LogRange,
  StageExpression,
  Unwrap,
} from './ast.ts'
import { formatPrometheusDuration, formatSize } from '../stages/units.ts'
import { isPlainRegexp } from './plain-regexp.ts'

/** Longer expressions are split. */
const MAX_LINE = 100

export function printMatcher({ name, operator, value }: LabelMatcher): string {
  return `${name}${operator}${quote(value)}`
}

export function printSelector(matchers: readonly LabelMatcher[]): string {
  return `{${matchers.map(printMatcher).join(', ')}}`
}

function printLineFilter({ operator, operands }: LineFilter): string {
  const texts = operands.map(({ ip, text }) => (ip ? `ip(${quote(text)})` : quote(text)))
  return `${operator} ${texts.join(' or ')}`
}

function printLabelFilter(filter: LabelFilter): string {
  switch (filter.kind) {
    case 'match':
      return printLabelMatch(filter.matcher)
    case 'number':
      return `${filter.name}${filter.operator}${formatFloat(filter.value)}`
    case 'duration':
      return `${filter.name}${filter.operator}${formatDuration(filter.value)}`
    case 'bytes':
      return `${filter.name}${filter.operator}${formatSize(filter.value)}`
    case 'ip':
      return `${filter.name}${filter.operator}ip(${quote(filter.pattern)})`
    default: {
      const word = filter.kind === 'and' ? ',' : 'or'
      return `( ${printLabelFilter(filter.left)} ${word} ${printLabelFilter(filter.right)} )`
    }
  }
}

/** Loki writes what it needs a regular expression for as it was given. */
function printLabelMatch(matcher: LabelMatcher): string {
  const { name, operator, value } = matcher
  const isGiven = operator === '=~' && !value.includes('`') && !isPlainRegexp(value)
  return isGiven ? `${name}=~\`${value}\`` : printMatcher(matcher)
}

function printExtractions(extractions: readonly Extraction[]): string {
  return extractions
    .map(({ name, expression }) => ` ${name}=${quote(expression)}`)
    .join(',')
    .replaceAll(', ', ',')
}

function printChoice(choice: LabelChoice): string {
  return typeof choice === 'string' ? choice : printMatcher(choice)
}

function printStage(stage: StageExpression): string {
  switch (stage.kind) {
    case 'line_filters':
      return stage.filters.map(printLineFilter).join(' ')
    case 'json':
      return `| json${printExtractions(stage.extractions)}`
    case 'logfmt': {
      const flags = `${stage.strict ? ' --strict' : ''}${stage.keepEmpty ? ' --keep-empty' : ''}`
      return `| logfmt${flags}${printExtractions(stage.extractions)}`
    }
    case 'regexp':
    case 'pattern':
      return `| ${stage.kind} ${quote(stage.pattern)}`
    case 'line_format':
      return `| line_format ${quote(stage.template)}`
    case 'label_format': {
      const formats = stage.formats.map((format) =>
        format.kind === 'rename'
          ? `${format.name}=${format.from}`
          : `${format.name}=${quote(format.template)}`,
      )
      return `| label_format ${formats.join(',')}`
    }
    case 'label_filter':
      return `| ${printLabelFilter(stage.filter)}`
    case 'drop':
    case 'keep':
      return `| ${stage.kind} ${stage.choices.map(printChoice).join(',')}`
    default:
      return `| ${stage.kind}`
  }
}

function printLog({ matchers, stages }: LogExpression): string {
  return [printSelector(matchers), ...stages.map(printStage)].join(' ')
}

function printUnwrapped({ label, conversion }: Unwrap): string {
  return `| unwrap ${conversion === '' ? label : `${conversion}(${label})`}`
}

function printRange({ log, interval, offset, unwrap }: LogRange): string {
  const filters = unwrap?.filters.map((filter) => ` | ${printLabelFilter(filter)}`).join('') ?? ''
  const unwrapped = unwrap === undefined ? '' : ` ${printUnwrapped(unwrap)}${filters}`
  const shifted = offset === 0 ? '' : ` offset ${formatDuration(offset)}`
  return `${printLog(log)}${unwrapped}[${formatPrometheusDuration(interval)}]${shifted}`
}

function printGrouping({ without, labels }: Grouping): string {
  return ` ${without ? 'without' : 'by'} (${labels.join(',')})`
}

function isPlain({ without, labels }: Grouping): boolean {
  return !without && labels.length === 0
}

function printOperator({ operator, bool, matching }: BinaryOperation, separator: string): string {
  let text = bool ? `${operator} bool` : operator
  let group = ''
  if (matching.cardinality !== 'one-to-one')
    group = matching.cardinality === 'many-to-one' ? 'group_left' : 'group_right'
  if (matching.include !== undefined) group += ` (${matching.include.join(separator)})`
  // Where all is written on one line `on ()` is kept, where it is split only labels are: so does Loki.
  if (matching.labels !== undefined || (matching.on && separator === ','))
    text += ` ${matching.on ? 'on' : 'ignoring'} (${(matching.labels ?? []).join(separator)}) ${group}`
  return text
}

/** The query on one line. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'log':
      return printLog(expression)
    case 'range': {
      const { operation, parameter, range, grouping } = expression
      const first = parameter === undefined ? '' : `${formatFloat(parameter)},`
      return `${operation}(${first}${printRange(range)})${grouping === undefined ? '' : printGrouping(grouping)}`
    }
    case 'vector_aggregation': {
      const { operation, parameter, grouping, inner } = expression
      const first = parameter === 0 ? '' : `${parameter},`
      return `${operation}${isPlain(grouping) ? '' : printGrouping(grouping)}(${first}${printExpression(inner)})`
    }
    case 'label_replace': {
      const { inner, target, replacement, source, pattern } = expression
      return `label_replace(${[printExpression(inner), ...[target, replacement, source, pattern].map(quote)].join(',')})`
    }
    case 'binary':
      return `(${printExpression(expression.left)} ${printOperator(expression, ',')} ${printExpression(expression.right)})`
    case 'vector':
      return `vector(${expression.value.toFixed(6)})`
    case 'literal':
      return formatFloatG(expression.value)
  }
}

function indent(level: number): string {
  return '  '.repeat(level)
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_LINE
}

function prettyLog(log: LogExpression, level: number): string {
  const line = printLog(log)
  if (log.stages.length === 0 || fits(line)) return indent(level) + line
  return [
    indent(level) + printSelector(log.matchers),
    ...log.stages.map((stage) => prettyStage(stage, level + 1)),
  ].join('\n')
}

function prettyStage(stage: StageExpression, level: number): string {
  const line = printStage(stage)
  if (stage.kind === 'decolorize') return line
  if (stage.kind !== 'line_filters' || fits(line)) return indent(level) + line
  return stage.filters.map((filter) => indent(level) + printLineFilter(filter)).join('\n')
}

function prettyRange({ log, interval, offset, unwrap }: LogRange, level: number): string {
  let text = prettyLog(log, level)
  if (unwrap !== undefined) {
    text += `\n${indent(level + 1)}${printUnwrapped(unwrap)}`
    for (const filter of unwrap.filters) text += `\n${indent(level + 1)}| ${printLabelFilter(filter)}`
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
  const line = printExpression(expression)
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
