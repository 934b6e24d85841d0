/** The samples that a range aggregation reads, before windows make anything of them. */
import type { WindowedSeries, Windows } from '../../lib/logql/metrics/windowed-series.ts'

/** Keeps all samples. */
export const NO_WINDOWS: Windows = { interval: Infinity, step: 1, count: 0, aggregate: () => NaN }

/** The labels, times and values of a series that has all its samples. */
export function samplesOf({ labels, times, values, count }: WindowedSeries): unknown {
  return [Object.fromEntries(labels.pairs), [...times.subarray(0, count)], [...values.subarray(0, count)]]
}
