/**
 * Finds entries that are stored already: same stream, time, line and metadata, in the same commit or any earlier one.
 * Entries mostly arrive in time order, and one newer than everything in its stream can't be a repetition, so only the
 * others are looked up. That costs nothing until something is resent, and no memory.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { DuckDB } from './database.ts'
import type { LongTexts } from './long-texts.ts'
import type { Parcel } from './rows.ts'
import type { Part } from './sealed/manifest.ts'
import { rowsOf, within } from './sealed/source.ts'
import type { Pinned, StoreFiles } from './sealed/store-files.ts'

type Rows = Omit<Parcel, 'done'>

/** Where stored entries are. */
interface Stored {
  readonly duckdb: DuckDB
  readonly long: LongTexts
  readonly files: StoreFiles
}

/** How long a commit waits for files of the bucket. */
const FETCH_MS = 5000

/** Rows per lookup. */
const LOOKUP = 2048

/** Makes the temporary table for lookups; once per connection. */
export async function prepareLookups(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TEMP TABLE suspects(i INTEGER, stream_id INTEGER, ts BIGINT)')
}

/**
 * The indexes of rows that are not to be stored. Advances `storedTime` of the streams as if the rest had been; the
 * caller takes that back when the commit fails. Runs inside of the caller's transaction.
 */
export async function findRepeats(
  rows: Rows,
  connection: DuckDBConnection,
  stored: Stored,
): Promise<ReadonlySet<number>> {
  const before = new Map<number, bigint | undefined>()
  const suspects = suspectsOf(rows, before)
  const repeats = new Set<number>()
  if (suspects.length === 0) return repeats
  const firsts = withinRows(rows, suspects, repeats)
  const unsure = firsts.filter((i) => {
    const newest = before.get(rows.streams[i]!.id)
    return newest !== undefined && rows.times[i]! <= newest
  })
  if (unsure.length === 0) return repeats
  const pinned = stored.files.pin()
  try {
    for (let at = 0; at < unsure.length; at += LOOKUP) {
      const some = unsure.slice(at, at + LOOKUP)
      await fillSuspects(rows, some, connection, stored.duckdb)
      await lookUp(rows, some, repeats, { connection, long: stored.long })
      await lookUpEarlier(rows, some, repeats, { connection, pinned, ...stored })
    }
  } finally {
    pinned.release()
  }
  return repeats
}

// Rows that aren't newer than everything before them in their stream.
function suspectsOf(rows: Rows, before: Map<number, bigint | undefined>): number[] {
  const suspects: number[] = []
  const { streams, times } = rows
  let last: unknown
  for (let i = 0; i < streams.length; i++) {
    const stream = streams[i]!
    const time = times[i]!
    if (stream !== last) {
      if (!before.has(stream.id)) before.set(stream.id, stream.storedTime)
      last = stream
    }
    if (stream.storedTime === undefined || time > stream.storedTime) stream.storedTime = time
    else suspects.push(i)
  }
  return suspects
}

// Only rows that share their time with a suspect can be equal to one. Returns the suspects that don't repeat an earlier
// row of this commit.
function withinRows(rows: Rows, suspects: readonly number[], repeats: Set<number>): number[] {
  const { streams, times, lines, metadata } = rows
  const doubtful = new Set(suspects.map((i) => times[i]!))
  const seen = new Set<string>()
  for (let i = 0; i < times.length; i++) {
    if (!doubtful.has(times[i]!)) continue
    const key = `${streams[i]!.id} ${times[i]} ${metadata[i]!.length} ${metadata[i]}${lines[i]}`
    if (seen.has(key)) repeats.add(i)
    else seen.add(key)
  }
  return suspects.filter((i) => !repeats.has(i))
}

interface Lookup {
  readonly connection: DuckDBConnection
  readonly long: LongTexts
}

