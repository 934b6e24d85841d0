/** What the buckets of a histogram tell: how many values there were in each, and quantiles as Prometheus estimates them. */
import type { Point } from '../../lib/logql/api/answers.ts'
import type { Recorded } from './points.ts'

/** The buckets of a metric of the config, over time. */
export interface BucketSeries {
  /** Upper bounds, rising; the last is Infinity. */
  readonly bounds: readonly number[]
  /** Cumulative over bounds and over time, one row for each bound. */
  readonly counts: readonly Recorded['values'][]
}

export function bucketsOf(series: readonly Recorded[]): BucketSeries {
  const rows = series
    .map(({ labels, values }) => ({ bound: boundOf(labels['le'] ?? ''), values }))
    .sort((a, b) => a.bound - b.bound)
  return { bounds: rows.map(({ bound }) => bound), counts: rows.map(({ values }) => values) }
}

function boundOf(le: string): number {
  return le === '+Inf' ? Infinity : Number(le)
}

/** How many values fell into each bucket between two moments, by their index; none where there's no reading. */
export function fallen({ counts }: BucketSeries, from: number, to: number): number[] {
  let below = 0
  return counts.map((values) => {
    const now = values[to] ?? 0
    const before = values[from] ?? 0
    // A count that has fallen began anew.
    const grown = now >= before ? now - before : now
    const own = Math.max(0, grown - below)
    below = Math.max(below, grown)
    return own
  })
}

/** The value below which a share of the values lies, in a straight line within its bucket; `undefined` without values. */
export function quantile(
  bounds: readonly number[],
  counts: readonly number[],
  share: number,
): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0)
  if (all === 0) return undefined
  const rank = share * all
  let below = 0
  for (const [i, count] of counts.entries()) {
    if (below + count >= rank && count > 0) {
      const lower = bounds[i - 1] ?? 0
      const upper = bounds[i]!
      // Nothing is known of how far beyond the last bound values lie.
      if (upper === Infinity) return lower
      return lower + (upper - lower) * ((rank - below) / count)
    }
    below += count
  }
  return undefined
}

/** A quantile at each time but the first, of the values since the time before. */
export function quantileOver(
  buckets: BucketSeries,
  times: readonly number[],
  share: number,
): readonly Point[] {
  return times.slice(1).flatMap((time, i): Point[] => {
    const value = quantile(buckets.bounds, fallen(buckets, i, i + 1), share)
    return value === undefined ? [] : [[time / 1000, String(value)]]
  })
}
