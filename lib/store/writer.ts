/**
 * Writes into the database in group commits: what arrives while the last commit runs, or within a few milliseconds,
 * goes into one transaction. Each parcel hears when it's safe on disk.
 */
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import type { Clock } from '../flow/clock.ts'
import { Signal } from '../flow/signal.ts'
import { Arrivals } from './arrivals.ts'
import { CHUNK, ChunkWriter } from './chunk-writer.ts'
import { hotName, type Database } from './database.ts'
import type { MemoryWatch } from './memory.ts'
import { findRepeats, prepareLookups } from './repeats.ts'
import { joinParcels, type Parcel } from './rows.ts'
import type { HotIndex } from './sealed/hot-index.ts'
import { labelsText, type StreamRecord } from './stream-table.ts'

/** A commit starts at this many rows or bytes, or after this many milliseconds. */
const COMMIT_ROWS = 16_384
const COMMIT_BYTES = 8 * 1024 * 1024
const COMMIT_WAIT = 5

/** With more than this waiting, the pipeline waits too and pushes are refused; with less when memory is short. */
const FULL_BYTES = 4 * COMMIT_BYTES
const FULL_BYTES_SHORT = COMMIT_BYTES / 2

/** What the writer has done since it was opened. */
export interface WriterCounts {
  commits: number
  rows: number
  repeats: number
  failures: number
}

export class StoreWriter {
  /** What is stored, for those who tail. */
  readonly arrivals = new Arrivals()
  readonly counts: WriterCounts = { commits: 0, rows: 0, repeats: 0, failures: 0 }
  /** Asked before each commit: makes room on the disk, or returns what has to happen first. */
  beforeCommit: (() => Promise<{ readonly until: Promise<void> } | undefined>) | undefined
  /** A commit starts at this many bytes. */
  commitBytes = COMMIT_BYTES
  readonly #asked = new Signal()
  readonly #database: Database
  readonly #chunks: ChunkWriter
  #connection: DuckDBConnection
  #using = ''
  readonly #index: () => HotIndex
  readonly #memory: MemoryWatch
  readonly #clock: Clock
  #waiting: Parcel[] = []
  #rows = 0
  #bytes = 0
  #timer = false
  #running: Promise<void> | undefined
  #tasks: (() => Promise<void>)[] = []
  #roomy: (() => void)[] = []
  #entries: DuckDBAppender | undefined
  #streams: DuckDBAppender | undefined
  #failure: Error | undefined
  #needsReopening = false

  private constructor(
    database: Database,
    connection: DuckDBConnection,
    index: () => HotIndex,
    { memory, clock }: { readonly memory: MemoryWatch; readonly clock: Clock },
  ) {
    this.#database = database
    this.#chunks = new ChunkWriter(database.bindings)
    this.#connection = connection
    this.#index = index
    this.#memory = memory
    this.#clock = clock
  }

  /** A writer into the database's current file, whatever that is; `index` returns the index of that file. */
  static async open(
    database: Database,
    index: () => HotIndex,
    memory: MemoryWatch,
    clock: Clock,
  ): Promise<StoreWriter> {
    return new StoreWriter(database, await connect(database), index, { memory, clock })
  }

