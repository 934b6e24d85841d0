/**
 * What the engine asks of a store: log lines by selector, time range and leading line filters, and what is known about
 * streams. A store implements it; the engine does the rest.
 */
import type { LabelSet } from '../labels.ts'
import type { LabelPair } from '../text/label-text.ts'
import type { LabelMatcher, LineFilter } from './ast.ts'

/** A point in time with nanoseconds; `nanos` is from 0 to 999,999,999. */
export interface Moment {
  readonly seconds: number
  readonly nanos: number
}

export type Direction = 'forward' | 'backward'

/** Streams by their labels; no matcher means all of them. */
export interface StreamSelection {
  readonly matchers: readonly LabelMatcher[]
  /** Inclusive. */
  readonly from: Moment
  /** Exclusive. */
  readonly to: Moment
  readonly signal: AbortSignal | undefined
}

/** Lines of streams. */
export interface LogSelection extends StreamSelection {
  /** The order in which lines are wanted. */
  readonly direction: Direction
  /** Lines must pass all of these. The engine does not check again, so a store applies every one. */
  readonly filters: readonly LineFilter[]
  /** So many lines are enough; undefined where the engine cannot know. More do no harm. */
  readonly limit: number | undefined
}

/** One stored line. */
export interface LogEntry extends Moment {
  /** The labels of its stream, without those of the structured metadata. */
  readonly stream: LabelSet
  readonly line: string
  readonly metadata: readonly LabelPair[] | undefined
}

/** A stream and how much of it lies in a time range. */
export interface StreamStatistics {
  readonly stream: LabelSet
  readonly entries: number
  /** Of the lines, about: Loki's own numbers are rounded to chunks. */
  readonly bytes: number
  /** How many blocks of storage; 1 where a store has none. */
  readonly chunks: number
}

/**
 * A store that the engine asks. Whatever it throws ends the query; it should stop when the selection's signal says so.
 */
export interface Querier {
  /**
   * Batches of lines in the order of time that the selection names. Of lines with the same time those of one stream
   * come together, in the order of their arrival for `forward`, reversed for `backward`. A line with the time, text and
   * metadata of an earlier one of its stream is stored once.
   */
  entries(selection: LogSelection): AsyncIterable<readonly LogEntry[]> | Iterable<readonly LogEntry[]>
  /** The label sets of the streams that have lines in the range; whole days may be looked up, as Loki's index does. */
  streams(selection: StreamSelection): Promise<readonly LabelSet[]>
  /** The same with their sizes. */
  statistics(selection: StreamSelection): Promise<readonly StreamStatistics[]>
}
