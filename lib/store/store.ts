/**
 * The store as the rest of the program sees it: it checks entries against the limits, stores them, says what it refused,
 * and deletes what is too old.
 */
import type { Clock } from '../flow/clock.ts'
import { messageOf } from '../errors.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { PushedEntry } from '../loki/pushed.ts'
import type { Logger } from '../telemetry/log.ts'
import { Database, damaged } from './database.ts'
import { detectLevel } from './levels.ts'
import { checkEntry, checkLabels, tooManyStreams, type Limits, type Refusal } from './limits.ts'
import { metadataText } from './metadata.ts'
import { deleteBefore } from './retention.ts'
import { addRow, type Parcel } from './rows.ts'
import { withServiceName } from './service-name.ts'
import { StoreHealth, type Trouble } from './store-health.ts'
import { StreamTable, toNanos, type StreamRecord } from './stream-table.ts'
import { StoreWriter, type WriterCounts } from './writer.ts'

export interface StoreOptions {
  /** The folder of the database. */
  readonly path: string
  /** Milliseconds that entries are kept; 0: for ever. */
  readonly retention: number
  /** Labels that `service_name` is taken from; none: it is not added. */
  readonly discoverServiceName: readonly string[]
  readonly discoverLogLevels: boolean
  readonly limits: Limits
  readonly threads: number
  readonly maxMemory: number
}

/** A stream that takes entries, or why it does not. */
export type StreamAnswer =
  | { readonly ok: true; readonly stream: StreamRecord }
  | { readonly ok: false; readonly refusal: Refusal }

/** How often old entries are deleted. */
const SWEEP_MS = 10 * 60_000

export class LogStore {
  readonly database: Database
  readonly streams: StreamTable
  readonly writer: StoreWriter
  readonly #options: StoreOptions
  readonly #clock: Clock
  readonly #log: Logger
  #sweep: { cancel(): void } | undefined
  #sweeping: Promise<void> | undefined
  readonly #health: StoreHealth

  private constructor(
    database: Database,
    writer: StoreWriter,
    options: StoreOptions,
    clock: Clock,
    log: Logger,
  ) {
    this.database = database
    this.streams = new StreamTable()
    this.writer = writer
    this.#options = options
    this.#clock = clock
    this.#log = log
    this.#health = new StoreHealth(writer, clock, log)
  }

  /** Opens or makes the store. Throws as `Database.open` does. */
  static async open(options: StoreOptions, clock: Clock, log: Logger): Promise<LogStore> {
    const database = await Database.open({ ...options, log })
    try {
      const store = new LogStore(database, await StoreWriter.open(database, clock), options, clock, log)
      await store.#loadStreams().catch((error: unknown) => {
        throw damaged(options.path, error)
      })
      store.#planSweep(0)
      return store
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Why entries can't be stored at the moment, and since when; `undefined` when they can. */
  get trouble(): Trouble | undefined {
    return this.#health.trouble
  }

  get counts(): Readonly<WriterCounts> {
    return this.writer.counts
  }

  /**
   * The stream of a label set, with `service_name` added unless `addServiceName` is false. Labels that begin with `__`
   * are the caller's business.
   */
  stream(labels: LabelSet, addServiceName = true): StreamAnswer {
    const { limits, discoverServiceName } = this.#options
    const full = addServiceName ? withServiceName(labels, discoverServiceName) : labels
    const now = this.#clock.now()
    const known = this.streams.get(full)
    if (known === undefined) {
      const refusal = checkLabels(full, limits)
      if (refusal !== undefined) return { ok: false, refusal }
    }
    const stream = this.streams.take(full, now, limits.maxStreams)
    return stream === undefined ? { ok: false, refusal: tooManyStreams(full, limits) } : { ok: true, stream }
  }

  /** Adds an entry to a parcel, or returns why it's refused. Its metadata must have valid names. `now` in milliseconds. */
  put(parcel: Parcel, stream: StreamRecord, entry: PushedEntry, now: number): Refusal | undefined {
    const refusal = checkEntry(stream, entry, this.#options.limits, now)
    if (refusal !== undefined) return refusal
    const { seconds, nanos, line, structuredMetadata } = entry
    stream.advance(seconds, nanos)
    const level = this.#options.discoverLogLevels
      ? detectLevel(stream.level, structuredMetadata, line)
      : undefined
    addRow(parcel, stream, toNanos(seconds, nanos), line, metadataText(structuredMetadata, level))
    return undefined
  }

  async #loadStreams(): Promise<void> {
    await this.database.use(async (connection) => {
      const reader = await connection.runAndReadAll(
        'SELECT s.id, s.labels, n.newest FROM streams s LEFT JOIN (SELECT stream_id, max(ts) AS newest FROM entries GROUP BY stream_id) n ON n.stream_id = s.id ORDER BY s.id',
      )
      for (const [id, labels, newest] of reader.getRows() as [number, string, bigint | null][])
        this.streams.load(id, labels, newest ?? undefined)
    })
  }

  #planSweep(ms: number): void {
    if (this.#options.retention <= 0) return
    this.#sweep = this.#clock.after(ms, () => {
      this.#sweeping = this.deleteOld()
        .then(
          () => undefined,
          (error: unknown) => this.#log.error('deleting old entries failed', { error: messageOf(error) }),
        )
        .finally(() => this.#planSweep(SWEEP_MS))
    })
  }

  /** Deletes what is older than the retention. Returns how many entries that were. */
  async deleteOld(): Promise<number> {
    const { retention } = this.#options
    if (retention <= 0) return 0
    const now = this.#clock.now()
    const cutoff = BigInt(Math.floor(now - retention)) * 1_000_000n
    const deleted = await this.writer.exclusive((connection) =>
      deleteBefore(connection, cutoff, { streams: this.streams, long: this.database.long, now }),
    )
    if (deleted > 0) this.#log.info('old entries were deleted', { entries: deleted })
    return deleted
  }

  /** Commits what is waiting and closes the database. */
  async close(): Promise<void> {
    this.#sweep?.cancel()
    await this.#sweeping
    this.#sweep?.cancel()
    this.#health.close()
    await this.writer.close()
    await this.database.close()
  }
}
