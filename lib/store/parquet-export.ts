/** Writes entries into Parquet files for others, with times, labels and metadata that any engine reads, long lines among them. */
import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import { codeOf } from '../disk/atomic.ts'
import type { LogEntry } from '../logql/engine/querier.ts'
import { literal, type Database } from './database.ts'
import { labelsText, toNanos } from './stream-table.ts'

/** Letters of lines in a file. */
const FILE_LETTERS = 64 * 1024 ** 2
/** Rows of one insert; DuckDB's vector size. */
const CHUNK = 2048
const CHUNK_LETTERS = 4 * 1024 ** 2

export class ParquetExport {
  readonly #database: Database
  readonly #folder: string
  #connection: DuckDBConnection | undefined
  #appender: DuckDBAppender | undefined
  #rows: LogEntry[] = []
  #rowLetters = 0
  #letters = 0
  #files = 0

  /** Files go into `folder` once they are whole; until then they are in that of the database. */
  constructor(database: Database, folder: string) {
    this.#database = database
    this.#folder = folder
  }

  /** Files that were written. */
  get files(): number {
    return this.#files
  }

  async add(entry: LogEntry): Promise<void> {
    this.#rows.push(entry)
    this.#rowLetters += entry.line.length
    if (this.#rows.length >= CHUNK || this.#rowLetters >= CHUNK_LETTERS) await this.#append()
    if (this.#letters >= FILE_LETTERS) await this.#write()
  }

  async end(): Promise<void> {
    await this.#append()
    await this.#write()
  }

  async #append(): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return
    const { BIGINT, VARCHAR, DuckDBDataChunk } = this.#database.duckdb
    this.#connection ??= await this.#begin()
    this.#appender ??= await this.#connection.createAppender('export_rows')
    const chunk = DuckDBDataChunk.create([BIGINT, VARCHAR, VARCHAR, VARCHAR], rows.length)
    chunk.setColumns([
      rows.map(({ seconds, nanos }) => toNanos(seconds, nanos)),
      rows.map(({ stream }) => labelsText(stream)),
      rows.map(({ metadata = [] }) =>
        metadata.length === 0 ? '{}' : JSON.stringify(Object.fromEntries(metadata)),
      ),
      rows.map(({ line }) => line),
    ])
    this.#appender.appendDataChunk(chunk)
    this.#letters += this.#rowLetters
    this.#rows = []
    this.#rowLetters = 0
  }

  async #begin(): Promise<DuckDBConnection> {
    const connection = await this.#database.connect()
    await connection.run(
      'CREATE TEMP TABLE export_rows(ts BIGINT, labels VARCHAR, metadata VARCHAR, line VARCHAR)',
    )
    return connection
  }

  async #write(): Promise<void> {
    if (this.#appender === undefined || this.#connection === undefined) return
    this.#appender.closeSync()
    this.#appender = undefined
    const name = `logs-${String(this.#files + 1).padStart(6, '0')}.parquet`
    const path = join(this.#database.path, name)
    await this.#connection.run(
      `COPY (SELECT make_timestamp_ns(ts) AS time, labels, metadata, line FROM export_rows) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    await this.#connection.run('DELETE FROM export_rows')
    await move(path, join(this.#folder, name))
    this.#letters = 0
    this.#files++
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    await copyFile(from, `${to}.tmp`)
    await rename(`${to}.tmp`, to)
    await rm(from)
  }
}
