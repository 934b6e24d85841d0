/**
 * The database of the store: one DuckDB file in its own folder, opened by one process at a time. Only this file knows how
 * the package is loaded and set up, and what its errors mean.
 */
import { rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type * as duckdb from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { lockFirst, type FolderLock } from '../disk/folder-lock.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { LongTexts } from './long-texts.ts'

/** The package's module, passed around so that nothing else loads it. */
export type DuckDB = typeof duckdb

export interface DatabaseOptions {
  /** The folder; made when it is missing. */
  readonly path: string
  /** Threads that a query may use. */
  readonly threads: number
  /** Bytes that the database may use for its buffers; larger sorts spill into the folder. */
  readonly maxMemory: number
  readonly log: Logger
}

const PACKAGE = '@duckdb/node-api'

const FILE = 'store.duckdb'
const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS streams(id INTEGER NOT NULL, labels VARCHAR NOT NULL)',
  // No keys or indexes: they cost more than the ingest itself, and replaying them from the log has failed before.
  'CREATE TABLE IF NOT EXISTS entries(stream_id INTEGER NOT NULL, ts BIGINT NOT NULL, line VARCHAR NOT NULL, metadata VARCHAR NOT NULL)',
]

/** A checkpoint moves the log into the file at this size; it's also what opening after a crash has to read. */
const CHECKPOINT_AT = '64MB'

/** Loads the package. Throws BAD_CONFIG saying what to install; `load` is for tests. */
export async function loadDuckDB(
  load: () => Promise<DuckDB> = () => import('@duckdb/node-api'),
): Promise<DuckDB> {
  try {
    return await load()
  } catch (error) {
    throw new LogstreamError(
      'BAD_CONFIG',
      `loki.store needs the package ${PACKAGE}, which is not installed here: run "npm install ${PACKAGE}" next to logstream (it exists for Linux, macOS and Windows on x64 and arm64)`,
      { cause: error },
    )
  }
}

/** An open store. */
export class Database {
  readonly duckdb: DuckDB
  readonly path: string
  readonly long: LongTexts
  readonly #options: DatabaseOptions
  readonly #lock: FolderLock
  #instance: DuckDBInstance
  #idle: DuckDBConnection[] = []
  readonly #open = new Set<DuckDBConnection>()

  private constructor(
    duckdb: DuckDB,
    options: DatabaseOptions,
    long: LongTexts,
    instance: DuckDBInstance,
    lock: FolderLock,
  ) {
    this.duckdb = duckdb
    this.path = options.path
    this.long = long
    this.#options = options
    this.#instance = instance
    this.#lock = lock
  }

  /**
   * Opens the database of a folder. What was acknowledged before a crash is there. Throws BAD_CONFIG without the
   * package, and IO when another process holds the folder or the file cannot be read.
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const duckdb = await loadDuckDB()
    const lock = await lockFolder(options.path)
    try {
      const instance = await openFile(duckdb, options)
      const long = await LongTexts.open(options.path, options.log)
      const database = new Database(duckdb, options, long, instance, lock)
      try {
        await database.#prepare()
      } catch (error) {
        database.#closeAll()
        throw damaged(options.path, error)
      }
      return database
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /**
   * Opens the file anew after DuckDB has given it up, as it does when a checkpoint fails. Connections from before are
   * closed. Throws as `open` does.
   */
  async reopen(): Promise<void> {
    this.#closeAll()
    this.#instance = await openFile(this.duckdb, this.#options)
    await this.#prepare()
  }

