/** Writes a sealed file: sorted rows as Parquet, read back and counted, with its index beside it. */
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Columns, ShortTexts, type Bindings } from '../columns.ts'
import { literal } from '../database.ts'
import { writeAtomic } from '../../disk/atomic.ts'
import { hashFile } from '../../disk/hash-file.ts'
import { syncFile } from '../../disk/sync-file.ts'
import { syncFolder } from '../../disk/sync-folder.ts'
import { BucketWriter, bucketLength } from './bucket-counts.ts'
import type { Extent } from './hot-index.ts'
import { encodeIndex, type PartStream } from './part-index.ts'
import { streamChunks } from '../stream-chunks.ts'
import type { Part } from './manifest.ts'
import { runAside, type Aside } from './run-aside.ts'
import { parquetOf } from './source.ts'
import { indexFile, PARQUET, removePart } from './store-files.ts'
import { IS_STRUCTURED, METADATA_BYTES } from '../metadata.ts'
import { LINE_BYTES } from '../long-texts.ts'
import { plural } from '../../formats/plural.ts'
import { StreamGramsWriter } from './stream-grams.ts'

/** Rows that are read and skipped together, by the smallest and largest time and stream of each. */
const ROW_GROUP = 10_240
/** Of long lines fewer, at least one vector of DuckDB's: it holds a row group up to five times while it writes it. */
const LEAST_ROW_GROUP = 2048
const ROW_GROUP_BYTES = 8 * 1024 ** 2

/**
 * The rows of a file are sorted by spans of time with so many rows, then by their labels: the newest lines and those of a stream
 * are then in few row groups, and lines of streams that are alike compress together. With twice the rows a line takes 3 % more on
 * disk, in the order of streams' numbers 2 %.
 */
const SPAN_ROWS = 2 * ROW_GROUP

/** Of zstd. A seventh smaller than its usual level 3; sealing costs about twice the CPU (6.6 µs a line for 3.4, measured loaded). */
export const SEALING_LEVEL = 9

/**
 * An eighth smaller than that for 12 µs a line more, which pays for what is written once and kept for long. Levels up to 15
 * save 2 % at most, 16 takes nearly as long and saves 9 %, and 19 takes three times as long for nothing. Queries take the
 * same time.
 */
export const JOINING_LEVEL = 17

/** With more streams, labels are sorted as texts. */
const MOST_NUMBERED = 20_000

/**
 * No rows, from a function whose rows DuckDB can't number: it then writes the file on one thread, row group by row group.
 * With several threads it holds as many row groups as its memory takes, and fails when more are needed: 700,000 rows did with
 * 125 MiB. One thread costs a third less CPU.
 */
const ONE_THREAD = `SELECT 0, 0, '', '', '' FROM pragma_version() WHERE library_version = ''`

/** What a row group of long lines takes while it's written. */
const WRITING_BYTES = 32 * 1024 ** 2
/** Of the rest: a sort takes two to three times its text, and long lines can't be sorted on disk. */
const TEXT_SHARE = 1 / 4
const MOST_TEXT = 256 * 1024 ** 2

/** Bytes of text in a file, for a database with so much memory. */
export function mostText(memory: number): number {
  return Math.min(MOST_TEXT, (memory - WRITING_BYTES) * TEXT_SHARE)
}

const DAY = 86_400_000_000_000n

export interface NewPart {
  readonly database: Aside & { readonly path: string }
  readonly number: number
  /** SQL after SELECT …: rows with the columns stream_id, ts, line, metadata and labels. */
  readonly rowsFrom: string
  /** SQL that tells the order of arrival of rows with one time: columns of those rows. */
  readonly arrival: string
  /** The first and the last time, or an earlier and a later one. */
  readonly extent: Extent
  /** A time in it: the file goes into the folder of this day. */
  readonly day: bigint
  /** How many rows there must be. */
  readonly rows: number
  readonly filter: Uint8Array
  /** That of zstd. */
  readonly level: number
}

/**
 * Resolves when the file and its index would survive a power failure; they aren't part of the store before the manifest
 * names them. Rejects when the file doesn't hold the rows that it should.
 */
export async function writePart(connection: DuckDBConnection, { day, ...part }: NewPart): Promise<Part> {
  const file = `${PARQUET}/${dayOf(day)}/${String(part.number).padStart(6, '0')}.parquet`
  try {
    return await write(connection, file, part)
  } catch (error) {
    await removePart(part.database.path, { file })
    throw error
  }
}

