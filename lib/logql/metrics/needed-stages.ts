/** Which stages of a range aggregation its samples depend on. */
import type { RangeAggregation, StageExpression } from '../syntax/ast.ts'
import { rangeFunctions } from './range-functions.ts'

const READING = new Set<StageExpression['kind']>([
  'json',
  'line_filters',
  'logfmt',
  'pattern',
  'regexp',
  'unpack',
])

/**
 * All stages but a `line_format` after which nothing reads the line. Loki leaves it out too, and the mistakes in it
 * (pkg/logql/optimize.go).
 */
export function neededStages({ operation, range }: RangeAggregation): readonly StageExpression[] {
  const { stages } = range.log
  if (rangeFunctions[operation].bytes === true) return stages
  const lastReader = stages.findLastIndex(({ kind }) => READING.has(kind))
  return stages.filter(({ kind }, at) => kind !== 'line_format' || at < lastReader)
}
