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
import { type Aggregator, aggregatorOf, countedAggregatorOf, rangeFunctions } from './range-functions.ts'
import type { SampleSeries } from './line-samples.ts'
import { type Steps, readSamples } from './samples.ts'
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

/** Returns the vector of a step; called in order, once per step. */
type StepSource = (step: number) => Vector

interface Context {
  readonly querier: Querier
  readonly steps: Steps
  readonly budget: Budget
}

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

async function prepare(context: Context, expression: MetricExpression, around: Around): Promise<StepSource> {
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
  context: Context,
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
  context: Context,
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
  context: Context,
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
  context: Context,
  expression: LabelReplace,
  { whole, inside }: Around,
): Promise<StepSource> {
  const { target, replacement, source, pattern } = expression
  const inner = await prepare(context, expression.inner, { whole: whole === true, inside: inside === true })
  const regexp = compileWhole(pattern, expression.start)
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

/** A series with the window that slides over it. */
interface Sliding {
  readonly series: SampleSeries
  /** It has an error that the query doesn't ask for. */
  readonly failed: boolean
  from: number
  to: number
}

/** The samples of a range aggregation with what makes a value of them. */
async function readRange(
  { querier, steps, budget }: Context,
  expression: RangeAggregation,
  outer: Grouping | undefined,
): Promise<{ readonly samples: readonly SampleSeries[]; readonly aggregate: Aggregator }> {
  const bucket = countsItself(querier) ? bucketOf(expression, steps) : undefined
  if (bucket === undefined || !countsItself(querier)) {
    const samples = await readSamples(querier, expression, outer, steps, budget)
    const { interval, unwrap } = expression.range
    const call = { interval, parameter: expression.parameter ?? NaN, unwrapped: unwrap !== undefined }
    return { samples, aggregate: aggregatorOf(expression.operation, call) }
  }
  const samples = await readCounts(querier, expression, outer, { steps, bucket }, budget)
  return { samples, aggregate: countedAggregatorOf(expression.operation, expression.range.interval) }
}

async function prepareRange(
  context: Context,
  expression: RangeAggregation,
  outer: Grouping | undefined,
): Promise<StepSource> {
  const { steps, budget } = context
  const { samples, aggregate } = await readRange(context, expression, outer)
  const { interval } = expression.range
  const stepSize = Number(steps.step)
  const all: Sliding[] = samples.map((series) => ({
    series,
    failed:
      labelOf(series.labels, ERROR_LABEL) !== undefined &&
      labelOf(series.labels, PRESERVE_ERROR_LABEL) !== 'true',
    from: 0,
    to: 0,
  }))
  const absent = rangeFunctions[expression.operation].absent === true ? absentLabels(expression) : undefined
  return (step) => {
    budget.check()
    const end = step * stepSize
    const vector: Sample[] = []
    for (const sliding of all) {
      slide(sliding, end - interval, end)
      const { series, from, to } = sliding
      if (from === to) continue
      if (sliding.failed) throw pipelineError(series.labels)
      vector.push({
        labels: series.labels,
        value: aggregate({ times: series.times, values: series.values, from, to, end }),
      })
    }
    if (absent === undefined) return vector
    return vector.length > 0 ? [] : [{ labels: absent, value: 1 }]
  }
}

/** Moves a window forward: open at its start, closed at its end. */
function slide(sliding: Sliding, start: number, end: number): void {
  const { times } = sliding.series
  while (sliding.to < times.length && times[sliding.to]! <= end) sliding.to++
  while (sliding.from < sliding.to && times[sliding.from]! <= start) sliding.from++
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
