/** Queries that want nothing of a line but one number, so that a store may hand out the number in place of the line. */
import { patternParts } from '../../formats/pattern.ts'
import type { NumberField } from '../engine/querier.ts'
import type { LabelFilter, StageExpression, Unwrap } from '../syntax/ast.ts'
import { filterNames, type SampleGrouping } from '../syntax/hints.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL } from '../syntax/label-names.ts'
import { labelFiltersOf } from './label-filter.ts'

export interface NumberLine {
  readonly field: NumberField
  /** What the number is compared with, if it isn't the value: nothing else about it decides what becomes of a line. */
  readonly bounds: readonly number[]
  /** A line with nothing but the number: the stages make of it what they make of the lines that it was found in. */
  readonly lineOf: (number: number) => string
}

/** What is done with the labels that a parser makes. */
export interface NumberUse {
  /** The label whose number is the value, if nothing else depends on it. */
  readonly direct: string | undefined
  readonly grouping: SampleGrouping
  readonly unwrap: Unwrap | undefined
}

/**
 * The number among the fields that decide what becomes of a line; label filters must be all that follows the parser.
 * Filters may only compare it, so that `5` and `5.0` are the same. `undefined` where there isn't such a field.
 */
export function numberLineOf(
  [parser, ...rest]: readonly StageExpression[],
  names: readonly string[],
  { direct, grouping, unwrap }: NumberUse,
): NumberLine | undefined {
  const all = [...labelFiltersOf(rest), ...(unwrap?.filters ?? [])]
  const name = direct ?? comparedOf(all, names)
  if (name === undefined || !names.includes(name)) return undefined
  if (direct === undefined && (grouping.labels.includes(name) || unwrap?.label === name)) return undefined
  const isError = (each: string): boolean => each === ERROR_LABEL || each === ERROR_DETAILS_LABEL
  const absent = names.filter(isError)
  const others = names.filter((each) => each !== name && !isError(each))
  const wanted = { name, others, absent }
  const bounds = all.flatMap((filter) => boundsOf(filter, name))
  if (parser?.kind === 'json')
    return {
      field: { ...wanted, parser: { kind: 'json' } },
      bounds,
      lineOf: (number) => JSON.stringify({ [name]: number }),
    }
  if (parser?.kind !== 'pattern') return undefined
  const { pattern } = parser
  const { start, steps } = patternParts(pattern)
  const untils = steps.map(({ until }) => until)
  const at = steps.findIndex((step) => step.name === name)
  const before = start + untils.slice(0, at).join('')
  return {
    field: { ...wanted, parser: { kind: 'pattern', pattern } },
    bounds,
    lineOf: (number) => `${before}${number}${untils[at]}`,
  }
}

/** The only one of some labels that filters read, if all of them compare it with numbers. */
function comparedOf(filters: readonly LabelFilter[], names: readonly string[]): string | undefined {
  const [first, ...more] = new Set(filters.flatMap(filterNames).filter((name) => names.includes(name)))
  if (first === undefined || more.length > 0) return undefined
  return filters.every((filter) => isCompared(filter, first)) ? first : undefined
}

function isCompared(filter: LabelFilter, name: string): boolean {
  if (filter.kind === 'and' || filter.kind === 'or')
    return isCompared(filter.left, name) && isCompared(filter.right, name)
  return filter.kind === 'number' || !filterNames(filter).includes(name)
}

function boundsOf(filter: LabelFilter, name: string): number[] {
  if (filter.kind === 'and' || filter.kind === 'or')
    return [...boundsOf(filter.left, name), ...boundsOf(filter.right, name)]
  return filter.kind === 'number' && filter.name === name ? [filter.value] : []
}