  async #prepare(): Promise<void> {
    await this.use(async (connection) => {
      for (const statement of [...safeguards(this.path), ...SCHEMA]) await connection.run(statement)
    })
  }

  #closeAll(): void {
    for (const connection of this.#open) {
      connection.interrupt()
      connection.closeSync()
    }
    this.#open.clear()
    this.#idle = []
    this.#instance.closeSync()
  }

  /** A new connection; closed with the database. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect()
    this.#open.add(connection)
    return connection
  }

  /** A connection for the caller alone until it's given back. */
  async take(): Promise<DuckDBConnection> {
    return this.#idle.pop() ?? (await this.connect())
  }

  give(connection: DuckDBConnection): void {
    if (this.#open.has(connection)) this.#idle.push(connection)
  }

  /** Runs something on a connection of its own. */
  async use<T>(run: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.take()
    try {
      return await run(connection)
    } finally {
      this.give(connection)
    }
  }

  /** Bytes on disk, the log included. */
  async size(): Promise<number> {
    const file = join(this.path, FILE)
    const sizes = await Promise.all([file, `${file}.wal`].map((each) => stat(each).catch(() => undefined)))
    return sizes.reduce((sum, each) => sum + (each?.size ?? 0), await this.long.size())
  }

  async close(): Promise<void> {
    try {
      this.#closeAll()
      this.long.close()
    } finally {
      await this.#lock.release()
    }
  }
}

// Sorts spill beside the data. Queries contain only numbers and bound values; even if one didn't, it could read and
// write no other file.
function safeguards(path: string): string[] {
  return [
    `SET temp_directory = '${join(path, 'tmp').replaceAll("'", "''")}'`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ]
}

async function lockFolder(path: string): Promise<FolderLock> {
  let lock: FolderLock | undefined
  try {
    lock = await lockFirst([path])
  } catch (error) {
    throw new LogstreamError('IO', `loki.store cannot use the folder "${path}": ${messageOf(error)}`, {
      cause: error,
      option: 'path',
    })
  }
  if (lock === undefined) throw usedByAnother(path)
  return lock
}

function usedByAnother(path: string, cause?: unknown): LogstreamError {
  return new LogstreamError(
    'IO',
    `the store in "${path}" is used by another process: stop that one, query it over HTTP, or give this one another path`,
    { option: 'path', cause },
  )
}

async function openFile(duckdb: DuckDB, options: DatabaseOptions): Promise<DuckDBInstance> {
  const file = join(options.path, FILE)
  const settings = {
    threads: String(options.threads),
    memory_limit: `${Math.max(64, Math.round(options.maxMemory / 1024 ** 2))}MiB`,
    checkpoint_threshold: CHECKPOINT_AT,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  }
  try {
    return await duckdb.DuckDBInstance.create(file, settings)
  } catch (error) {
    if (/lock on file|being used by another process/i.test(messageOf(error)))
      throw usedByAnother(options.path, error)
    if (!/\bWAL\b/i.test(messageOf(error))) throw damaged(options.path, error)
    return await openWithoutLog(duckdb, file, settings, error, options.log)
  }
}

// The last entries may only be in the log, so this is an error in the log, and the file stays on disk.
async function openWithoutLog(
  duckdb: DuckDB,
  file: string,
  settings: Record<string, string>,
  cause: unknown,
  log: Logger,
): Promise<DuckDBInstance> {
  const aside = `${file}.wal.damaged-${Date.now()}`
  await rename(`${file}.wal`, aside)
  log.error('the log of the store is damaged: it was set aside, and what was only in it is missing', {
    file: aside,
    error: messageOf(cause),
  })
  try {
    return await duckdb.DuckDBInstance.create(file, settings)
  } catch (error) {
    throw damaged(dirname(file), error)
  }
}

/** The error for a file that DuckDB can't read: it was cut short, overwritten, or isn't a database. */
export function damaged(path: string, cause: unknown): LogstreamError {
  return new LogstreamError(
    'IO',
    `the store "${join(path, FILE)}" is damaged (${firstLine(cause)}): put a copy of it back, or move it away to begin with an empty store`,
    { cause, option: 'path' },
  )
}

function firstLine(cause: unknown): string {
  return messageOf(cause).split('\n', 1)[0]!.slice(0, 300)
}
