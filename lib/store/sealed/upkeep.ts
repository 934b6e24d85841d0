/**
 * Keeps the files of a store in order, a step at a time: a file that took rows for an hour, or is large enough, is sealed,
 * and the oldest sealed files go when the store is larger than it may be.
 */
import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '../../flow/clock.ts'
import { messageOf } from '../../errors.ts'
import { Signal } from '../../flow/signal.ts'
import { Turns } from '../../flow/turns.ts'
import type { Logger } from '../../telemetry/log.ts'
import { hotName, type Database } from '../database.ts'
import type { RetentionRules } from '../retention-rules.ts'
import type { StreamTable } from '../stream-table.ts'
import type { StoreWriter } from '../writer.ts'
import { groupsOf, joinParts } from './compact.ts'
import { HotIndex } from './hot-index.ts'
import { newHotFile, type HotFile, type Part } from './manifest.ts'
import type { PartIndexes } from './part-indexes.ts'
import { sealHot } from './seal.ts'
import { removePart } from './store-files.ts'
import { writeStreams } from './stream-file.ts'
import { mostText } from './write-part.ts'
import { forgetStreams, removeLongFiles } from './tidy.ts'

const MIB = 1024 ** 2
/** What is sealed together: lines of an hour, or so many bytes of lines. */
const SEAL_AFTER_MS = 3_600_000
const SEAL_BYTES = 256 * MIB
const LEAST_SEAL_BYTES = 16 * MIB
/** A file is sealed when it has this share of the store's largest size. */
const SEAL_SHARE = 1 / 16
/** What isn't counted: the lists of files and streams, and the spilling of large sorts. */
const KEEP_SHARE = 0.95
/** What stays free on the disk, while the store has more than a share of its largest size: others may fill the disk. */
const SPARE_BYTES = 64 * MIB
const SPARED_SHARE = 1 / 4
const TICK_MS = 1000
/** The files of a day are joined so long after its end, as late entries come until then; looked at once an hour. */
const COMPACT_AFTER_MS = 2 * 3_600_000
const COMPACT_EVERY_MS = 3_600_000
/** How long after a failure (a full disk, say) sealing is tried again. */
const RETRY_MS = 60_000

export interface UpkeepOptions {
  /** Bytes on disk that the store may take; 0: any number. */
  readonly maxSize: number
  readonly rules: RetentionRules
  /** Stores that share the memory: what isn't sealed takes some. */
  readonly stores: number
  /** Turns that they share; left out: its own. */
  readonly sealing?: Turns | undefined
}

interface Store {
  readonly database: Database
  readonly streams: StreamTable
  readonly writer: StoreWriter
  readonly partIndexes: PartIndexes
  readonly log: Logger
  readonly clock: Clock
}

export class Upkeep {
  readonly #store: Store
  readonly #options: UpkeepOptions
  readonly #indexes: Map<number, HotIndex>
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #sealing: Promise<void> | undefined
  #retryAt = 0
  /** Why the last sealing failed. */
  #failure: Error | undefined
  #compactAt = 0
  readonly #stop = new AbortController()
  readonly #sealed = new Signal()
  readonly #sealBytes: number
  readonly #turns: Turns

  constructor(store: Store, indexes: Map<number, HotIndex>, options: UpkeepOptions) {
    this.#store = store
    this.#indexes = indexes
    this.#options = options
    this.#sealBytes = Math.max(LEAST_SEAL_BYTES, SEAL_BYTES / options.stores)
    this.#turns = options.sealing ?? new Turns({ running: 1 })
    if (options.maxSize > 0) {
      store.writer.beforeCommit = () => this.#beforeCommit()
      store.writer.commitBytes = Math.min(store.writer.commitBytes, options.maxSize / 64)
    }
    this.#plan()
  }

  /** What is known of a file that isn't sealed. */
  index({ number }: HotFile): HotIndex | undefined {
    return this.#indexes.get(number)
  }