async function write(
  connection: DuckDBConnection,
  file: string,
  { database, number, rowsFrom, arrival, extent, rows, filter, level }: Omit<NewPart, 'day'>,
): Promise<Part> {
  const { path: folder } = database
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true })
  const span = (extent.newest - extent.oldest) / BigInt(Math.ceil(rows / SPAN_ROWS)) + 1n
  const rowGroup = rowGroupOf(await densestSpan(connection, rowsFrom, span))
  await withLabelType(connection, rowsFrom, async (type) => {
    const order = `ts // ${span}, labels::${type}, stream_id, ts, ${arrival}`
    const sorted = `SELECT stream_id, ts, line, metadata, labels::${type} AS labels FROM ${rowsFrom} ORDER BY ${order}`
    const texts = `SELECT stream_id, ts, line, metadata, labels::VARCHAR AS labels FROM (${sorted})`
    await runAside(
      connection,
      `COPY ((${texts}) UNION ALL ${ONE_THREAD}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${level}, PARQUET_VERSION v2, ROW_GROUP_SIZE ${rowGroup})`,
      database,
    )
  })
  await syncFile(path)
  const table = parquetOf(folder, [{ file, number }])
  const { streams, structured } = await streamsOf(connection, table, database.bindings)
  const found = streams.reduce((sum, each) => sum + each.rows, 0)
  if (found !== rows) throw new Error(`${path} has ${plural(found, 'row')}, expected ${rows}`)
  const from = streams.reduce((least, { oldest }) => (oldest < least ? oldest : least), streams[0]!.oldest)
  const to = streams.reduce((most, { newest }) => (newest > most ? newest : most), streams[0]!.newest)
  const length = from > 0n ? bucketLength(rows, streams.length, to - from) : undefined
  const counts = length === undefined ? undefined : await countsOf(connection, table, { length, structured })
  const grams = await gramsOf(connection, table, streams, database.bindings)
  const index = { streams, filter, counts: counts ?? new Uint8Array(), grams }
  await writeAtomic(join(folder, indexFile({ file })), encodeIndex(index))
  await syncFolder(dirname(path))
  await syncFolder(join(folder, PARQUET))
  const { sha256, bytes } = await hashFile(path)
  const { size: indexBytes } = await stat(join(folder, indexFile({ file })))
  return {
    number,
    file,
    from,
    to,
    rows,
    text: streams.reduce((sum, { bytes }) => sum + bytes, 0),
    bytes,
    indexBytes,
    sha256,
    structured,
    long: await longFilesOf(connection, table),
  }
}

/**
 * Runs something with a type that stands for the labels of some rows while it sorts them: numbers in the order of the texts. With the
 * texts themselves, a sort of short lines takes 122 MiB for 70, and a third more CPU. Of many texts DuckDB's numbers cost more
 * than they save: those of 200,000 streams took 400 MiB for 150.
 */
async function withLabelType(
  connection: DuckDBConnection,
  rowsFrom: string,
  run: (type: string) => Promise<void>,
): Promise<void> {
  const count = await connection.runAndReadAll(`SELECT count(DISTINCT stream_id) FROM ${rowsFrom}`)
  if (Number(count.getRows()[0]![0]) > MOST_NUMBERED) return await run('VARCHAR')
  const type = 'sealed_labels'
  await connection.run(
    `CREATE OR REPLACE TEMP TYPE ${type} AS ENUM (SELECT DISTINCT labels FROM ${rowsFrom} ORDER BY labels)`,
  )
  try {
    await run(type)
  } finally {
    await connection.run(`DROP TYPE IF EXISTS ${type}`).catch(() => undefined)
  }
}

/** Rows of a row group in which `bytes` of text may come together, as they do when one stream has all long lines. */
function rowGroupOf(bytes: number): number {
  return Math.max(LEAST_ROW_GROUP, Math.min(ROW_GROUP, Math.floor((ROW_GROUP * ROW_GROUP_BYTES) / bytes)))
}

