/** The engine's entrance: range and instant queries over a Querier, in the shapes of Loki's answers. */
import type { Expression, MetricExpression } from '../syntax/ast.ts'
import { Budget, type Limits, defaultLimits } from './budget.ts'
import { LogqlError } from '../syntax/error.ts'
import { type LogRequest, runLogQuery } from './log-query.ts'
import { prepareMetric, stepCount } from '../metrics/metric.ts'
import { floorTo, stampOf } from './moment.ts'
import type { Querier } from './querier.ts'
import type { MatrixData, Point, QueryData, VectorData } from '../api/answers.ts'
import { metricMap, point } from '../metrics/result.ts'
import type { Steps } from '../metrics/samples.ts'
import { type SeriesLabels, compareLabels } from '../metrics/series-labels.ts'
import { formatPrometheusDuration } from '../stages/units.ts'
import { type Sample, vectorFunctions } from '../metrics/vector-functions.ts'

/** A query over a time range; the parts of LogRequest count for log queries only. */
export interface RangeRequest extends LogRequest {
  /** Nanoseconds between the points of a metric. */
  readonly step: bigint
}

export interface EngineOptions {
  readonly limits?: Partial<Limits>
  /** Ends the query early. */
  readonly signal?: AbortSignal
  /** The clock of the timeout, in milliseconds. */
  readonly now?: () => number
}

function budgetOf({ limits, signal, now }: EngineOptions): Budget {
  return new Budget(
    { ...defaultLimits, ...limits },
    { ...(signal === undefined ? {} : { signal }), ...(now === undefined ? {} : { now }) },
  )
}

/** The longest way from a step back to the samples it needs, in nanoseconds. */
function lookBack(expression: MetricExpression): number {
  switch (expression.kind) {
    case 'range':
      return expression.range.interval
    case 'vector_aggregation':
    case 'label_replace':
      return lookBack(expression.inner)
    case 'binary':
      return Math.max(lookBack(expression.left), lookBack(expression.right))
    default:
      return 0
  }
}

function checkLength(expression: Expression, start: bigint, end: bigint, limits: Limits): void {
  const back = expression.kind === 'log' ? 0 : lookBack(expression)
  const length = Number(end - start) + back
  if (length <= limits.maxLength) return
  const allowed = formatPrometheusDuration(limits.maxLength)
  throw new LogqlError(
    `the query time range exceeds the limit (query length: ${formatPrometheusDuration(length)}, limit: ${allowed}): ask for less`,
  )
}

/**
 * Answers a query over a time range. The steps of a metric start at the multiple of `step` at or before `start` and end
 * at the one at or after `end`, as Loki's frontend aligns them.
 *
 * @throws {LogqlError} for limits and for what only running the query shows to be wrong
 */
export async function queryRange(
  querier: Querier,
  expression: Expression,
  request: RangeRequest,
  options: EngineOptions = {},
): Promise<QueryData> {
  const budget = budgetOf(options)
  checkLength(expression, request.start, request.end, budget.limits)
  if (expression.kind === 'log') {
    const { maxLines } = budget.limits
    if (request.limit > maxLines)
      throw new LogqlError(
        `max entries limit per query exceeded, limit > max_entries_limit_per_query (${request.limit} > ${maxLines})`,
      )
    return await runLogQuery(querier, expression, request, budget)
  }
  const { step } = request
  if (step <= 0n) throw new LogqlError('zero or negative query resolution step widths are not accepted')
  if ((request.end - request.start) / step > BigInt(budget.limits.maxPoints))
    throw new LogqlError(
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
    )
  const start = floorTo(request.start, step)
  const end = floorTo(request.end + step - 1n, step)
  return await runSteps(querier, expression, { start, end, step }, budget)
}

function tooManySeries({ maxSeries }: Limits): LogqlError {
  return new LogqlError(
    `maximum number of series (${maxSeries}) reached for a single query; consider reducing query cardinality by adding ` +
      'more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()',
  )
}

async function runSteps(
  querier: Querier,
  expression: MetricExpression,
  steps: Steps,
  budget: Budget,
): Promise<MatrixData> {
  const count = stepCount(steps)
  const stamp = (i: number): number => stampOf(steps.start + BigInt(i) * steps.step)
  if (expression.kind === 'literal') {
    const values = Array.from({ length: count }, (_, i) => point(stamp(i), expression.value))
    return { resultType: 'matrix', result: [{ metric: {}, values }] }
  }
  const vectorAt = await prepareMetric(querier, expression, steps, budget)
  const series = new Map<string, { labels: SeriesLabels; values: Point[] }>()
  for (let i = 0; i < count; i++) {
    const time = stamp(i)
    for (const { labels, value } of vectorAt(i)) {
      let found = series.get(labels.key)
      if (found === undefined) {
        if (series.size >= budget.limits.maxSeries) throw tooManySeries(budget.limits)
        series.set(labels.key, (found = { labels, values: [] }))
      }
      found.values.push(point(time, value))
    }
  }
  const result = [...series.values()].sort((a, b) => compareLabels(a.labels, b.labels))
  return {
    resultType: 'matrix',
    result: result.map(({ labels, values }) => ({ metric: metricMap(labels), values })),
  }
}

/** Whether the order of the samples is part of the answer; Loki sorts what topk chose by labels. */
function isSorted(expression: MetricExpression): boolean {
  switch (expression.kind) {
    case 'vector_aggregation':
      return vectorFunctions[expression.operation].ordered === true || isSorted(expression.inner)
    case 'label_replace':
      return isSorted(expression.inner)
    case 'binary':
      return isSorted(expression.left) || isSorted(expression.right)
    default:
      return false
  }
}

/**
 * Answers a metric query at one point in time, nanoseconds since 1970.
 *
 * @throws {LogqlError} for a log query, for limits and for what only running the query shows to be wrong
 */
export async function queryInstant(
  querier: Querier,
  expression: Expression,
  time: bigint,
  options: EngineOptions = {},
): Promise<QueryData> {
  if (expression.kind === 'log')
    throw new LogqlError(
      'log queries are not supported as an instant query type, please change your query to a range query type',
    )
  const stamp = stampOf(time)
  if (expression.kind === 'literal') return { resultType: 'scalar', result: point(stamp, expression.value) }
  const budget = budgetOf(options)
  checkLength(expression, time, time, budget.limits)
  const vectorAt = await prepareMetric(querier, expression, { start: time, end: time, step: 0n }, budget)
  const vector = [...vectorAt(0)]
  if (vector.length > budget.limits.maxSeries) throw tooManySeries(budget.limits)
  if (!isSorted(expression)) vector.sort((a, b) => compareLabels(a.labels, b.labels))
  return vectorData(vector, stamp)
}

function vectorData(vector: readonly Sample[], stamp: number): VectorData {
  return {
    resultType: 'vector',
    result: vector.map(({ labels, value }) => ({ metric: metricMap(labels), value: point(stamp, value) })),
  }
}
