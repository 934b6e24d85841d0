/**
 * The database of the store: DuckDB files in a folder, opened by one process at a time. Only this file knows how the
 * package is loaded and set up.
 */
import { rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type * as duckdb from '@duckdb/node-api'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { diskFailure } from '../disk/disk-failure.ts'
import { lockFirst, type FolderLock } from '../disk/folder-lock.ts'
import { syncFolder } from '../disk/sync-folder.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { loadBindings, type Bindings } from './columns.ts'
import { isDamagedLog, setLogAside, unreadable } from './damage.ts'
import { DATABASE, databaseInstall } from './install-hint.ts'
import { LongTexts } from './long-texts.ts'
import type { FreedMemory } from './memory.ts'
import { Statements } from './statements.ts'
import { FIRST_HOT, type HotFile } from './sealed/manifest.ts'
import { StoreFiles } from './sealed/store-files.ts'
import { takeOver, type OldStore } from './take-over.ts'

/** The package's module, passed around so that nothing else loads it. */
export type DuckDB = typeof duckdb

export interface DatabaseOptions {
  /** The folder; made when it is missing. */
  readonly path: string
  /** Threads that a query may use. */
  readonly threads: number
  /** Bytes that the database may use for its buffers; larger sorts spill into the folder. */
  readonly maxMemory: number
  /** When it hands back what it has freed; left out: when its allocator does so by itself. */
  readonly freed?: FreedMemory | undefined
  /** Bytes of a log that are moved into its file at once; it's also what opening after a crash has to read. */
  readonly checkpointBytes: number
  /** Milliseconds, for a store that begins now. */
  readonly now: number
  /** Fills the folder, which is locked, before anything in it is read. */
  readonly prepare?: () => Promise<void>
  readonly log: Logger
}

// No keys or indexes: they cost more than the ingest itself, and replaying them from the log has failed before.
const SCHEMA = (name: string): string[] => [
  `CREATE TABLE IF NOT EXISTS ${name}.streams(id INTEGER NOT NULL, labels VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${name}.entries(stream_id INTEGER NOT NULL, ts BIGINT NOT NULL, line VARCHAR NOT NULL, metadata VARCHAR NOT NULL)`,
]

const MIB = 1024 ** 2

/** The name of an attached file in SQL. */
export function hotName({ number }: HotFile): string {
  return `h${number}`
}

/** Loads the package. Throws BAD_CONFIG saying what to install; `load` is for tests. */
export async function loadDuckDB(
  load: () => Promise<DuckDB> = () => import('@duckdb/node-api'),
): Promise<DuckDB> {
  try {
    return await load()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const missing = code === 'ERR_MODULE_NOT_FOUND' && message.includes(DATABASE)
    throw new LogstreamError(
      'BAD_CONFIG',
      missing
        ? `loki.store needs the database package ${DATABASE} (70 MB), which isn't installed: ${databaseInstall()}`
        : `the database package ${DATABASE} doesn't load (it exists for Linux, macOS and Windows on x64 and arm64): ${message}; to install it again: ${databaseInstall()}`,
      { cause: error },
    )
  }
}

/** An open store. */
export class Database {
  readonly duckdb: DuckDB
  readonly bindings: Bindings
  readonly path: string
  readonly long: LongTexts
  readonly files: StoreFiles
  readonly #options: DatabaseOptions
  readonly #lock: FolderLock
  #instance: DuckDBInstance
  #idle: DuckDBConnection[] = []
  #handingBack: Promise<void> | undefined
  readonly #statements = new Statements()
  readonly #open = new Set<DuckDBConnection>()

  private constructor(
    { duckdb, bindings }: { readonly duckdb: DuckDB; readonly bindings: Bindings },
    options: DatabaseOptions,
    { long, files }: { readonly long: LongTexts; readonly files: StoreFiles },
    instance: DuckDBInstance,
    lock: FolderLock,
  ) {
    this.duckdb = duckdb
    this.bindings = bindings
    this.path = options.path
    this.long = long
    this.files = files
    this.#options = options
    this.#instance = instance
    this.#lock = lock
  }

  /**
   * Opens the store in a folder. What was acknowledged before a crash is there. Throws BAD_CONFIG without the package,
   * and IO when another process holds the folder or a file can't be read.
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const duckdb = await loadDuckDB()
    const bindings = loadBindings()
    const lock = await lockFolder(options.path)
    try {
      await options.prepare?.()
      const files = await StoreFiles.open(options.path, options.now, options.log)
      await rm(spillFolder(options.path), { recursive: true, force: true })
      const long = await LongTexts.open(
        options.path,
        options.log,
        files.manifest.parts.flatMap((part) => part.long),
      )
      // Once: a store with a list of files has been looked at.
      if (files.isFirst && (await takeOver(oldStore(duckdb, options, long))))
        await files.change((manifest) => ({ ...manifest }))
      const instance = await newInstance(duckdb, options)
      const database = new Database({ duckdb, bindings }, options, { long, files }, instance, lock)
      try {
        await database.#prepare()
      } catch (error) {
        await database.#closeAll()
        throw error
      }
      files.disposeWith({ hot: (hot) => database.#detach(hot) })
      return database
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /**
   * Opens the files anew after DuckDB has given one up, as it does when a checkpoint fails. Connections from before are
   * closed. Throws as `open` does.
   */
  async reopen(): Promise<void> {
    await this.#closeAll()
    this.#instance = await newInstance(this.duckdb, this.#options)
    await this.#prepare()
  }

  async #prepare(): Promise<void> {
    await this.use(async (connection) => {
      for (const statement of safeguards(this.path)) await connection.run(statement)
    })
    for (const hot of this.files.manifest.hot) await this.attach(hot)
  }

  /** Threads that a query may use. */
  get threads(): number {
    return this.#options.threads
  }

  /** Bytes that it may use for its buffers. */
  get maxMemory(): number {
    return this.#options.maxMemory
  }

  /** Opens one of the files, or makes it. Throws IO when it can't be read. */
  async attach(hot: HotFile): Promise<void> {
    const file = join(this.path, hot.file)
    const isNew = await stat(file).then(
      () => false,
      () => true,
    )
    await this.use(async (connection) => {
      const run = async (): Promise<unknown> =>
        await connection.run(`ATTACH IF NOT EXISTS ${literal(file)} AS ${hotName(hot)}`)
      try {
        await run().catch(async (error: unknown) => {
          if (/lock on file|being used by another process/i.test(messageOf(error)))
            throw usedByAnother(this.path, error)
          if (!isDamagedLog(error, file)) throw error
          // A disk that fails to read a log once may not do so again.
          await run().catch(async (again: unknown) => {
            if (!isDamagedLog(again, file)) throw again
            await setLogAside(file, again, this.#options.log)
            await run()
          })
        })
        for (const statement of SCHEMA(hotName(hot))) await connection.run(statement)
      } catch (error) {
        throw error instanceof LogstreamError ? error : unreadable(file, error)
      }
    })
    if (isNew) await syncFolder(this.path)
  }

  async #detach(hot: HotFile): Promise<void> {
    await this.use((connection) => connection.run(`DETACH DATABASE IF EXISTS ${hotName(hot)}`))
  }

  async #closeAll(): Promise<void> {
    await this.#endStatements()
    for (const connection of this.#open) connection.closeSync()
    this.#open.clear()
    this.#idle = []
    this.#instance.closeSync()
  }

  async #endStatements(): Promise<void> {
    await this.#statements.ended(() => {
      for (const connection of this.#open) connection.interrupt()
    })
    await this.#handingBack
  }

  // Closing the instance leaves the logs of attached files.
  async #checkpoint(): Promise<void> {
    await this.use(async (connection) => {
      for (const hot of this.files.manifest.hot) await connection.run(`CHECKPOINT ${hotName(hot)}`)
    }).catch((error: unknown) =>
      this.#options.log.warn('the log was not merged into the store; the next opening reads it', {
        error: messageOf(error),
      }),
    )
  }

  /** A new connection; closed with the database. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect()
    this.#statements.watch(connection)
    this.#open.add(connection)
    return connection
  }

  /** A connection for the caller alone until it's given back. */
  async take(): Promise<DuckDBConnection> {
    return this.#idle.pop() ?? (await this.connect())
  }

  /** Takes one back, and looks whether what ran on it has freed much. */
  give(connection: DuckDBConnection): void {
    if (!this.#open.has(connection)) return
    this.#idle.push(connection)
    void this.handBack()
  }

  /** Hands back to the system what was freed, if it's worthwhile. */
  async handBack(): Promise<void> {
    if (this.#options.freed?.isWorthwhile !== true) return
    this.#handingBack ??= this.#handBack(this.#options.freed).finally(() => {
      this.#handingBack = undefined
    })
    await this.#handingBack
  }

  async #handBack(freed: FreedMemory): Promise<void> {
    // DuckDB empties the allocators of the whole process whenever its limit is set, be it to what it was.
    const limit = `SET memory_limit = ${literal(memoryLimit(this.maxMemory))}`
    await this.use((connection) => connection.run(limit)).catch((error: unknown) => {
      // When the store is closed.
      if (messageOf(error).startsWith('INTERRUPT')) return
      this.#options.log.warn('memory that was freed stays with the process', { error: messageOf(error) })
    })
    freed.handedBack()
  }

  /** Runs something on a connection of its own. Its statement fails when the signal aborts. */
  async use<T>(run: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    const connection = await this.take()
    const stop = (): void => connection.interrupt()
    signal?.addEventListener('abort', stop)
    try {
      return await run(connection)
    } finally {
      signal?.removeEventListener('abort', stop)
      this.give(connection)
    }
  }

  /** Bytes on disk of the files that aren't sealed, their logs included. */
  async hotSize(files: readonly HotFile[] = this.files.manifest.hot): Promise<number> {
    const names = files.flatMap(({ file }) => [file, `${file}.wal`])
    const sizes = await Promise.all(names.map((name) => stat(join(this.path, name)).catch(() => undefined)))
    return sizes.reduce((sum, each) => sum + (each?.size ?? 0), 0)
  }

  /** Bytes on disk. */
  async size(): Promise<number> {
    const sealed = this.files.manifest.parts.reduce(
      (sum, { bytes, indexBytes }) => sum + bytes + indexBytes,
      0,
    )
    return sealed + (await this.hotSize()) + (await this.long.size())
  }

  async close(): Promise<void> {
    await this.files.settled()
    try {
      // They would keep the checkpoint waiting for a thread.
      await this.#endStatements()
      await this.#checkpoint()
      await this.#closeAll()
      this.long.close()
    } finally {
      await this.#lock.release()
    }
  }
}

