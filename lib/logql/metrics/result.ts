/** The shapes of Loki's answers (https://grafana.com/docs/loki/latest/reference/loki-http-api/). */
import { formatFloat } from '../../go/strconv/number.ts'
import type { SeriesLabels } from './series-labels.ts'

export type LabelMap = Record<string, string>

/** The labels of a line apart, for clients that ask for `categorize-labels`. */
export interface EntryLabels {
  structuredMetadata?: LabelMap
  parsed?: LabelMap
}

/** Nanoseconds since 1970 as text, the line, and its labels where they were asked for. */
export type LogValue = [time: string, line: string] | [time: string, line: string, labels: EntryLabels]

export interface LogStream {
  stream: LabelMap
  values: LogValue[]
}

/** Seconds since 1970 with milliseconds, and a number as text (`NaN`, `+Inf`, `-Inf` among them). */
export type Point = [time: number, value: string]

export interface StreamsData {
  resultType: 'streams'
  encodingFlags?: string[]
  result: LogStream[]
}

export interface MatrixData {
  resultType: 'matrix'
  result: { metric: LabelMap; values: Point[] }[]
}

export interface VectorData {
  resultType: 'vector'
  result: { metric: LabelMap; value: Point }[]
}

export interface ScalarData {
  resultType: 'scalar'
  result: Point
}

export type QueryData = StreamsData | MatrixData | VectorData | ScalarData

export function labelMap(pairs: Iterable<readonly [string, string]>): LabelMap {
  return Object.fromEntries(pairs)
}

export function metricMap(labels: SeriesLabels): LabelMap {
  return labelMap(labels.pairs)
}

export function point(time: number, value: number): Point {
  return [time, formatFloat(value)]
}
