/**
 * What the engine needs from a store: log lines by selector, time range and leading line filters, and label sets with
 * statistics. A store implements it; the engine does the rest.
 */
import type { LabelSet } from '../../flow/labels.ts'
import type { LabelPair } from '../../formats/label-text.ts'
import type { LabelMatcher, LineFilter } from '../syntax/ast.ts'

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
  /** How many lines are enough, if the engine knows. More do no harm. */
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
  /** Of lines and metadata, about: Loki's own numbers are rounded to chunks. */
  readonly bytes: number
  /** How many blocks of storage; 1 where a store has none. */
  readonly chunks: number
}

/** Lines by columns; valid until the next block is asked for. */
export interface RowBlock {
  /** The rows in the order of their times. The other columns are by row. */
  readonly order: Uint32Array
  /** The number of the stream and metadata, for `originOf`. */
  readonly origins: Int32Array
  /** Nanoseconds since the selection's `from`. */
  readonly times: Float64Array
  /** Lines in UTF-8, one after the other, and where each ends. */
  readonly bytes: Uint8Array
  readonly ends: Int32Array
  /** Whether a line isn't among the bytes; left out where all are. */
  readonly isElsewhere?: (row: number) => boolean
  /** The number that was asked for, by row; a row that has one has no line. NaN where the line has to be read. */
  readonly numbers?: Float64Array | undefined
  /** The line of a row as text. */
  line(row: number): string
}

/** A stream and metadata that rows share. */
export interface RowOrigin {
  readonly stream: LabelSet
  readonly metadata: readonly LabelPair[] | undefined
}

/** Rows of a range; blocks are in the order of time. */
export interface RowReading {
  readonly blocks: AsyncIterable<RowBlock>
  /** What the number in a block stands for; the same in all of them. */
  originOf(number: number): RowOrigin
}

/** A number in lines, which a store may hand out in place of them. */
export interface NumberField {
  /** What finds it. */
  readonly parser: { readonly kind: 'json' } | { readonly kind: 'pattern'; readonly pattern: string }
  /** The label that the parser makes of it. */
  readonly name: string
  /** Lines of streams without one of these labels are wanted whole: the parser would take them from the line. */
  readonly others: readonly string[]
  /** Lines that the parser takes one of these labels from are wanted whole. */
  readonly absent: readonly string[]
}

export interface RowSelection extends StreamSelection {
  /** Lines must pass all of these. */
  readonly filters: readonly LineFilter[]
  /** All that is wanted of a line where it has this number, and its stream doesn't have the label. */
  readonly number?: NumberField | undefined
  /** Which metadata is wanted, as for counts. */
  readonly byMetadata: boolean | readonly string[]
}

/** Which lines are to be counted, and in which steps. */
export interface CountSelection extends StreamSelection {
  /** Lines must pass all of these. */
  readonly filters: readonly LineFilter[]
  /** Where step 0 begins; like a range of LogQL a step holds its end and not its beginning. */
  readonly origin: Moment
  /** Length of a step in nanoseconds. */
  readonly step: bigint
  /**
   * Whether entries with different metadata are counted apart: all of it, none of it, or that of these names. With
   * names the rest of the metadata is left out, but that of an entry with an `__error__` is kept whole.
   */
  readonly byMetadata: boolean | readonly string[]
  /** Whether bytes are wanted as well: lines have then to be read, which takes longer. */
  readonly bytes: boolean
}

/** How many lines and bytes of lines of one stream lie in (origin + index·step, origin + (index+1)·step]. */
export interface StepCount {
  readonly stream: LabelSet
  /** `undefined` where metadata was not asked for, or there is none. */
  readonly metadata: readonly LabelPair[] | undefined
  readonly index: number
  readonly entries: number
  /** Of the lines in UTF-8; 0 where it was not asked for. */
  readonly bytes: number
}

/**
 * A store. Whatever it throws ends the query; it should stop when the selection's signal aborts.
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
  /**
   * Batches of counts, by the time of the first line of each: indexes do not fall. A store that counts faster than it
   * hands out lines has this; without it the engine reads the lines.
   */
  counts?(selection: CountSelection): AsyncIterable<readonly StepCount[]>
  /** The same lines as `entries` forward, by columns, which costs a fraction; without it the engine asks for entries. */
  rows?(selection: RowSelection): RowReading
}

/** A querier that can count by itself. */
export interface CountingQuerier extends Querier {
  counts(selection: CountSelection): AsyncIterable<readonly StepCount[]>
}
