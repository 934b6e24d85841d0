/** Range aggregations: what `rate`, `count_over_time`, `quantile_over_time` and so on make of a window of samples. */
import type { RangeAggregation } from '../syntax/ast.ts'

/** The samples of one series from index `from` up to, not including, `to`; never empty. */
export interface Window {
  readonly times: readonly number[]
  readonly values: readonly number[]
  readonly from: number
  readonly to: number
  /** The end of the window, in the time of `times`. */
  readonly end: number
}

export type Aggregator = (window: Window) => number

function sum({ values, from, to }: Window): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i]!
  return total
}

function count({ from, to }: Window): number {
  return to - from
}

/** The running mean of Prometheus: an infinite one stays so. */
function average({ values, from, to }: Window): number {
  let mean = 0
  for (let i = from; i < to; i++) mean = nextMean(mean, values[i]!, i - from + 1)
  return mean
}

/** The mean of `count` values, of which all but the last have the mean given. */
export function nextMean(mean: number, value: number, count: number): number {
  if (Math.abs(mean) === Infinity) {
    if (Math.abs(value) === Infinity && mean > 0 === value > 0) return mean
    if (Number.isFinite(value)) return mean
  }
  return mean + (value / count - mean / count)
}

function largest({ values, from, to }: Window): number {
  let found = values[from]!
  for (let i = from; i < to; i++) if (values[i]! > found || Number.isNaN(found)) found = values[i]!
  return found
}

function smallest({ values, from, to }: Window): number {
  let found = values[from]!
  for (let i = from; i < to; i++) if (values[i]! < found || Number.isNaN(found)) found = values[i]!
  return found
}

/** The population variance, by Welford's method. */
function variance({ values, from, to }: Window): number {
  let mean = 0
  let squares = 0
  for (let i = from; i < to; i++) {
    const delta = values[i]! - mean
    mean += delta / (i - from + 1)
    squares += delta * (values[i]! - mean)
  }
  return squares / (to - from)
}

/** Linear interpolation between the two nearest of the sorted values; beyond 0 and 1 it is infinite. */
function quantile(q: number, { values, from, to }: Window): number {
  if (Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  // NaN is smaller than everything else.
  const sorted = values.slice(from, to).sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b))
  const rank = q * (sorted.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(sorted.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight
}

/** How much a counter rose, resets undone. */
function increase({ values, from, to }: Window): number {
  let total = values[to - 1]! - values[from]!
  let last = 0
  for (let i = from; i < to; i++) {
    if (values[i]! < last) total += last
    last = values[i]!
  }
  return total
}

/**
 * The rate of a counter as Loki 3.7 has it: Prometheus' extrapolation, but with nanoseconds taken for milliseconds, so
 * that the window is hardly widened (https://github.com/grafana/loki/pull/23684 mends it). One sample gives 0.
 */
function counterRate(interval: number, window: Window): number {
  const { times, values, from, to } = window
  if (to - from < 2) return 0
  const total = increase(window)
  const sampled = (times[to - 1]! - times[from]!) / 1000
  const average = sampled / (to - from - 1)
  let toStart = interval / 1e9
  if (total > 0 && values[from]! >= 0) toStart = Math.min(toStart, sampled * (values[from]! / total))
  const extrapolated = sampled + (toStart < average * 1.1 ? toStart : average / 2)
  return (total * (extrapolated / sampled)) / (interval / 1e9)
}

/** The function of a range aggregation. */
export function aggregatorOf(expression: RangeAggregation): Aggregator {
  const { interval, unwrap } = expression.range
  const seconds = interval / 1e9
  switch (expression.operation) {
    case 'rate':
      return unwrap === undefined ? (window) => count(window) / seconds : (window) => sum(window) / seconds
    case 'rate_counter':
      return (window) => counterRate(interval, window)
    case 'count_over_time':
      return count
    case 'bytes_rate':
      return (window) => sum(window) / seconds
    case 'bytes_over_time':
    case 'sum_over_time':
      return sum
    case 'avg_over_time':
      return average
    case 'min_over_time':
      return smallest
    case 'max_over_time':
      return largest
    case 'stdvar_over_time':
      return variance
    case 'stddev_over_time':
      return (window) => Math.sqrt(variance(window))
    case 'quantile_over_time': {
      const q = expression.parameter ?? NaN
      return (window) => quantile(q, window)
    }
    case 'first_over_time':
      return ({ values, from }) => values[from]!
    case 'last_over_time':
      return ({ values, to }) => values[to - 1]!
    case 'absent_over_time':
      return () => 1
  }
}

/** The function of a range aggregation over lines that were counted already: samples are counts, or sums of bytes. */
export function countedAggregatorOf({ operation, range }: RangeAggregation): Aggregator {
  const seconds = range.interval / 1e9
  return operation === 'rate' || operation === 'bytes_rate' ? (window) => sum(window) / seconds : sum
}
