/**
 * The functions over a range, `rate({app="a"}[5m])` and so on: one row each. The scanner, the checks and the engine all
 * read this table, so a new function needs a row here and its cases.
 */

import { selected } from './selection.ts'

/** The samples of one series from index `from` up to, not including, `to`; never empty. */
export interface Window {
  readonly times: Float64Array
  readonly values: Float64Array
  readonly from: number
  readonly to: number
  /** The end of the window, in the time of `times`. */
  readonly end: number
}

/** What a query says besides its selector. */
export interface RangeCall {
  /** Length of the range in nanoseconds. */
  readonly interval: number
  /** NaN without one. */
  readonly parameter: number
  /** Whether samples are values of a label, rather than 1 a line. */
  readonly unwrapped: boolean
}

export interface RangeFunction {
  /** Whether it reads lines, the values of `| unwrap`, or either. */
  readonly over: 'lines' | 'values' | 'either'
  /** Whether it takes `by` and `without`. */
  readonly grouping: boolean
  /** An example of its parameter; none without it. */
  readonly parameter?: string
  /** A sample is the bytes of a line, not 1. */
  readonly bytes?: boolean
  /** The result is divided by the seconds of the range. */
  readonly perSecond?: boolean
  /** It answers only where samples are missing. */
  readonly absent?: boolean
  /**
   * The aggregation that joins its results over parts of the data. Loki cuts queries into shards with it, which shows in
   * labels (split.ts); `whole` may stand in a shard but is never cut.
   */
  readonly joins?: 'sum' | 'max' | 'min' | 'avg' | 'whole'
  readonly aggregate: (window: Window, call: RangeCall) => number
}

const RANGE_FUNCTIONS = {
  count_over_time: { over: 'lines', grouping: false, joins: 'sum', aggregate: count },
  rate: {
    over: 'either',
    grouping: false,
    perSecond: true,
    joins: 'sum',
    aggregate: (window, { unwrapped }) => (unwrapped ? sum(window) : count(window)),
  },
  bytes_over_time: { over: 'lines', grouping: false, bytes: true, joins: 'sum', aggregate: sum },
  bytes_rate: { over: 'lines', grouping: false, bytes: true, perSecond: true, joins: 'sum', aggregate: sum },
  absent_over_time: { over: 'either', grouping: false, absent: true, aggregate: () => 1 },
  sum_over_time: { over: 'values', grouping: false, joins: 'sum', aggregate: sum },
  avg_over_time: { over: 'values', grouping: true, joins: 'avg', aggregate: average },
  min_over_time: { over: 'values', grouping: true, joins: 'min', aggregate: smallest },
  max_over_time: { over: 'values', grouping: true, joins: 'max', aggregate: largest },
  stdvar_over_time: { over: 'values', grouping: true, aggregate: variance },
  stddev_over_time: { over: 'values', grouping: true, aggregate: (window) => Math.sqrt(variance(window)) },
  quantile_over_time: {
    over: 'values',
    grouping: true,
    parameter: '0.95',
    joins: 'whole',
    aggregate: (window, { parameter }) => quantile(parameter, window),
  },
  first_over_time: {
    over: 'values',
    grouping: true,
    joins: 'whole',
    aggregate: ({ values, from }) => values[from]!,
  },
  last_over_time: {
    over: 'values',
    grouping: true,
    joins: 'whole',
    aggregate: ({ values, to }) => values[to - 1]!,
  },
  rate_counter: { over: 'values', grouping: false, aggregate: counterRate },
} satisfies Record<string, RangeFunction>

export type RangeOperation = keyof typeof RANGE_FUNCTIONS

export const rangeFunctions: Readonly<Record<RangeOperation, RangeFunction>> = RANGE_FUNCTIONS

export type Aggregator = (window: Window) => number

/** The function of a range aggregation over its samples. */
export function aggregatorOf(operation: RangeOperation, call: RangeCall): Aggregator {
  const { aggregate, perSecond } = rangeFunctions[operation]
  return perSecond
    ? (window) => aggregate(window, call) / (call.interval / 1e9)
    : (window) => aggregate(window, call)
}

/** The same over lines that were counted already: samples are counts, or sums of bytes. */
export function countedAggregatorOf(operation: RangeOperation, interval: number): Aggregator {
  return rangeFunctions[operation].perSecond ? (window) => sum(window) / (interval / 1e9) : sum
}

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

/** The mean of `count` values, given that of all but the last. */
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

/** Interpolates linearly between the two nearest of the sorted values; infinite outside 0 to 1. */
function quantile(q: number, { values, from, to }: Window): number {
  if (Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  const rank = q * (to - from - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(to - from - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  const sorted = sortedUpTo(upper, values, from, to)
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight
}

/**
 * Values with the place `upper` and the one before it as if all were sorted. NaN sorts first, and zeros of both signs are
 * equal.
 */
function sortedUpTo(upper: number, values: Float64Array, from: number, to: number): Float64Array {
  const found = new Float64Array(to - from)
  for (let i = from; i < to; i++) {
    const value = values[i]!
    if (Number.isNaN(value) || Object.is(value, -0))
      return values.slice(from, to).sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b))
    found[i - from] = value
  }
  return selected(found, upper)
}

/** How much a counter rose, with resets undone. */
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
 * The rate of a counter as Loki 3.7 computes it: Prometheus' extrapolation, but with nanoseconds taken for milliseconds,
 * so that the window is hardly widened (https://github.com/grafana/loki/pull/23684 fixes it). One sample makes 0.
 */
function counterRate(window: Window, { interval }: RangeCall): number {
  const { times, values, from, to } = window
  if (to - from < 2) return 0
  const total = increase(window)
  const sampled = (times[to - 1]! - times[from]!) / 1000
  const spacing = sampled / (to - from - 1)
  let toStart = interval / 1e9
  if (total > 0 && values[from]! >= 0) toStart = Math.min(toStart, sampled * (values[from]! / total))
  const extrapolated = sampled + (toStart < spacing * 1.1 ? toStart : spacing / 2)
  return (total * (extrapolated / sampled)) / (interval / 1e9)
}
