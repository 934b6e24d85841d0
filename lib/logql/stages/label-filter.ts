/** Label filters: `| status >= 500 and duration > 1s or ip = ip("10.0.0.0/8")`. */
import { FILTER_ERROR } from '../syntax/label-names.ts'
import { compare } from '../metrics/arithmetic.ts'
import type { CompareOperator, LabelFilter, LabelMatcher, StageExpression } from '../syntax/ast.ts'
import { filterNames } from '../syntax/hints.ts'
import { compileIp } from './ip.ts'
import type { LabelTest } from './label-builder.ts'
import { type ValueTest, compileMatcher } from './selector.ts'
import type { Stage } from './stage.ts'
import { type Converted, convertBytes, convertDuration, convertNumber, formatSize } from './units.ts'

/**
 * A comparison after a conversion. A line without the label is dropped; one whose value can't be converted is kept, with
 * an error.
 */
function compileComparison(
  name: string,
  operator: CompareOperator,
  wanted: number,
  convert: (text: string) => Converted,
): LabelTest {
  return (labels) => {
    const text = labels.get(name)
    if (text === undefined) return false
    const converted = convert(text)
    if ('value' in converted) return compare(operator, converted.value, wanted)
    labels.failFirst(FILTER_ERROR, converted.problem)
    return true
  }
}

function compileIpFilter(name: string, operator: '=' | '!=', pattern: string, offset?: number): LabelTest {
  const search = compileIp(pattern, offset)
  return (labels) => {
    if (labels.error !== '') return true
    const text = labels.get(name)
    return text !== undefined && search(text) === (operator === '=')
  }
}

/**
 * A size as Loki's frontend passes it on, printed with two digits and read back: `1KiB` becomes 1.0kB, so 1000 bytes.
 */
function rounded(bytes: number): number {
  const read = convertBytes(formatSize(bytes))
  return 'value' in read ? read.value : bytes
}

const GROUP = /^\((?:\?:|\?P?<\w+>)?([^()]*)\)$/

/**
 * Loki's filters on labels take an empty expression and `.*` for "anything", line ends included, and `.+` for "not
 * empty" (pkg/logql/log/filter.go, RegexSimplifier); selectors read the first as "empty".
 */
function simpleTest({ operator, value }: LabelMatcher): ValueTest | undefined {
  if (operator !== '=~' && operator !== '!~') return undefined
  const wanted = operator === '=~'
  const pattern = (GROUP.exec(value)?.[1] ?? value).replace(/\?$/, '')
  if (pattern === '' || pattern === '.*') return () => wanted
  return pattern === '.+' ? (text) => (text !== '') === wanted : undefined
}

/** @throws {LogqlError} for a bad expression or address */
export function compileLabelFilter(filter: LabelFilter, offset?: number): LabelTest {
  switch (filter.kind) {
    case 'match': {
      const { matcher } = filter
      const test = simpleTest(matcher) ?? compileMatcher(matcher, offset)
      return (labels) => test(labels.filtered(matcher.name))
    }
    case 'number':
      return compileComparison(filter.name, filter.operator, filter.value, convertNumber)
    case 'duration':
      return compileComparison(filter.name, filter.operator, filter.value, convertDuration)
    case 'bytes':
      return compileComparison(filter.name, filter.operator, rounded(filter.value), convertBytes)
    case 'ip':
      return compileIpFilter(filter.name, filter.operator, filter.pattern, offset)
    default: {
      const left = compileLabelFilter(filter.left, offset)
      const right = compileLabelFilter(filter.right, offset)
      if (filter.kind === 'or') return (labels) => left(labels) || right(labels)
      // Both sides run, since the right one may set an error on a line that is kept.
      return (labels) => {
        const first = left(labels)
        return right(labels) && first
      }
    }
  }
}

/** @throws {LogqlError} for a bad expression or address */
export function labelFilterStage(filter: LabelFilter, offset?: number): Stage {
  const test = compileLabelFilter(filter, offset)
  return { names: filterNames(filter), process: ({ labels }) => test(labels) }
}

/**
 * The tests that parsers make of labels as they find them: of each label the first filter that reads nothing else. Loki
 * drops a line there already, and notes a value that can't be converted, so that the stages up to the filter see it
 * (pkg/logql/log/parser_hints.go).
 *
 * @throws {LogqlError} for a bad expression or address
 */
export function parserTests(filters: readonly LabelFilter[]): ReadonlyMap<string, LabelTest> {
  const tests = new Map<string, LabelTest>()
  for (const filter of filters) {
    if (filter.kind === 'and' || filter.kind === 'or') continue
    const name = filter.kind === 'match' ? filter.matcher.name : filter.name
    if (!tests.has(name)) tests.set(name, compileLabelFilter(filter))
  }
  return tests
}

/** The filters of the stages that are filters on labels. */
export function labelFiltersOf(stages: readonly StageExpression[]): LabelFilter[] {
  return stages.flatMap((stage) => (stage.kind === 'label_filter' ? [stage.filter] : []))
}
