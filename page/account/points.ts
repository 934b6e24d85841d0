/** What charts make of recorded metrics. */
import type { MetricHistory } from '../../lib/page/history.ts'
import type { Point } from '../../lib/logql/api/answers.ts'

export type Recorded = MetricHistory['series'][number]

/** How fast a counter grows, at each time but the first; a counter that begins anew has no rate there. */
export function rateOf(times: readonly number[], values: Recorded['values']): readonly Point[] {
  const points: Point[] = []
  for (let i = 1; i < times.length; i++) {
    const [before, now] = [values[i - 1], values[i]]
    if (typeof before !== 'number' || typeof now !== 'number' || now < before) continue
    points.push([times[i]! / 1000, String(((now - before) * 1000) / (times[i]! - times[i - 1]!))])
  }
  return points
}

export function levelOf(times: readonly number[], values: Recorded['values']): readonly Point[] {
  return values.flatMap((value, i): Point[] => (value === null ? [] : [[times[i]! / 1000, String(value)]]))
}

/** Two series at the same times as one. */
export function sumOf(series: readonly Recorded[]): Recorded['values'] {
  const [first] = series
  if (first === undefined) return []
  return first.values.map((_value, i) => {
    const there = series.map(({ values }) => values[i]).filter((value) => typeof value === 'number')
    return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0)
  })
}