/** The bytes of the span of time with the most text. */
async function densestSpan(connection: DuckDBConnection, rowsFrom: string, span: bigint): Promise<number> {
  const reader = await connection.runAndReadAll(
    `SELECT max(bytes) FROM (SELECT CAST(sum(strlen(line) + strlen(metadata)) AS DOUBLE) AS bytes FROM ${rowsFrom} GROUP BY ts // ${span})`,
  )
  return (reader.getRows()[0]![0] as number | null) ?? 0
}

async function streamsOf(
  connection: DuckDBConnection,
  table: string,
  bindings: Bindings,
): Promise<{ readonly streams: readonly PartStream[]; readonly structured: boolean }> {
  const sql = `SELECT stream_id, min(ts), max(ts), CAST(count(*) AS DOUBLE), CAST(sum(${LINE_BYTES} + ${METADATA_BYTES}) AS DOUBLE), CAST(bool_or(${IS_STRUCTURED}) AS INTEGER) FROM ${table} GROUP BY stream_id ORDER BY stream_id`
  const streams: PartStream[] = []
  let structured = false
  const shorts = new ShortTexts()
  for await (const chunk of streamChunks(connection, sql)) {
    const columns = new Columns(bindings, chunk, shorts)
    const [oldest, newest] = [columns.bigints(1), columns.bigints(2)]
    const [rows, bytes] = [columns.doubles(3), columns.doubles(4)]
    for (const [i, id] of columns.integers(0).entries())
      streams.push({ id, oldest: oldest[i]!, newest: newest[i]!, rows: rows[i]!, bytes: bytes[i]! })
    structured ||= columns.integers(5).includes(1)
  }
  return { streams, structured }
}

/** How many rows the streams of a table have in each bucket of time, by their level if that is all their metadata. */
async function countsOf(
  connection: DuckDBConnection,
  table: string,
  { length, structured }: { readonly length: bigint; readonly structured: boolean },
): Promise<Uint8Array> {
  const writer = new BucketWriter(length)
  const sql = `SELECT CAST((ts - 1) // ${length} AS DOUBLE) AS bucket, stream_id, ${structured ? "''" : 'metadata'} AS m, CAST(count(*) AS DOUBLE) FROM ${table} GROUP BY bucket, stream_id, m ORDER BY bucket, min(ts), stream_id, arg_min(file_row_number, ts)`
  for await (const chunk of streamChunks(connection, sql))
    for (const [bucket, id, metadata, rows] of chunk.getRows() as [number, number, string, number][])
      writer.add({ bucket, id, metadata, rows })
  return writer.bytes()
}

/** Which streams of a table have which sequences in their lines. */
async function gramsOf(
  connection: DuckDBConnection,
  table: string,
  streams: readonly PartStream[],
  bindings: Bindings,
): Promise<Uint8Array> {
  const writer = new StreamGramsWriter(streams.length)
  if (writer.isIdle) return writer.bytes()
  const places = new Map(streams.map(({ id }, place) => [id, place]))
  const shorts = new ShortTexts()
  let lines = new Uint8Array(1024 ** 2)
  for await (const chunk of streamChunks(connection, `SELECT stream_id, line FROM ${table}`)) {
    const columns = new Columns(bindings, chunk, shorts)
    const ids = columns.integers(0)
    const ends = new Int32Array(ids.length)
    while (columns.bytes(1, lines, 0, ends) < 0) lines = new Uint8Array(2 * lines.length)
    for (let i = 0, start = 0; i < ids.length; i++) {
      writer.add(places.get(ids[i]!)!, lines, start, ends[i]!)
      start = ends[i]!
    }
  }
  return writer.bytes()
}

/** The files in `long/` that the rows of a table refer to. */
export async function longFilesOf(connection: DuckDBConnection, table: string): Promise<string[]> {
  const files = ['line', 'metadata'].map(
    (column) =>
      `SELECT substr(split_part(${column}, ':', 1), 2) FROM ${table} WHERE starts_with(${column}, chr(64976))`,
  )
  const found = await connection.runAndReadAll(files.join(' UNION '))
  return (found.getRows() as [string][]).map(([file]) => file).sort()
}

/** `2026-01-05`, the day in UTC; days that no date reaches are put together. */
function dayOf(time: bigint): string {
  const date = new Date(Number(time / DAY) * 86_400_000 - (time < 0n && time % DAY !== 0n ? 86_400_000 : 0))
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)
  return /^\d{4}-\d\d-\d\d$/.test(text) ? text : 'other'
}
