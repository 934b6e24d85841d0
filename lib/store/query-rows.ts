/** Runs SQL over the rows of a store: the files that it reads stay until it ends, and those that can't matter are left out. */
import { basename } from 'node:path'
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { messageOf } from '../errors.ts'
import type { Moment } from '../logql/engine/querier.ts'
import { LogqlError } from '../logql/syntax/error.ts'
import { Columns, ShortTexts } from './columns.ts'
import { mayHold, type Needles } from './needles.ts'
import type { Part } from './sealed/manifest.ts'
import type { Pinned } from './sealed/store-files.ts'
import { isWhole } from './sealed/verify.ts'
import { filesOf, rowsOf, type FileChoice, type Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { ofStreamsSql } from './stream-set.ts'
import { streamChunks } from './stream-chunks.ts'
import { toNanos } from './stream-table.ts'

export interface RowQuery {
  readonly span: Span
  /** SQL on the columns of entries, empty or starting with AND, and the values of its parameters. */
  readonly condition: string
  readonly values?: readonly string[]
  /** The columns that are wanted; all of them when left out. */
  readonly columns?: string
  /** The streams, and what lines contain; `condition` has no streams then. */
  readonly needles?: Needles
  /** The files as they were when the caller looked; those of now when left out. */
  readonly pinned?: Pinned
  /** Narrows down the files. */
  readonly files?: (choice: FileChoice) => FileChoice
  readonly signal: AbortSignal | undefined
  /** Reads all of the result before the first chunk, which is faster where it isn't large. Rows then come in the order of the table. */
  readonly atOnce?: boolean
}

/** All rows of a query; `sql` is given the table expression. */
export async function allRows<Row>(
  store: LogStore,
  query: RowQuery,
  sql: (table: string) => string,
): Promise<Row[]> {
  const all: Row[] = []
  for await (const chunk of rawChunks(store, { ...query, atOnce: true }, sql))
    all.push(...(chunk.getRows() as Row[]))
  return all
}

/** Streams the columns of a query, so that its result is never in memory as a whole. `sql` as in `rawChunks`. */
export async function* chunksOf(
  store: LogStore,
  query: RowQuery,
  sql: (table: string, structured: boolean) => string,
): AsyncGenerator<Columns> {
  const shorts = new ShortTexts()
  for await (const chunk of rawChunks(store, query, sql))
    yield new Columns(store.database.bindings, chunk, shorts)
}

/** The chunks of a result. `sql` is told whether metadata is more than a level anywhere in the table. */
async function* rawChunks(
  store: LogStore,
  {
    span,
    condition,
    values = [],
    columns,
    needles,
    files = (all) => all,
    pinned: earlier,
    signal,
    atOnce = false,
  }: RowQuery,
  sql: (table: string, structured: boolean) => string,
): AsyncGenerator<DuckDBDataChunk> {
  signal?.throwIfAborted()
  const pinned = store.database.files.pin(earlier?.manifest)
  let held: { release(): void } | undefined
  let connection: DuckDBConnection | undefined
  let parts = pinned.manifest.parts
  const stop = (): void => connection?.interrupt()
  signal?.addEventListener('abort', stop)
  try {
    const { cutoff, condition: kinds } = store.rules
    const kept = { ...span, from: span.from > cutoff ? span.from : cutoff }
    const shown = await store.deletions.shown(kept)
    const choice = await mayHold(store, files(filesOf(pinned.manifest, kept)), kept, needles)
    const rows = (of: string): string => `true${kinds}${shown}${of}`
    const all = needles?.streams ?? ''
    // Instead of all that are searched: to compare with both lists takes twice as long.
    const some =
      choice.ids === undefined || choice.ids.length === 0 ? all : ` AND ${ofStreamsSql(choice.ids)}`
    const conditions = { hot: rows(all + condition), parts: rows(some + condition) }
    if (choice.hot.length === 0 && choice.parts.length === 0) return
    parts = choice.parts
    held = await store.database.files.hold(choice.parts, signal)
    connection = await store.database.take()
    const table = rowsOf(store.database.path, choice, conditions, columns, kept)
    const structured =
      choice.parts.some((part) => part.structured !== false) ||
      choice.hot.some((each) => store.upkeep.index(each)?.structured !== false)
    const statement = sql(table, structured)
    if (atOnce) {
      // A statement with parameters is prepared first, which takes two more turns of a thread and plans it twice.
      const result = await connection.run(statement, values.length === 0 ? undefined : [...values])
      for (let i = 0; i < result.chunkCount; i++) yield result.getChunk(i)
      return
    }
    for await (const chunk of streamChunks(connection, statement, values)) {
      signal?.throwIfAborted()
      yield chunk
    }
    signal?.throwIfAborted()
  } catch (error) {
    signal?.throwIfAborted()
    throw (await setDamagedAside(store, parts, error)) ?? explained(error)
  } finally {
    signal?.removeEventListener('abort', stop)
    if (connection !== undefined) store.database.give(connection)
    held?.release()
    pinned.release()
  }
}

/** What DuckDB says of a file that it can't make sense of; it doesn't always name the file, nor, in the middle of a result, the reason. */
const UNREADABLE = /parquet|zstd|thrift|corrupt|decompress|damaged/i

/**
 * Takes sealed files that can't be read out of the store, of those that a query has read. Returns the error of this query;
 * the next one is served the rest.
 */
async function setDamagedAside(
  { database }: LogStore,
  parts: readonly Part[],
  error: unknown,
): Promise<LogqlError | undefined> {
  const message = messageOf(error)
  if (!UNREADABLE.test(message)) return undefined
  const named = parts.filter(({ file }) => message.includes(basename(file)))
  const damaged: string[] = []
  for (const part of named.length > 0 ? named : parts) {
    if (database.files.isAbsent(part)) continue
    // What can't be looked at now isn't known to be damaged.
    if (await isWhole(database, part).catch(() => true)) continue
    await database.files.setAside(part, message)
    damaged.push(part.file)
  }
  if (damaged.length === 0) return undefined
  return new LogqlError(
    `${damaged.join(', ')} can't be read and was set aside: ask again for what the other files have`,
    { cause: error, status: 500 },
  )
}

function explained(error: unknown): unknown {
  if (!/^Out of Memory/i.test(messageOf(error))) return error
  return new LogqlError(
    'the query needs more memory than max_memory allows: narrow its range or its selector, or raise max_memory',
    { cause: error },
  )
}

// Times beyond 64 bits of nanoseconds mean "from the beginning" and "to the end".
const FIRST = -(2n ** 63n)
const LAST = 2n ** 63n - 1n

export function spanOf({ from, to }: { readonly from: Moment; readonly to: Moment }): Span {
  return { from: clamp(toNanos(from.seconds, from.nanos)), to: clamp(toNanos(to.seconds, to.nanos)) }
}

function clamp(time: bigint): bigint {
  return time < FIRST ? FIRST : time > LAST ? LAST : time
}

export function floorDiv(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b)
}
