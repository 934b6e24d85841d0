/** Writes queries on one line, as Loki does in its answers. */
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

/** Writes what a label filter compares a label with. */
export type PrintMatch = (matcher: LabelMatcher) => string

export function printMatcher({ name, operator, value }: LabelMatcher): string {
  return `${name}${operator}${quote(value)}`
}

export function printSelector(matchers: readonly LabelMatcher[]): string {
  return `{${matchers.map(printMatcher).join(', ')}}`
}

export function printLineFilter({ operator, operands }: LineFilter): string {
  const texts = operands.map(({ ip, text }) => (ip ? `ip(${quote(text)})` : quote(text)))
  return `${operator} ${texts.join(' or ')}`
}

export function printLabelFilter(filter: LabelFilter, match: PrintMatch = printMatcher): string {
  switch (filter.kind) {
    case 'match':
      return match(filter.matcher)
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
      return `( ${printLabelFilter(filter.left, match)} ${word} ${printLabelFilter(filter.right, match)} )`
    }
  }
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

export function printStage(stage: StageExpression, match: PrintMatch = printMatcher): string {
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
      return `| ${printLabelFilter(stage.filter, match)}`
    case 'drop':
    case 'keep':
      return `| ${stage.kind} ${stage.choices.map(printChoice).join(',')}`
    default:
      return `| ${stage.kind}`
  }
}

export function printLog({ matchers, stages }: LogExpression, match: PrintMatch = printMatcher): string {
  return [printSelector(matchers), ...stages.map((stage) => printStage(stage, match))].join(' ')
}

export function printUnwrapped({ label, conversion }: Unwrap): string {
  return `| unwrap ${conversion === '' ? label : `${conversion}(${label})`}`
}

function printRange({ log, interval, offset, unwrap }: LogRange, match: PrintMatch): string {
  const filters = unwrap?.filters.map((filter) => ` | ${printLabelFilter(filter, match)}`).join('') ?? ''
  const unwrapped = unwrap === undefined ? '' : ` ${printUnwrapped(unwrap)}${filters}`
  const shifted = offset === 0 ? '' : ` offset ${formatDuration(offset)}`
  return `${printLog(log, match)}${unwrapped}[${formatPrometheusDuration(interval)}]${shifted}`
}

function printGrouping({ without, labels }: Grouping): string {
  return ` ${without ? 'without' : 'by'} (${labels.join(',')})`
}

function isPlain({ without, labels }: Grouping): boolean {
  return !without && labels.length === 0
}

export function printOperator({ operator, bool, matching }: BinaryOperation, separator: string): string {
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
export function printExpression(expression: Expression, match: PrintMatch = printMatcher): string {
  switch (expression.kind) {
    case 'log':
      return printLog(expression, match)
    case 'range': {
      const { operation, parameter, range, grouping } = expression
      const first = parameter === undefined ? '' : `${formatFloat(parameter)},`
      return `${operation}(${first}${printRange(range, match)})${grouping === undefined ? '' : printGrouping(grouping)}`
    }
    case 'vector_aggregation': {
      const { operation, parameter, grouping, inner } = expression
      const first = parameter === 0 ? '' : `${parameter},`
      return `${operation}${isPlain(grouping) ? '' : printGrouping(grouping)}(${first}${printExpression(inner, match)})`
    }
    case 'label_replace': {
      const { inner, target, replacement, source, pattern } = expression
      return `label_replace(${[printExpression(inner, match), ...[target, replacement, source, pattern].map(quote)].join(',')})`
    }
    case 'binary':
      return `(${printExpression(expression.left, match)} ${printOperator(expression, ',')} ${printExpression(expression.right, match)})`
    case 'vector':
      return `vector(${expression.value.toFixed(6)})`
    case 'literal':
      return formatFloatG(expression.value)
  }
}
