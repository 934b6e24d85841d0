/** What is known in memory of a file that isn't sealed yet, so that queries needn't look: its streams, its size, its lines. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { IS_STRUCTURED, isStructured } from '../metadata.ts'
import type { StreamRecord } from '../stream-table.ts'
import { GramFilters } from './gram-filter.ts'

/** Nanoseconds, inclusive. */
export interface Extent {
  oldest: bigint
  newest: bigint
}

/** A stream of a file that isn't sealed. */
interface HotStream extends Extent {
  rows: number
}

interface Rows {
  readonly streams: readonly StreamRecord[]
  readonly times: readonly bigint[]
  readonly lines: readonly string[]
  readonly metadata: readonly string[]
}

export class HotIndex {
  readonly streams = new Map<number, HotStream>()
  readonly #filters: GramFilters | undefined
  #rows = 0
  #bytes = 0
  #firstAt: number | undefined
  #structured = false
  #isCounted = true

  private constructor(filters: GramFilters | undefined) {
    this.#filters = filters
  }

  /** Of a new file. */
  static empty(): HotIndex {
    return new HotIndex(new GramFilters())
  }

  /** Reads the streams of a file that was filled before this start. `since` is when it was begun, in milliseconds. */
  static async load(connection: DuckDBConnection, name: string, since: number): Promise<HotIndex> {
    const reader = await connection.runAndReadAll(
      `SELECT stream_id, min(ts), max(ts), count(*), bool_or(${IS_STRUCTURED}) FROM ${name}.entries GROUP BY stream_id`,
    )
    const rows = reader.getRows() as [number, bigint, bigint, bigint, boolean][]
    // The lines from before this start aren't read here.
    const index = new HotIndex(rows.length === 0 ? new GramFilters() : undefined)
    for (const [id, oldest, newest, count, structured] of rows) {
      index.#structured ||= structured
      index.streams.set(id, { oldest, newest, rows: Number(count) })
      index.#rows += Number(count)
    }
    if (rows.length > 0) index.#firstAt = since
    return index
  }

  get rows(): number {
    return this.#rows
  }

  /** Bytes of lines and metadata since this start. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether times and rows of the streams are exact: they aren't once rows were deleted. */
  get isCounted(): boolean {
    return this.#isCounted
  }

  /** Whether metadata is more than a level anywhere. */
  get structured(): boolean {
    return this.#structured
  }

  /** When the first row came, in milliseconds. */
  get firstAt(): number | undefined {
    return this.#firstAt
  }

  /** The filters of all lines; `undefined` if some of them aren't in it. */
  get filters(): GramFilters | undefined {
    return this.#filters
  }

  /** The times of all rows; `undefined` without any. */
  get extent(): Extent | undefined {
    let all: Extent | undefined
    for (const { oldest, newest } of this.streams.values()) {
      all ??= { oldest, newest }
      if (oldest < all.oldest) all.oldest = oldest
      if (newest > all.newest) all.newest = newest
    }
    return all
  }

  /** Adds rows that were committed; `repeats` weren't stored. */
  add(rows: Rows, repeats: ReadonlySet<number>, now: number): void {
    this.#firstAt ??= now
    const { streams, times, lines, metadata } = rows
    for (let i = 0; i < streams.length; i++) {
      if (repeats.has(i)) continue
      const { id } = streams[i]!
      const time = times[i]!
      const stream = this.streams.get(id)
      if (stream === undefined) this.streams.set(id, { oldest: time, newest: time, rows: 1 })
      else {
        if (time > stream.newest) stream.newest = time
        else if (time < stream.oldest) stream.oldest = time
        stream.rows++
      }
      this.#filters?.add(time, lines[i]!)
      if (isStructured(metadata[i]!)) this.#structured = true
      this.#rows++
      this.#bytes += lines[i]!.length + metadata[i]!.length + 16
    }
  }

  /** Forgets what was deleted: rows older than `oldestOf` says for a stream. */
  cut(oldestOf: (id: number) => bigint, deleted: number): void {
    this.#rows -= deleted
    if (deleted > 0) this.#isCounted = false
    for (const [id, extent] of this.streams) {
      const oldest = oldestOf(id)
      if (extent.newest < oldest) this.streams.delete(id)
      else if (extent.oldest < oldest) extent.oldest = oldest
    }
  }
}