  /** Why the last commit failed; `undefined` when it didn't. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Tries to write after a failure, on a database that is opened anew when need be. Rejects while it still fails. */
  async heal(): Promise<void> {
    await this.exclusive(async () => {
      if (this.#failure === undefined) return
      try {
        if (this.#needsReopening) {
          this.#dropAppenders()
          await this.#database.reopen()
          this.#connection = await connect(this.#database)
          this.#using = ''
        }
        // The next attempt opens it anew in any case.
        this.#needsReopening = true
        await this.#connection.run('CREATE OR REPLACE TABLE probe AS SELECT 1')
        await this.#connection.run('DROP TABLE probe')
        this.#needsReopening = false
        this.#failure = undefined
      } catch (error) {
        this.#failure = asError(error)
        throw error
      }
    })
  }

  /** Takes rows; their `done` says how it went. */
  add(parcel: Parcel): void {
    if (parcel.streams.length === 0) return parcel.done(undefined)
    this.#waiting.push(parcel)
    this.#rows += parcel.streams.length
    this.#bytes += parcel.bytes
    if (this.#running !== undefined) return
    if (this.#rows >= COMMIT_ROWS || this.#bytes >= this.commitBytes) this.#run()
    else if (!this.#timer) {
      this.#timer = true
      // Not the clock's timer, which lets the process end: a push is waiting for its answer.
      setTimeout(() => {
        this.#timer = false
        this.#run()
      }, COMMIT_WAIT)
    }
  }

  /** Bytes that wait for a commit. */
  get waitingBytes(): number {
    return this.#bytes
  }

  /** Bytes of the next commit. */
  get nextBytes(): number {
    return this.#next().bytes
  }

  /** Whether so much waits that nothing should be added. */
  get isFull(): boolean {
    return this.#bytes >= this.#fullBytes
  }

  get #fullBytes(): number {
    return this.#memory.isHigh ? FULL_BYTES_SHORT : FULL_BYTES
  }

  /** Resolves when there is room for more; `undefined` when there is. */
  room(): Promise<void> | undefined {
    if (!this.isFull) return undefined
    return new Promise((resolve) => this.#roomy.push(resolve))
  }

  /** Runs something on the writing connection, between two commits. */
  async exclusive<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#tasks.push(() =>
        this.#useCurrent()
          .then(() => task(this.#connection))
          .then(resolve, reject),
      )
      this.#asked.notify()
      this.#run()
    })
  }

  /** Commits what is waiting. */
  async flush(): Promise<void> {
    this.#run()
    while (this.#running !== undefined) await this.#running
  }

  #run(): void {
    if (this.#running !== undefined || (this.#waiting.length === 0 && this.#tasks.length === 0)) return
    this.#running = this.#drain().finally(() => {
      this.#running = undefined
      this.#run()
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#tasks.length > 0) {
      await this.#tasks.shift()?.()
      if (this.#waiting.length === 0) continue
      const blocked = await this.beforeCommit?.()
      if (blocked === undefined) await this.#commit(this.#take())
      else if (this.#tasks.length === 0) await Promise.race([blocked.until, this.#asked.next()])
    }
  }

  #next(): { readonly parcels: Parcel[]; readonly rows: number; readonly bytes: number } {
    const parcels: Parcel[] = []
    let rows = 0
    let bytes = 0
    for (const parcel of this.#waiting) {
      if (rows >= COMMIT_ROWS || bytes >= this.commitBytes) break
      parcels.push(parcel)
      rows += parcel.streams.length
      bytes += parcel.bytes
    }
    return { parcels, rows, bytes }
  }

  #take(): Parcel[] {
    const { parcels, rows, bytes } = this.#next()
    this.#waiting.splice(0, parcels.length)
    this.#rows -= rows
    this.#bytes -= bytes
    if (!this.isFull) for (const resolve of this.#roomy.splice(0)) resolve()
    return parcels
  }

  async #commit(parcels: readonly Parcel[]): Promise<void> {
    const rows = joinParcels(parcels)
    const touched = new Set(rows.streams)
    const before = [...touched].map((stream) => stream.storedTime)
    let failure: Error | undefined
    let repeats: ReadonlySet<number> | undefined
    try {
      repeats = await this.#store(rows, touched)
    } catch (error) {
      failure = asError(error)
      this.#failure = failure
      this.#needsReopening ||= /invalidated|FATAL/i.test(failure.message)
      this.counts.failures++
      for (const [i, stream] of [...touched].entries()) stream.storedTime = before[i]
      await this.#rollBack()
    }
    for (const parcel of parcels) parcel.done(failure)
    if (repeats !== undefined) this.arrivals.publish({ ...rows, repeats })
  }

  /** Returns which rows the store had already. */
  async #store(rows: Omit<Parcel, 'done'>, touched: ReadonlySet<StreamRecord>): Promise<ReadonlySet<number>> {
    const { long } = this.#database
    await this.#useCurrent()
    await this.#connection.run('BEGIN')
    const repeats = await findRepeats(rows, this.#connection, this.#database)
    const added = [...touched].filter((stream) => !stream.saved)
    if (added.length > 0) await this.#appendStreams(added)
    await this.#appendEntries(rows, repeats)
    await long.flush()
    const lost = await this.#end()
    for (const stream of added) stream.saved = true
    this.#index().add(rows, repeats, this.now())
    this.counts.commits++
    this.counts.rows += rows.streams.length - repeats.size
    this.counts.repeats += repeats.size
    this.#failure = lost
    return repeats
  }

  async #useCurrent(): Promise<void> {
    const current = hotName(this.#database.files.hot)
    if (this.#using === current) return
    this.#dropAppenders()
    await this.#connection.run(`USE ${current}`)
    this.#using = current
  }

  /** Ends the transaction. Returns the error of a checkpoint that failed after the commit, which needs a reopening. */
  async #end(): Promise<Error | undefined> {
    try {
      await this.#connection.run('COMMIT')
      return undefined
    } catch (error) {
      const failure = asError(error)
      if (!/COMMIT succeeded and is durable/i.test(failure.message)) throw failure
      this.#needsReopening = true
      return failure
    }
  }

  async #appendEntries(rows: Omit<Parcel, 'done'>, repeats: ReadonlySet<number>): Promise<void> {
    const { duckdb, long } = this.#database
    const { INTEGER, BIGINT, VARCHAR } = duckdb
    this.#entries ??= await this.#connection.createAppender('entries')
    const total = rows.streams.length
    for (let at = 0; at < total;) {
      const ids: number[] = []
      const times: bigint[] = []
      const lines: string[] = []
      const metadata: string[] = []
      for (; at < total && ids.length < CHUNK; at++) {
        if (repeats.has(at)) continue
        ids.push(rows.streams[at]!.id)
        times.push(rows.times[at]!)
        lines.push(long.column(rows.lines[at]!))
        metadata.push(long.column(rows.metadata[at]!))
      }
      if (ids.length === 0) break
      const chunk = duckdb.DuckDBDataChunk.create([INTEGER, BIGINT, VARCHAR, VARCHAR], ids.length)
      this.#chunks.integers(chunk, 0, ids)
      this.#chunks.bigints(chunk, 1, times)
      this.#chunks.texts(chunk, 2, lines)
      this.#chunks.texts(chunk, 3, metadata)
      this.#entries.appendDataChunk(chunk)
    }
    this.#entries.flushSync()
  }