function oldStore(duckdb: DuckDB, { path, log }: DatabaseOptions, long: LongTexts): OldStore {
  const file = join(path, FIRST_HOT)
  const attach = `ATTACH ${literal(file)} AS old`
  return { duckdb, file, attach, schema: SCHEMA('old'), spill: spillFolder(path), long, log }
}

function spillFolder(path: string): string {
  return join(path, 'tmp')
}

// Sorts spill beside the data. Queries contain only numbers and bound values; even if one didn't, it could read and
// write no file elsewhere.
function safeguards(path: string): string[] {
  return [
    `SET temp_directory = ${literal(spillFolder(path))}`,
    `SET allowed_directories = [${literal(path + sep)}]`,
    'SET enable_external_access = false',
    `SET allowed_configs = ['memory_limit']`,
    'SET lock_configuration = true',
  ]
}

/** A text as SQL writes it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

async function lockFolder(path: string): Promise<FolderLock> {
  let lock: FolderLock | undefined
  try {
    lock = await lockFirst([path])
  } catch (error) {
    throw new LogstreamError('IO', `loki.store cannot use the folder "${path}": ${diskFailure(error)}`, {
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

function memoryLimit(bytes: number): string {
  return `${Math.max(64, Math.round(bytes / MIB))}MiB`
}

async function newInstance(duckdb: DuckDB, options: DatabaseOptions): Promise<DuckDBInstance> {
  return await duckdb.DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: memoryLimit(options.maxMemory),
    checkpoint_threshold: `${Math.ceil(options.checkpointBytes / 1024)}KiB`,
    // Else what a large query or sealing has freed stays with the process until the next one.
    allocator_background_threads: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
}