  #plan(): void {
    this.#timer = this.#store.clock.after(TICK_MS, () => {
      this.#running = this.#tick().finally(() => {
        if (!this.#stop.signal.aborted) this.#plan()
      })
    })
  }

  async #tick(): Promise<void> {
    try {
      if (await this.#isDue()) await this.#store.writer.exclusive(() => this.#rotate())
      this.#seal()
      if (this.#options.maxSize > 0) await this.#store.writer.exclusive(() => this.#shrink())
      if (this.#store.clock.now() < this.#compactAt) return
      this.#compactAt = this.#store.clock.now() + COMPACT_EVERY_MS
      await this.#forgetStreams()
      await this.compact()
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#store.log.error('the upkeep of the store failed', { error: messageOf(error) })
    }
  }

  // Of those whose entries made room for others.
  async #forgetStreams(): Promise<void> {
    const { database, streams, writer, clock } = this.#store
    await writer.exclusive(async (connection) => {
      const { hot, parts } = database.files.manifest
      const begins = parts.map(({ from }) => from)
      for (const each of hot) {
        const extent = this.#indexes.get(each.number)?.extent
        if (extent !== undefined) begins.push(extent.oldest)
      }
      const oldest = begins.reduce((least, each) => (each < least ? each : least), 2n ** 63n)
      await forgetStreams(connection, streams, () => oldest, clock.now())
    })
  }

  async #isDue(): Promise<boolean> {
    const { database, clock } = this.#store
    const { hot, manifest } = database.files
    const index = this.#indexes.get(hot.number)
    if (index?.firstAt === undefined || manifest.hot.length > 1) return false
    if (clock.now() - index.firstAt >= SEAL_AFTER_MS || index.bytes >= this.#sealBytes) return true
    return (await database.hotSize([hot])) >= this.#sealAt
  }

  get #sealAt(): number {
    const { maxSize } = this.#options
    return maxSize > 0 ? Math.min(this.#sealBytes, maxSize * SEAL_SHARE) : this.#sealBytes
  }

  // Begins a new file for what comes, so that the last one can be sealed. Only between two commits.
  async #rotate(): Promise<void> {
    const { database, clock } = this.#store
    const { files } = database
    const hot = newHotFile(files.nextNumber(), clock.now())
    try {
      await database.attach(hot)
      // What the bucket has of long lines doesn't grow.
      if (files.hasBucket) database.long.beginFile()
      this.#indexes.set(hot.number, HotIndex.empty())
      await files.change((manifest) => ({ ...manifest, hot: [...manifest.hot, hot] }))
    } catch (error) {
      // It's tried again each second: each time would leave an open file.
      this.#indexes.delete(hot.number)
      await files.removeHot(hot).catch(() => undefined)
      throw error
    }
  }

  /** Seals everything that has come in until now; resolves when that is done, rejects when it can't be. */
  async sealNow(): Promise<void> {
    const { database, writer } = this.#store
    await writer.flush()
    await this.#sealWaiting()
    await writer.exclusive(async () => {
      const { hot, manifest } = database.files
      const rows = this.#indexes.get(hot.number)?.rows ?? 0
      if (manifest.hot.length === 1 && rows > 0) await this.#rotate()
    })
    await this.#sealWaiting()
    await database.files.settled()
  }

  // Before another file is begun: else each failure adds one that queries have to read.
  async #sealWaiting(): Promise<void> {
    while (this.#store.database.files.manifest.hot.length > 1 && !this.#stop.signal.aborted) {
      this.#retryAt = 0
      this.#seal()
      await this.#sealing
      if (this.#failure !== undefined) throw this.#failure
    }
  }

  // Queries and pushes go on while files are written.
  #seal(): void {
    const { database, clock, log } = this.#store
    if (this.#sealing !== undefined || this.#stop.signal.aborted || clock.now() < this.#retryAt) return
    if (database.files.manifest.hot.length < 2) return
    this.#failure = undefined
    this.#sealing = this.#sealAll()
      .catch((error: unknown) => {
        this.#failure = error instanceof Error ? error : new Error(String(error))
        this.#retryAt = clock.now() + RETRY_MS
        if (!this.#stop.signal.aborted)
          log.error('sealing failed; it is tried again in a minute', { error: messageOf(error) })
      })
      .finally(() => {
        this.#sealing = undefined
        this.#sealed.notify()
      })
  }

  async #sealAll(): Promise<void> {
    for (const hot of this.#store.database.files.manifest.hot.slice(0, -1)) await this.#sealOne(hot)
  }

  /** Runs what sorts rows: only one at a time, in all stores that share the turns. */
  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const end = await this.#turns.take(this.#stop.signal)
    try {
      return await run()
    } finally {
      end?.()
    }
  }

  async #sealOne(hot: HotFile): Promise<void> {
    const { database, streams, writer, log } = this.#store
    const { files } = database
    const began = performance.now()
    const index =
      this.#indexes.get(hot.number) ??
      (await database.use((connection) => HotIndex.load(connection, hotName(hot), hot.since)))
    // What is too old now stays so, whatever the clock says while files are written.
    const { cutoff, condition } = this.#options.rules
    const kept = `ts >= ${cutoff}${condition}`
    const { signal } = this.#stop
    const parts = await this.#inTurn(() => sealHot(hot, index, { database, streams, kept, signal }))
    // Between two commits, so that the list of streams is that of a moment.
    const swap = writer.exclusive(async () => {
      const list = await writeStreams(database.path, files.nextNumber(), streams)
      await files
        .change((manifest) => ({
          ...manifest,
          nextStream: streams.nextId,
          hot: manifest.hot.filter((each) => each !== hot),
          streams: list,
          parts: [...manifest.parts, ...parts],
        }))
        .catch(async (error: unknown) => {
          await rm(join(database.path, list), { force: true })
          throw error
        })
    })
    await swap.catch(async (error: unknown) => {
      for (const part of parts) await removePart(database.path, part)
      throw error
    })
    this.#indexes.delete(hot.number)
    const sum = (of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0)
    log.info('entries were sealed', {
      files: parts.length,
      entries: sum(({ rows }) => rows),
      bytes: sum(({ bytes }) => bytes),
      seconds: ((performance.now() - began) / 1000).toFixed(1),
    })
  }

  /** Joins the small files of days that are over; `until` in nanoseconds. Returns how many files were joined. */
  async compact(until = BigInt(this.#store.clock.now() - COMPACT_AFTER_MS) * 1_000_000n): Promise<number> {
    const { database } = this.#store
    let joined = 0
    // The joined file lies beside the others until it's complete, and is deleted as a whole.
    const { maxSize } = this.#options
    const most = mostText(database.maxMemory)
    const text = maxSize > 0 ? Math.min(most, maxSize * SEAL_SHARE) : most
    for (const group of groupsOf(database.files.manifest.parts, until, text)) {
      if (this.#stop.signal.aborted) return joined
      const options = { database, indexes: this.#store.partIndexes, signal: this.#stop.signal }
      await this.#inTurn(async () => {
        // Some may have been deleted since.
        if (!group.every((part) => database.files.manifest.parts.includes(part))) return
        await joinParts(group, options)
        joined += group.length
      })
    }
    return joined
  }

  // Runs before each commit of a store with a largest size: files grow by the second.
  async #beforeCommit(): Promise<{ readonly until: Promise<void> } | undefined> {
    try {
      return await this.#makeRoom()
    } catch (error) {
      // The commit says whether the disk takes entries.
      this.#store.log.error('making room failed', { error: messageOf(error) })
      return undefined
    }
  }

  async #makeRoom(): Promise<{ readonly until: Promise<void> } | undefined> {
    const { database } = this.#store
    if ((await database.hotSize([database.files.hot])) >= this.#sealAt) {
      if (this.#sealing !== undefined) return { until: this.#sealed.next() }
      if (database.files.manifest.hot.length === 1) await this.#rotate()
      this.#seal()
    }
    if ((await this.#shrink()) || this.#sealing === undefined) return undefined
    // Without a sealed file to delete, all of it waits to be sealed, which leaves a third.
    return { until: this.#sealed.next() }
  }

  /** Deletes the oldest files until there is room for what is being written. Returns whether there is. */
  async #shrink(): Promise<boolean> {
    const { database, writer } = this.#store
    for (;;) {
      // A checkpoint writes the last rows anew before it lets go of their blocks, and so does sealing.
      const ahead = (await database.hotSize()) + 2 * writer.nextBytes
      const size = await database.size()
      const { maxSize } = this.#options
      const isShort = size > maxSize * SPARED_SHARE && !(await this.#hasRoom(ahead))
      if (size + ahead <= maxSize * KEEP_SHARE && !isShort) return true
      if (!(await this.#dropOldest())) return false
    }
  }

  async #hasRoom(bytes: number): Promise<boolean> {
    const { path, files } = this.#store.database
    const isFree = async (): Promise<boolean> => (await freeBytes(path)) >= bytes + SPARE_BYTES
    if (await isFree()) return true
    await files.makeRoom(bytes)
    return await isFree()
  }

  /** Deletes the sealed file with the oldest newest entry. Returns whether there was one. */
  async #dropOldest(): Promise<boolean> {
    const { database, log } = this.#store
    const [oldest] = database.files.manifest.parts.toSorted((a, b) => (a.to < b.to ? -1 : 1))
    if (oldest === undefined) return false
    await this.drop([oldest])
    await database.use((connection) => removeLongFiles(connection, database))
    await database.files.settled()
    log.info('the store has its largest size: the oldest entries were deleted', { entries: oldest.rows })
    return true
  }

  /** Takes sealed files out of the store. */
  async drop(parts: readonly Part[]): Promise<void> {
    const { database } = this.#store
    const numbers = new Set(parts.map(({ number }) => number))
    await database.files.change((manifest) => ({
      ...manifest,
      parts: manifest.parts.filter(({ number }) => !numbers.has(number)),
    }))
  }

  /** Ends what runs; a file that is being sealed is sealed after the next opening. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#timer?.cancel()
    await this.#running
    this.#timer?.cancel()
    await this.#sealing
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
