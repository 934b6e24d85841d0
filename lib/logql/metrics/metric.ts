/** Runs metric queries: reads the samples of each range aggregation once, then evaluates step by step. */
import type {
  BinaryOperation,
  Grouping,
  LabelReplace,
  MetricExpression,
  RangeAggregation,
  VectorAggregation,
} from '../syntax/ast.ts'
import { withNumber, withVector } from './binary.ts'
import type { Budget } from '../engine/budget.ts'
import { bucketOf, countsItself, readCounts } from './counted.ts'
import { LogqlError } from '../syntax/error.ts'
import { ERROR_LABEL, PRESERVE_ERROR_LABEL } from '../syntax/label-names.ts'
import type { Querier } from '../engine/querier.ts'
import { aggregatorOf, countedAggregatorOf, rangeFunctions } from './range-functions.ts'
import { type MetricContext, type Steps, readSamples } from './samples.ts'
import { compileWhole } from '../stages/selector.ts'
import {
  NO_LABELS,
  type SeriesLabels,
  labelOf,
  seriesLabels,
  withLabel,
  withoutLabels,
} from './series-labels.ts'
import { joinOf, runsWhole } from './split.ts'
import { type Vector, aggregateVector } from './vector.ts'
import { type Sample, vectorFunctions } from './vector-functions.ts'
import { SeriesTable, type WindowedSeries } from './windowed-series.ts'

/** Returns the vector of a step; called in order, once per step. */
type StepSource = (step: number) => Vector

/** What lies around an expression. */
interface Around {
  /** The grouping of a `sum` directly around it. */
  readonly sum?: Grouping | undefined
  /** Loki runs what lies around it in every shard. */
  readonly whole?: boolean
  /** Something other than an aggregation lies around it. */
  readonly inside?: boolean
}

/** The number of steps, the first and the last included. */
export function stepCount({ start, end, step }: Steps): number {
  return step === 0n ? 1 : Number((end - start) / step) + 1
}

/**
 * The vectors of all steps, one by one.
 *
 * @throws {LogqlError} for samples with errors, reached limits, and matches that are not unique
 */
export async function prepareMetric(
  querier: Querier,
  expression: MetricExpression,
  steps: Steps,
  budget: Budget,
): Promise<StepSource> {
  return await prepare({ querier, steps, budget }, expression, {})
}

async function prepare(
  context: MetricContext,
  expression: MetricExpression,
  around: Around,
): Promise<StepSource> {
  switch (expression.kind) {
    case 'range':
      return await prepareJoined(context, expression, around)
    case 'vector_aggregation':
      return await prepareAggregation(context, expression, around)
    case 'label_replace':
      return await prepareReplace(context, expression, around)
    case 'binary':
      return await prepareBinary(context, expression, around)
    case 'vector': {
      const vector = [{ labels: NO_LABELS, value: expression.value }]
      return () => vector
    }
    case 'literal':
      throw new LogqlError('expected a vector, found a number: write vector(1)', {
        offset: expression.start,
        status: 500,
      })
  }
}

async function prepareAggregation(
  context: MetricContext,
  expression: VectorAggregation,
  { whole, inside }: Around,
): Promise<StepSource> {
  const { operation, grouping, start } = expression
  const { disabled } = vectorFunctions[operation]
  if (disabled !== undefined) throw new LogqlError(disabled, { offset: start, status: 500 })
  const split = whole !== true && runsWhole(expression, inside !== true)
  const source = await prepare(context, expression.inner, {
    sum: operation === 'sum' ? grouping : undefined,
    whole: whole === true || split,
    inside: true,
  })
  const aggregate: StepSource = (step) => aggregateVector(expression, source(step))
  // Loki makes it a sum divided by a count.
  return split && operation === 'avg' ? withoutEmpty(aggregate) : aggregate
}

/** A range aggregation with the join of its shards around it. */
async function prepareJoined(
  context: MetricContext,
  expression: RangeAggregation,
  { sum, whole }: Around,
): Promise<StepSource> {
  const source = await prepareRange(context, expression, sum)
  const join = whole === true ? undefined : joinOf(expression)
  if (join === undefined) return source
  const joined: StepSource = (step) => aggregateVector(join, source(step))
  return join.operation === 'avg' ? withoutEmpty(joined) : joined
}

/** The same vectors without labels that are empty, as binary operations leave them. */
function withoutEmpty(source: StepSource): StepSource {
  return (step) => source(step).map(({ labels, value }) => ({ labels: withoutLabels(labels, []), value }))
}

