/**
 * Takes over a store of 0.1.0, which held long lines in the table itself: reading a few of them takes hundreds of megabytes, so
 * they couldn't be sealed within `max_memory`, nor could 0.1.0 write them into its file any more. Moves them into `long/`, once.
 */
import { stat } from 'node:fs/promises'
import type * as duckdb from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { LongTexts } from './long-texts.ts'

const MIB = 1024 ** 2
/** DuckDB reads 2,048 values at a time, which are at most 256 KiB each. */
const MEMORY_MIB = 1024
/** A smaller file holds too little to matter. */
const LEAST_BYTES = 16 * MIB
/** Lines of this version are shorter in the table. */
const LONG_BYTES = 16_384
/** Rows that are read at a time. */
const ROWS = 128n

export interface OldStore {
  readonly duckdb: typeof duckdb
  /** The database file. */
  readonly file: string
  /** SQL that opens it as `old`, and that makes the tables of `old` that are missing. */
  readonly attach: string
  readonly schema: readonly string[]
  /** A folder for what doesn't fit into memory. */
  readonly spill: string
  readonly long: LongTexts
  readonly log: Logger
}

/** Returns whether there was enough to look at. Throws IO when it can't be done; the store is then as it was. */
export async function takeOver(store: OldStore): Promise<boolean> {
  const { file, spill, log } = store
  const sizes = [file, `${file}.wal`].map((name) => stat(name).catch(() => undefined))
  const bytes = (await Promise.all(sizes)).reduce((sum, each) => sum + (each?.size ?? 0), 0)
  if (bytes < LEAST_BYTES) return false
  const instance = await store.duckdb.DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${MEMORY_MIB}MiB`,
    temp_directory: spill,
  })
  try {
    const connection = await instance.connect()
    await connection.run(store.attach)
    const moved = await moveLongLines(connection, store)
    await connection.run('CHECKPOINT old')
    await connection.run('DETACH old')
    if (moved > 0)
      log.info('long lines of an older version were moved into files of their own', { lines: moved })
    return true
  } catch (error) {
    // What the next opening says of such a file is clearer.
    if (!/Out of Memory/i.test(messageOf(error))) return false
    throw new LogstreamError(
      'IO',
      `the store "${file}" holds long lines of version 0.1.0, and taking it over needs ${MEMORY_MIB} MiB of memory once: give the process more, or move the file away to begin with an empty store`,
      { cause: error, option: 'path' },
    )
  } finally {
    instance.closeSync()
  }
}

async function moveLongLines(connection: DuckDBConnection, { long, schema }: OldStore): Promise<number> {
  const isLong = `strlen(line) > ${LONG_BYTES}`
  const found = await connection.runAndReadAll(`SELECT count(*), max(rowid) FROM old.entries WHERE ${isLong}`)
  const [count, last] = found.getRows()[0] as [bigint, bigint | null]
  if (last === null) return 0
  await connection.run('CREATE TEMP TABLE moved(row BIGINT, line VARCHAR)')
  for (let from = 0n; from <= last; from += ROWS) {
    const some = await connection.runAndReadAll(
      `SELECT rowid, line FROM old.entries WHERE rowid BETWEEN ${from} AND ${from + ROWS - 1n} AND ${isLong}`,
    )
    const rows = some.getRows() as [bigint, string][]
    if (rows.length === 0) continue
    for (const [row, line] of rows)
      await connection.run(`INSERT INTO moved VALUES (${row}, $1)`, [long.column(line)])
    await long.flush()
  }
  await connection.run('BEGIN')
  await connection.run('ALTER TABLE old.entries RENAME TO long_entries')
  for (const statement of schema) await connection.run(statement)
  await connection.run(
    'INSERT INTO old.entries SELECT e.stream_id, e.ts, coalesce(m.line, e.line), e.metadata FROM old.long_entries e LEFT JOIN moved m ON m.row = e.rowid',
  )
  await connection.run('DROP TABLE old.long_entries')
  await connection.run('COMMIT')
  return Number(count)
}
