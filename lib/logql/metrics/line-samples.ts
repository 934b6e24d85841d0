/** One sample: what a pipeline makes of a line, and the series that it belongs to. */
import type { LogEntry } from '../engine/querier.ts'
import type { Row, Stage } from '../stages/stage.ts'
import { runStages } from '../stages/stages.ts'
import type { Grouper } from './grouper.ts'
import type { SeriesLabels } from './series-labels.ts'

/** Reads the value of a line; undefined drops the line. */
export type Extractor = (row: Row) => number | undefined

/** Makes samples of lines. */
export interface Reader {
  readonly stages: readonly Stage[]
  readonly extract: Extractor
  readonly grouper: Grouper
  readonly row: Row
}

/** Returns the labels and the value of the sample of a line, if it has one. */
export function readEntry(
  { stages, extract, grouper, row }: Reader,
  entry: LogEntry,
): [SeriesLabels, number] | undefined {
  row.line = entry.line
  row.seconds = entry.seconds
  row.nanos = entry.nanos
  row.labels.reset(entry.stream, entry.metadata)
  if (!runStages(stages, row)) return undefined
  const value = extract(row)
  return value === undefined ? undefined : [grouper.group(row.labels), value]
}