async function prepareBinary(
  context: MetricContext,
  expression: BinaryOperation,
  around: Around,
): Promise<StepSource> {
  const { left, right } = expression
  const inner: Around = { whole: around.whole === true, inside: around.inside === true }
  if (left.kind === 'literal') {
    const source = await prepare(context, right, inner)
    return (step) => withNumber(expression, source(step), left.value, true)
  }
  if (right.kind === 'literal') {
    const source = await prepare(context, left, inner)
    return (step) => withNumber(expression, source(step), right.value, false)
  }
  const first = await prepare(context, left, inner)
  const second = await prepare(context, right, inner)
  return (step) => withVector(expression, first(step), second(step))
}

async function prepareReplace(
  context: MetricContext,
  expression: LabelReplace,
  { whole, inside }: Around,
): Promise<StepSource> {
  const { target, replacement, source, pattern } = expression
  const inner = await prepare(context, expression.inner, { whole: whole === true, inside: inside === true })
  const regexp = compileWhole(pattern, expression.start, false)
  const known = new Map<string, SeriesLabels>()
  const replace = (labels: SeriesLabels): SeriesLabels => {
    const value = labelOf(labels, source) ?? ''
    if (!regexp.test(value)) return labels
    return withLabel(withoutLabels(labels, [target]), target, regexp.replaceAll(value, replacement))
  }
  return (step) =>
    inner(step).map(({ labels, value }) => {
      let replaced = known.get(labels.key)
      if (replaced === undefined) known.set(labels.key, (replaced = replace(labels)))
      return { labels: replaced, value }
    })
}

/** The series of a range aggregation with the results of its windows. */
async function readRange(
  context: MetricContext,
  expression: RangeAggregation,
  outer: Grouping | undefined,
): Promise<readonly WindowedSeries[]> {
  const { querier, steps, budget } = context
  const { operation, parameter = NaN, range } = expression
  const { interval } = range
  const bucket = countsItself(querier) ? bucketOf(expression, steps) : undefined
  const aggregate =
    bucket === undefined
      ? aggregatorOf(operation, { interval, parameter, unwrapped: range.unwrap !== undefined })
      : countedAggregatorOf(operation, interval)
  const table = new SeriesTable({
    interval,
    step: Number(steps.step),
    count: stepCount(steps),
    aggregate: (window) => {
      budget.check()
      return aggregate(window)
    },
  })
  if (bucket === undefined || !countsItself(querier)) await readSamples(context, expression, outer, table)
  else await readCounts({ ...context, querier, bucket }, expression, outer, table)
  for (const series of table.all) series.end()
  return table.all
}

async function prepareRange(
  context: MetricContext,
  expression: RangeAggregation,
  outer: Grouping | undefined,
): Promise<StepSource> {
  const read = await readRange(context, expression, outer)
  const all = read.map((series) => ({ series, failed: isFailed(series) }))
  const absent = rangeFunctions[expression.operation].absent === true ? absentLabels(expression) : undefined
  return (step) => {
    context.budget.check()
    const vector: Sample[] = []
    for (const { series, failed } of all) {
      const value = series.resultOf(step)
      if (value === undefined) continue
      if (failed) throw pipelineError(series.labels)
      vector.push({ labels: series.labels, value })
    }
    if (absent === undefined) return vector
    return vector.length > 0 ? [] : [{ labels: absent, value: 1 }]
  }
}

/** Whether a series has an error that the query doesn't ask for. */
function isFailed({ labels }: WindowedSeries): boolean {
  return labelOf(labels, ERROR_LABEL) !== undefined && labelOf(labels, PRESERVE_ERROR_LABEL) !== 'true'
}

/** The labels that the matchers with `=` name; a name with another matcher as well has none. */
function absentLabels({ range }: RangeAggregation): SeriesLabels {
  const labels = new Map<string, string>()
  const ambiguous: string[] = []
  for (const { name, operator, value } of range.log.matchers) {
    if (operator === '=' && !labels.has(name)) labels.set(name, value)
    else ambiguous.push(name)
  }
  for (const name of ambiguous) labels.delete(name)
  return seriesLabels([...labels].filter(([, value]) => value !== ''))
}

function pipelineError(labels: SeriesLabels): LogqlError {
  const series = `{${labels.pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
  const error = labelOf(labels, ERROR_LABEL)
  return new LogqlError(
    `pipeline error: '${error}' for series: '${series}'.\n` +
      'Use a label filter to intentionally skip this error. (e.g | __error__!="' +
      `${error}").\nTo skip all potential errors you can match empty errors.(e.g __error__="")\n` +
      'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n',
  )
}
