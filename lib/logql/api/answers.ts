/**
 * What Loki's query API answers (https://grafana.com/docs/loki/latest/reference/loki-http-api/). Types only: a web page
 * imports them without the engine. Errors are text, with the HTTP status that says whose mistake it was.
 */

/** `Data` under `data`, which lists of names leave out when they are empty. */
export interface Success<Data> {
  status: 'success'
  data: Data
}

export type LabelMap = Record<string, string>

/** The labels of a line by their origin, for clients that ask for `categorize-labels`. */
export interface EntryLabels {
  structuredMetadata?: LabelMap
  parsed?: LabelMap
}

/** Nanoseconds since 1970 as text, the line, and its labels if they were asked for. */
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

/** `query_range` and `query`. */
export type QueryAnswer = Success<QueryData>

/** `labels` and `label/<name>/values`. */
export interface NamesAnswer {
  status: 'success'
  data?: string[]
}

/** `series`. */
export type SeriesAnswer = Success<LabelMap[]>

/** `index/stats`. */
export interface IndexStats {
  streams: number
  chunks: number
  bytes: number
  entries: number
}

export interface DetectedLabel {
  label: string
  cardinality: number
}

export interface DetectedField {
  label: string
  type: 'string' | 'int' | 'float' | 'boolean' | 'duration' | 'bytes'
  cardinality: number
  /** What found it in the lines; null for structured metadata and fields that the query itself parsed. */
  parsers: ('json' | 'logfmt')[] | null
  /** The keys that lead to it in a JSON line. */
  jsonPath?: string[]
}
