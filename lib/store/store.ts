/**
 * The store as the rest of the program sees it: it checks entries against the limits, stores them, says what it refused,
 * and deletes what is too old.
 */
import { join } from 'node:path'
import type { Clock } from '../flow/clock.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { PushedEntry } from '../loki/pushed.ts'
import type { Logger } from '../telemetry/log.ts'
import { unreadable } from './damage.ts'
import { Database, hotName } from './database.ts'
import { Deletions, type DeletionOptions } from './deletion/deletions.ts'
import { RequestList } from './deletion/request-list.ts'
import { detectLevel } from './levels.ts'
import { checkEntry, checkLabels, tooManyStreams, type Limits, type Refusal } from './limits.ts'
import { databaseMemory, FreedMemory, indexMemory, memoryBound, MemoryWatch } from './memory.ts'
import { metadataText } from './metadata.ts'
import { ObjectStorage, openObjects, type ObjectStorageOptions } from './objects/object-storage.ts'
import type { ObjectStore } from './objects/object-store.ts'
import { RetentionRules, type StreamRetention } from './retention-rules.ts'
import { Retention } from './retention.ts'
import { addRow, type Parcel } from './rows.ts'
import { HotIndex } from './sealed/hot-index.ts'
import { removeDeadCopies } from './sealed/export-copy.ts'
import { PartIndexes } from './sealed/part-indexes.ts'
import { readStreams } from './sealed/stream-file.ts'
import { Upkeep } from './sealed/upkeep.ts'
import { withServiceName } from './service-name.ts'
import type { SharedWork } from './shared-work.ts'
import { StoreHealth, type Trouble } from './store-health.ts'
import { StreamTable, toNanos, type StreamRecord } from './stream-table.ts'
import { StoreWriter, type WriterCounts } from './writer.ts'

export interface StoreOptions extends DeletionOptions {
  /** The folder of the database. */
  readonly path: string
  /** Milliseconds that entries are kept; 0: for ever. */
  readonly retention: number
  /** Other periods for some streams. */
  readonly retentionStreams: readonly StreamRetention[]
  /** Bytes on disk; the oldest entries make room for new ones. 0: no limit. */
  readonly maxSize: number
  /** Labels that `service_name` is taken from; none: it is not added. */
  readonly discoverServiceName: readonly string[]
  readonly discoverLogLevels: boolean
  readonly limits: Limits
  readonly threads: number
  /** Bytes for the process. */
  readonly maxMemory: number
  /** Left out: it's the only store. */
  readonly shared?: Pick<SharedWork, 'stores' | 'sealing'>
  /** Left out: sealed files are on the disk only. */
  readonly objectStorage?: ObjectStorageOptions
}

/** Bytes of a database's log, which is in memory too, until they're moved into its file; stores share them. */
const CHECKPOINT_BYTES = 24 * 1024 ** 2
const LEAST_CHECKPOINT = 4 * 1024 ** 2

/** A stream that takes entries, or why it does not. */
export type StreamAnswer =
  | { readonly ok: true; readonly stream: StreamRecord }
  | { readonly ok: false; readonly refusal: Refusal }

export class LogStore {
  readonly database: Database
  readonly streams: StreamTable
  readonly writer: StoreWriter
  readonly rules: RetentionRules
  readonly upkeep: Upkeep
  readonly partIndexes: PartIndexes
  readonly deletions: Deletions
  readonly objectStorage: ObjectStorage | undefined
  readonly #options: StoreOptions
  readonly #clock: Clock
  readonly #health: StoreHealth
  readonly #retention: Retention

  private constructor(
    { database, streams, writer, requests, objects }: Opened,
    indexes: Map<number, HotIndex>,
    options: StoreOptions,
    clock: Clock,
    log: Logger,
  ) {
    this.database = database
    this.streams = streams
    this.writer = writer
    this.partIndexes = new PartIndexes(
      database.path,
      log,
      indexMemory(memoryBound(options.maxMemory), options.shared?.stores),
    )
    this.#options = options
    this.#clock = clock
    this.#health = new StoreHealth(writer, clock, log)
    const store = { database, streams, writer, partIndexes: this.partIndexes, log, clock }
    const { maxSize, retention, retentionStreams } = options
    this.rules = new RetentionRules(retention, retentionStreams, streams, () => clock.now())
    const { stores = 1, sealing } = options.shared ?? {}
    this.upkeep = new Upkeep(store, indexes, { maxSize, rules: this.rules, stores, sealing })
    this.#retention = new Retention({ ...store, upkeep: this.upkeep }, this.rules)
    this.deletions = new Deletions({ ...store, upkeep: this.upkeep }, requests, options)
    this.objectStorage =
      objects === undefined
        ? undefined
        : ObjectStorage.start(objects, database, options.objectStorage!, clock, log)
  }

