/**
 * Turns a DuckDB file that takes no more rows into sealed files, one for each hour of its entries' time, or several where an
 * hour has more text than can be sorted in memory. It's read while it is sealed, and stays part of the store until the manifest names the sealed files instead.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { type Bindings, Columns, ShortTexts } from '../columns.ts'
import { hotName, type Database } from '../database.ts'
import { streamChunks } from '../stream-chunks.ts'
import { labelsText, type StreamTable } from '../stream-table.ts'
import { GramFilters } from './gram-filter.ts'
import type { Extent, HotIndex } from './hot-index.ts'
import type { HotFile, Part } from './manifest.ts'
import { removePart } from './store-files.ts'
import { mostText, SEALING_LEVEL, writePart } from './write-part.ts'

const HOUR = 3_600_000_000_000n
/** More hours than this are sealed as days; a file of 0.1.0 may hold years. */
const MOST_HOURS = 72n

export interface SealOptions {
  readonly database: Database
  readonly streams: StreamTable
  /** SQL on stream_id and ts that holds for what is kept. */
  readonly kept: string
  /** Ends it early. */
  readonly signal: AbortSignal
}

/** Writes the sealed files. Rejects when one can't be written, and leaves none then. */
export async function sealHot(hot: HotFile, index: HotIndex, options: SealOptions): Promise<Part[]> {
  const { database, signal } = options
  const { extent } = index
  if (extent === undefined) return []
  const parts: Part[] = []
  try {
    await database.use(
      (connection) => sealInto(parts, connection, hot, { ...options, index, extent }),
      signal,
    )
    return parts
  } catch (error) {
    for (const part of parts) await removePart(database.path, part)
    throw error
  }
}

async function sealInto(
  parts: Part[],
  connection: DuckDBConnection,
  hot: HotFile,
  {
    database,
    streams,
    kept,
    signal,
    index,
    extent,
  }: SealOptions & { readonly index: HotIndex; readonly extent: Extent },
): Promise<void> {
  const table = `${hotName(hot)}.entries`
  await connection.run('CREATE OR REPLACE TEMP TABLE seal_labels(stream_id INTEGER, labels VARCHAR)')
  try {
    await fillLabels(connection, database, [...index.streams.keys()], streams)
    const { filters = await filtersOf(connection, database, table) } = index
    const length = extent.newest - extent.oldest > MOST_HOURS * HOUR ? 24n * HOUR : HOUR
    const most = mostText(database.maxMemory)
    const { bindings } = database
    for (const { from, to, rows } of await slicesOf(connection, table, { length, kept, most, bindings })) {
      signal.throwIfAborted()
      const condition = `ts >= ${from} AND ts < ${to} AND ${kept}`
      const part = await writePart(connection, {
        database,
        number: database.files.nextNumber(),
        rowsFrom: `(SELECT *, rowid AS seq FROM ${table} WHERE ${condition}) JOIN seal_labels USING (stream_id)`,
        arrival: 'seq',
        extent: {
          oldest: from > extent.oldest ? from : extent.oldest,
          newest: to <= extent.newest ? to - 1n : extent.newest,
        },
        day: from,
        rows,
        filter: filters.of(from, to).bytes(),
        level: SEALING_LEVEL,
      })
      parts.push(part)
    }
  } finally {
    await connection.run('DROP TABLE IF EXISTS seal_labels').catch(() => undefined)
  }
}

/** A span of time, its end exclusive. */
interface Slice {
  readonly from: bigint
  to: bigint
  rows: number
  bytes: number
}

interface Slicing {
  /** Nanoseconds that go into one file. */
  readonly length: bigint
  readonly kept: string
  /** Bytes of text that do; only what has the same second goes beyond them. */
  readonly most: number
  readonly bindings: Bindings
}

async function slicesOf(
  connection: DuckDBConnection,
  table: string,
  { length, kept, most, bindings }: Slicing,
): Promise<Slice[]> {
  const grain = length / 3600n
  // SQL's remainder has the sign of the time.
  const sql = `SELECT ts - ((ts % ${grain}) + ${grain}) % ${grain} AS begin, CAST(count(*) AS DOUBLE), CAST(sum(strlen(line) + strlen(metadata)) AS DOUBLE) FROM ${table} WHERE ${kept} GROUP BY begin ORDER BY begin`
  const slices: Slice[] = []
  const shorts = new ShortTexts()
  let last: Slice | undefined
  let end = 0n
  for await (const chunk of streamChunks(connection, sql)) {
    // Not by rows: those of a day would be 86,400 arrays, 20 MiB of V8's heap.
    const columns = new Columns(bindings, chunk, shorts)
    const begins = columns.bigints(0)
    const counts = columns.doubles(1)
    const sizes = columns.doubles(2)
    for (const [i, from] of begins.entries()) {
      const rows = counts[i]!
      const bytes = sizes[i]!
      if (last !== undefined && from < end && last.bytes + bytes <= most) {
        last.to = from + grain
        last.rows += rows
        last.bytes += bytes
        continue
      }
      slices.push((last = { from, to: from + grain, rows, bytes }))
      end = from - (((from % length) + length) % length) + length
    }
  }
  return slices
}

/** Rows of one insert; DuckDB's vector size. */
const CHUNK = 2048

async function fillLabels(
  connection: DuckDBConnection,
  { duckdb }: Database,
  ids: readonly number[],
  streams: StreamTable,
): Promise<void> {
  const appender = await connection.createAppender('seal_labels')
  for (let at = 0; at < ids.length; at += CHUNK) {
    const some = ids.slice(at, at + CHUNK)
    const chunk = duckdb.DuckDBDataChunk.create([duckdb.INTEGER, duckdb.VARCHAR], some.length)
    // A stream without labels was removed: its rows are older than the retention.
    const labels = some.map((id) => streams.byId(id)?.labels)
    chunk.setColumns([some, labels.map((each) => (each === undefined ? '{}' : labelsText(each)))])
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

// For rows from before this start, which the index in memory hasn't seen.
async function filtersOf(
  connection: DuckDBConnection,
  { long }: Database,
  table: string,
): Promise<GramFilters> {
  const filters = new GramFilters()
  for await (const chunk of streamChunks(connection, `SELECT ts, line FROM ${table}`)) {
    const [times, lines] = chunk.getColumns() as unknown as readonly [readonly bigint[], readonly string[]]
    for (let i = 0; i < times.length; i++) filters.add(times[i]!, long.text(lines[i]!))
  }
  return filters
}
