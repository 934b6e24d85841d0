/**
 * Writes into the database in group commits: what arrives while the last commit runs, or within a few milliseconds,
 * goes into one transaction. Each parcel hears when it's safe on disk.
 */
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api'
import type { Clock } from '../flow/clock.ts'
import { Arrivals } from './arrivals.ts'
import type { Database } from './database.ts'
import { findRepeats, prepareLookups } from './repeats.ts'
import { joinParcels, type Parcel } from './rows.ts'
import { labelsText, type StreamRecord } from './stream-table.ts'

/** A commit starts at this many rows or bytes, or after this many milliseconds. */
const COMMIT_ROWS = 16_384
const COMMIT_BYTES = 8 * 1024 * 1024
const COMMIT_WAIT = 5

/** With more than this waiting, the pipeline waits too. */
const FULL_BYTES = 4 * COMMIT_BYTES

/** DuckDB's vector size. */
const CHUNK = 2048

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
  readonly #database: Database
  #connection: DuckDBConnection
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

  private constructor(database: Database, connection: DuckDBConnection, clock: Clock) {
    this.#database = database
    this.#connection = connection
    this.#clock = clock
  }

  static async open(database: Database, clock: Clock): Promise<StoreWriter> {
    const connection = await database.connect()
    await prepareLookups(connection)
    return new StoreWriter(database, connection, clock)
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
          this.#connection = await this.#database.connect()
          await prepareLookups(this.#connection)
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
    if (this.#rows >= COMMIT_ROWS || this.#bytes >= COMMIT_BYTES) this.#run()
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

  /** Resolves when there is room for more; `undefined` when there is. */
  room(): Promise<void> | undefined {
    if (this.#bytes < FULL_BYTES) return undefined
    return new Promise((resolve) => this.#roomy.push(resolve))
  }

  /** Runs something on the writing connection, between two commits. */
  async exclusive<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#tasks.push(() => task(this.#connection).then(resolve, reject))
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
      const task = this.#tasks.shift()
      if (task !== undefined) await task()
      const parcels = this.#take()
      if (parcels.length > 0) await this.#commit(parcels)
    }
  }

  #take(): Parcel[] {
    const parcels: Parcel[] = []
    let rows = 0
    let bytes = 0
    for (const parcel of this.#waiting) {
      if (rows >= COMMIT_ROWS || bytes >= COMMIT_BYTES) break
      parcels.push(parcel)
      rows += parcel.streams.length
      bytes += parcel.bytes
    }
    this.#waiting.splice(0, parcels.length)
    this.#rows -= rows
    this.#bytes -= bytes
    if (this.#bytes < FULL_BYTES) for (const resolve of this.#roomy.splice(0)) resolve()
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
    const { duckdb } = this.#database
    await this.#connection.run('BEGIN')
    const { long } = this.#database
    const repeats = await findRepeats(rows, this.#connection, { duckdb, long })
    const added = [...touched].filter((stream) => !stream.saved)
    if (added.length > 0) await this.#appendStreams(added)
    await this.#appendEntries(rows, repeats)
    await long.flush()
    const lost = await this.#end()
    for (const stream of added) stream.saved = true
    this.counts.commits++
    this.counts.rows += rows.streams.length - repeats.size
    this.counts.repeats += repeats.size
    this.#failure = lost
    return repeats
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
      chunk.setColumns([ids, times, lines, metadata])
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