// In the file that takes rows. In two steps, so that only lines whose stream and time match are read.
async function lookUp(
  rows: Rows,
  unsure: readonly number[],
  repeats: Set<number>,
  lookup: Lookup,
): Promise<void> {
  const { low, high } = rangeOf(rows, unsure)
  const found = await lookup.connection.runAndReadAll(
    `SELECT s.i, e.rowid FROM suspects s JOIN entries e ON e.ts = s.ts AND e.stream_id = s.stream_id WHERE e.ts BETWEEN ${low} AND ${high} ORDER BY e.rowid`,
  )
  const pairs = found.getRows() as [number, bigint][]
  for (let at = 0; at < pairs.length; at += LOOKUP)
    await compare(rows, pairs.slice(at, at + LOOKUP), repeats, lookup)
}

// In the files before it: those sealed skip what is of other times and streams.
async function lookUpEarlier(
  rows: Rows,
  unsure: readonly number[],
  repeats: Set<number>,
  { connection, long, files, pinned }: Lookup & { readonly files: StoreFiles; readonly pinned: Pinned },
): Promise<void> {
  const { low, high } = rangeOf(rows, unsure)
  const { hot, parts } = pinned.manifest
  const times = unsure.map((i) => rows.times[i]!)
  const choice = {
    hot: hot.slice(0, -1),
    parts: parts.filter(({ from, to }) => times.some((time) => time >= from && time <= to)),
  }
  if (choice.hot.length === 0 && choice.parts.length === 0) return
  const compareAll = async (here: readonly Part[]): Promise<void> => {
    if (choice.hot.length === 0 && here.length === 0) return
    const found = await connection.runAndReadAll(
      `SELECT s.i, ${LINE} AS line, e.metadata FROM suspects s JOIN ${rowsOf(files.folder, { ...choice, parts: here }, within({ from: low, to: high + 1n }))} e ON e.ts = s.ts AND e.stream_id = s.stream_id`,
    )
    for (const [i, line, metadata] of found.getRows() as [number, string, string][])
      if (isStoredAs(line, rows.lines[i]!, long) && isStoredAs(metadata, rows.metadata[i]!, long))
        repeats.add(i)
  }
  await files.holdingWithin(choice.parts, FETCH_MS, compareAll)
}

function rangeOf(rows: Rows, some: readonly number[]): { readonly low: bigint; readonly high: bigint } {
  const times = some.map((i) => rows.times[i]!)
  return {
    low: times.reduce((a, b) => (b < a ? b : a)),
    high: times.reduce((a, b) => (b > a ? b : a)),
  }
}

async function compare(
  rows: Rows,
  pairs: readonly (readonly [number, bigint])[],
  repeats: Set<number>,
  { connection, long }: Lookup,
): Promise<void> {
  const ids = [...new Set(pairs.map(([, id]) => id))]
  const stored = await connection.runAndReadAll(
    `SELECT rowid, ${LINE}, metadata FROM entries WHERE rowid BETWEEN ${ids[0]} AND ${ids.at(-1)} AND rowid IN (${ids.join(',')})`,
  )
  const byId = new Map((stored.getRows() as [bigint, string, string][]).map((row) => [row[0], row] as const))
  for (const [i, id] of pairs) {
    const row = byId.get(id)
    if (row === undefined) continue
    const [, line, metadata] = row
    if (isStoredAs(line, rows.lines[i]!, long) && isStoredAs(metadata, rows.metadata[i]!, long))
      repeats.add(i)
  }
}

// A lone surrogate is stored as U+FFFD.
function isStoredAs(stored: string, text: string, long: LongTexts): boolean {
  return long.isSame(stored, text) || long.isSame(stored, text.replaceAll(/\p{Cs}/gu, '\ufffd'))
}

/** The column `line` as stored: the package's reader strips one byte order mark. */
const LINE = 'CASE WHEN starts_with(line, chr(65279)) THEN chr(65279) || line ELSE line END'

async function fillSuspects(
  rows: Rows,
  unsure: readonly number[],
  connection: DuckDBConnection,
  duckdb: DuckDB,
): Promise<void> {
  await connection.run('DELETE FROM suspects')
  const chunk = duckdb.DuckDBDataChunk.create([duckdb.INTEGER, duckdb.INTEGER, duckdb.BIGINT], unsure.length)
  chunk.setColumns([[...unsure], unsure.map((i) => rows.streams[i]!.id), unsure.map((i) => rows.times[i]!)])
  const appender = await connection.createAppender('suspects')
  appender.appendDataChunk(chunk)
  appender.closeSync()
}