  async #appendStreams(streams: readonly StreamRecord[]): Promise<void> {
    const { duckdb } = this.#database
    this.#streams ??= await this.#connection.createAppender('streams')
    for (let at = 0; at < streams.length; at += CHUNK) {
      const part = streams.slice(at, at + CHUNK)
      const chunk = duckdb.DuckDBDataChunk.create([duckdb.INTEGER, duckdb.VARCHAR], part.length)
      chunk.setColumns([part.map(({ id }) => id), part.map(({ labels }) => labelsText(labels))])
      this.#streams.appendDataChunk(chunk)
    }
    this.#streams.flushSync()
  }

  // What an appender hasn't flushed must not end up in the next transaction.
  async #rollBack(): Promise<void> {
    this.#database.long.forget()
    this.#dropAppenders()
    await this.#connection.run('ROLLBACK').catch(() => undefined)
  }

  #dropAppenders(): void {
    for (const appender of [this.#entries, this.#streams]) {
      try {
        appender?.clear()
        appender?.closeSync()
      } catch {
        // It's gone either way.
      }
    }
    this.#entries = undefined
    this.#streams = undefined
  }

  /** Commits what is waiting and closes the database's handles. Nothing may be added afterwards. */
  async close(): Promise<void> {
    await this.flush()
    try {
      this.#entries?.closeSync()
      this.#streams?.closeSync()
    } finally {
      this.#entries = undefined
      this.#streams = undefined
    }
  }

  /** Milliseconds of the clock, for callers of `add`. */
  now(): number {
    return this.#clock.now()
  }
}

async function connect(database: Database): Promise<DuckDBConnection> {
  const connection = await database.connect()
  await prepareLookups(connection)
  return connection
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