  /** Opens or makes the store. Throws as `Database.open` does. */
  static async open(options: StoreOptions, clock: Clock, log: Logger): Promise<LogStore> {
    const { maxSize, shared } = options
    const checkpointBytes = Math.min(
      maxSize > 0 ? maxSize / 32 : Infinity,
      Math.max(LEAST_CHECKPOINT, CHECKPOINT_BYTES / (shared?.stores ?? 1)),
    )
    const bound = memoryBound(options.maxMemory)
    const maxMemory = databaseMemory(bound, shared?.stores)
    await removeDeadCopies(options.path, clock.now())
    const { objectStorage, path } = options
    const bucket =
      objectStorage === undefined ? undefined : await openObjects(objectStorage, path, clock, log)
    const { objects, prepare } = bucket ?? {}
    const database = await Database.open({
      ...options,
      checkpointBytes,
      maxMemory,
      freed: new FreedMemory(bound),
      now: clock.now(),
      prepare,
      log,
    }).catch(async (error: unknown) => {
      await objects?.close()
      throw error
    })
    try {
      const streams = new StreamTable()
      const indexes = await loadStreams(database, streams)
      const index = (): HotIndex => indexes.get(database.files.hot.number)!
      const writer = await StoreWriter.open(database, index, new MemoryWatch(bound, clock), clock)
      const requests = await RequestList.open(database.path)
      return new LogStore({ database, streams, writer, requests, objects }, indexes, options, clock, log)
    } catch (error) {
      await database.close()
      await objects?.close()
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

  /** Deletes what is older than the retention. Returns how many entries that were. */
  deleteOld(): Promise<number> {
    return this.#retention.deleteOld()
  }

  /** Seals everything that has come in until now, and copies it to the bucket; rejects when that can't be. */
  async seal(): Promise<void> {
    await this.upkeep.sealNow()
    await this.objectStorage?.mirror.flush()
  }

  /** Commits what is waiting and closes the database. */
  async close(): Promise<void> {
    await this.#retention.close()
    await this.deletions.close()
    this.#health.close()
    await this.writer.flush()
    await this.upkeep.close()
    await this.objectStorage?.close()
    await this.writer.close()
    await this.database.close()
    await this.objectStorage?.objects.close()
  }
}

interface Opened {
  readonly database: Database
  readonly streams: StreamTable
  readonly writer: StoreWriter
  readonly requests: RequestList
  readonly objects: ObjectStore | undefined
}

/** Reads the streams of the sealed files, then those of the others, whose rows are looked at. */
async function loadStreams(database: Database, streams: StreamTable): Promise<Map<number, HotIndex>> {
  const { manifest, folder } = database.files
  streams.startAt(manifest.nextStream)
  if (manifest.streams !== '')
    await readStreams(folder, manifest.streams, streams).catch((error: unknown) => {
      throw unreadable(join(folder, manifest.streams), error)
    })
  const indexes = new Map<number, HotIndex>()
  for (const hot of manifest.hot)
    await database
      .use(async (connection) => {
        const name = hotName(hot)
        const reader = await connection.runAndReadAll(`SELECT id, labels FROM ${name}.streams ORDER BY id`)
        for (const [id, labels] of reader.getRows() as [number, string][])
          if (streams.byId(id) === undefined)
            streams.load(id, JSON.parse(labels) as Record<string, string>, undefined)
        const index = await HotIndex.load(connection, name, hot.since)
        for (const [id, { newest }] of index.streams) streams.extend(id, newest)
        indexes.set(hot.number, index)
      })
      .catch((error: unknown) => {
        throw unreadable(join(folder, hot.file), error)
      })
  return indexes
}
