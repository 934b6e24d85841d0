/** Makes the parts of answers. */
import { formatFloat } from '../../go/strconv/number.ts'
import type { LabelMap, Point } from '../api/answers.ts'
import type { SeriesLabels } from './series-labels.ts'

export function labelMap(pairs: Iterable<readonly [string, string]>): LabelMap {
  return Object.fromEntries(pairs)
}

export function metricMap(labels: SeriesLabels): LabelMap {
  return labelMap(labels.pairs)
}

export function point(time: number, value: number): Point {
  return [time, formatFloat(value)]
}
