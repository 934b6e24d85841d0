/**
 * Metrics that the store counts by itself: `count_over_time({a="b"} |= "c" [5m])` and the like need no line, so the store
 * counts in buckets that divide both range and step, and windows add them up.
 */
import { EMPTY_LABELS } from '../../flow/labels.ts'
import type { Grouping, RangeAggregation } from '../syntax/ast.ts'
import { NO_HINTS } from '../syntax/hints.ts'
import { LabelBuilder } from '../stages/label-builder.ts'
import { momentOf } from '../engine/moment.ts'
import type { CountingQuerier, Querier } from '../engine/querier.ts'
import { rangeFunctions } from './range-functions.ts'
import { Grouper } from './grouper.ts'
import { type MetricContext, type Steps, groupingOf, metadataNames } from './samples.ts'
import type { SeriesTable, WindowedSeries } from './windowed-series.ts'
import { neededStages } from './needed-stages.ts'
import { planStages } from '../stages/stages.ts'

/** More buckets than this are not asked for: they would hardly be fewer than the lines. */
const MAX_BUCKETS = 50_000n

function divisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisor(b, a % b)
}

/**
 * The length of buckets in nanoseconds that make every window of the steps exactly; undefined where the aggregation
 * needs its lines.
 */
export function bucketOf(expression: RangeAggregation, steps: Steps): bigint | undefined {
  const { operation, range } = expression
  const { interval, unwrap } = range
  const { joins, over } = rangeFunctions[operation]
  if (
    joins !== 'sum' ||
    over === 'values' ||
    unwrap !== undefined ||
    !Number.isSafeInteger(interval) ||
    interval <= 0
  )
    return undefined
  if (neededStages(expression).some(({ kind }) => kind !== 'line_filters')) return undefined
  const length = BigInt(interval)
  const bucket = steps.start === steps.end ? length : divisor(length, steps.step)
  return (steps.end - steps.start + length) / bucket > MAX_BUCKETS ? undefined : bucket
}

/** Whether a querier counts by itself. */
export function countsItself(querier: Querier): querier is CountingQuerier {
  return querier.counts !== undefined
}

/** What metrics are computed of, and the length of the buckets. */
interface CountContext extends MetricContext {
  readonly querier: CountingQuerier
  readonly bucket: bigint
}

/**
 * As readSamples, but with one sample for each bucket that has lines: at the end of the bucket, with their number or
 * bytes. A window's value is then the sum of its samples.
 *
 * @throws {LogqlError} when the time is up
 */
export async function readCounts(
  { querier, steps, budget, bucket }: CountContext,
  expression: RangeAggregation,
  outer: Grouping | undefined,
  table: SeriesTable,
): Promise<void> {
  const { log, interval, offset } = expression.range
  const grouping = groupingOf(expression, outer)
  const first = steps.start - BigInt(Math.round(offset)) - BigInt(interval)
  const bytes = rangeFunctions[expression.operation].bytes === true
  const selection = {
    matchers: log.matchers,
    // No window holds what lies at the very start, but it counts for the order of series, as it does for readSamples.
    from: momentOf(first),
    to: momentOf(steps.end - BigInt(Math.round(offset)) + 1n),
    filters: planStages(neededStages(expression)).filters,
    origin: momentOf(first),
    step: bucket,
    byMetadata: metadataNames(grouping),
    bytes,
    signal: budget.signal,
  }
  const grouper = new Grouper(grouping)
  const builder = new LabelBuilder(EMPTY_LABELS, NO_HINTS)
  for await (const counts of querier.counts(selection)) {
    budget.check()
    for (const count of counts) {
      builder.reset(count.stream, count.metadata)
      const end = (count.index + 1) * Number(bucket) - interval
      add(table.of(grouper.group(builder)), end, bytes ? count.bytes : count.entries)
    }
  }
}

function add(series: WindowedSeries, time: number, value: number): void {
  const last = series.count - 1
  if (series.times[last] === time) series.values[last]! += value
  else series.add(time, value)
}
