/**
 * Where Loki's frontend cuts a metric into shards and joins the results, which leaves a trace in its answers: an
 * aggregation `without` labels, as joins are, drops labels with empty values (pkg/logql/shardmapper.go). Nothing is cut
 * here; only the trace is followed.
 */
import type { Expression, MetricExpression, RangeAggregation, VectorAggregation } from '../syntax/ast.ts'
import { rangeFunctions } from './range-functions.ts'
import { vectorFunctions } from './vector-functions.ts'

/** The aggregation around a range aggregation that joins its shards; undefined where Loki doesn't cut it. */
export function joinOf(
  expression: RangeAggregation,
): Pick<VectorAggregation, 'operation' | 'parameter' | 'grouping'> | undefined {
  const { joins } = rangeFunctions[expression.operation]
  if (joins === undefined || joins === 'whole') return undefined
  const grouped = expression.grouping !== undefined && !isEmptyWithout(expression)
  if (!grouped && !reducesLabels(expression)) return undefined
  if (joins === 'avg' && filtersErrors(expression)) return undefined
  return { operation: joins, parameter: 0, grouping: expression.grouping ?? { without: true, labels: [] } }
}

/**
 * Whether Loki runs a vector aggregation whole in every shard, so that nothing inside it is joined. `top`: nothing lies
 * around it but other aggregations.
 */
export function runsWhole(expression: VectorAggregation, top: boolean): boolean {
  if (!splits(expression, top)) return false
  const { operation, inner } = expression
  if (operation === 'sum') return !reducesLabels(inner) || !hasNonAdditive(inner)
  return !reducesLabels(inner)
}

function splits(expression: MetricExpression, top: boolean): boolean {
  switch (expression.kind) {
    case 'range':
      if (expression.operation === 'quantile_over_time' && !top) return false
      return rangeFunctions[expression.operation].joins !== undefined
    case 'vector_aggregation':
      return vectorSplits(expression, top)
    case 'binary': {
      const { operator, matching, left, right } = expression
      if (matching.on || matching.labels !== undefined) return false
      return (operator === '+' || operator === '*') && splits(left, top) && splits(right, top)
    }
    case 'literal':
      return true
    default:
      return false
  }
}

function vectorSplits({ operation, inner }: VectorAggregation, top: boolean): boolean {
  if (vectorFunctions[operation].splits !== true || !splits(inner, top)) return false
  switch (operation) {
    case 'count':
    case 'avg':
      return !reducesLabels(inner)
    case 'max':
    case 'min':
      return inner.kind === 'range' && splits(inner, false)
    case 'sum':
      return inner.kind !== 'vector_aggregation' || (inner.operation !== 'min' && inner.operation !== 'max')
    default:
      return true
  }
}

/** Whether equal label sets may come out of different shards. */
function reducesLabels(expression: Expression): boolean {
  switch (expression.kind) {
    case 'range':
      return (expression.grouping?.labels.length ?? 0) > 0 || reducesLabels(expression.range.log)
    case 'vector_aggregation':
      return expression.grouping.labels.length > 0 || reducesLabels(expression.inner)
    case 'label_replace':
      return reducesLabels(expression.inner)
    case 'binary':
      return reducesLabels(expression.left) || reducesLabels(expression.right)
    case 'log':
      return expression.stages.some(
        (stage) =>
          stage.kind === 'drop' ||
          stage.kind === 'keep' ||
          (stage.kind === 'label_format' && stage.formats.some(({ kind }) => kind === 'rename')),
      )
    default:
      return false
  }
}

function hasNonAdditive(expression: MetricExpression): boolean {
  switch (expression.kind) {
    case 'range':
      return rangeFunctions[expression.operation].joins !== 'sum'
    case 'vector_aggregation':
      return expression.operation === 'avg' || hasNonAdditive(expression.inner)
    case 'label_replace':
      return hasNonAdditive(expression.inner)
    case 'binary':
      return hasNonAdditive(expression.left) || hasNonAdditive(expression.right)
    default:
      return false
  }
}

function isEmptyWithout({ grouping }: RangeAggregation): boolean {
  return grouping !== undefined && grouping.without && grouping.labels.length === 0
}

/** An average becomes a sum by a count, which can't tell errors of the unwrap. */
function filtersErrors({ range }: RangeAggregation): boolean {
  const text = JSON.stringify(range.unwrap?.filters ?? [])
  return text.includes('"__error__"') || text.includes('"__error_details__"')
}
