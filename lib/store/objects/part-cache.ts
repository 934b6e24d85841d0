/**
 * The sealed files on the disk, where a bucket has all of them: those that were read least recently make room for others,
 * and come back when a query needs them. Their indexes stay, so that a search downloads no file that can't matter.
 */
import { mkdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../flow/clock.ts'
import { orAbort } from '../../flow/or-abort.ts'
import { Turns } from '../../flow/turns.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { messageOf } from '../../errors.ts'
import type { LongTexts } from '../long-texts.ts'
import type { Part, StoredObject } from '../sealed/manifest.ts'
import type { Fetching, StoreFiles } from '../sealed/store-files.ts'
import { inTurns } from './in-turns.ts'
import { ObjectError, type ObjectStore } from './object-store.ts'

/** Downloads that run at once. */
const TURNS = 4
/** What stays free on the disk: entries that come in need it more than files that the bucket has. */
const SPARE_BYTES = 64 * 1024 ** 2
/** Long lines are read after their query has read its rows; a query takes less than this. */
const LONG_KEPT_MS = 10 * 60_000

export interface PartCacheOptions {
  readonly files: StoreFiles
  readonly long: LongTexts
  readonly objects: ObjectStore
  /** Files of long lines that entries refer to which aren't sealed yet. */
  readonly unsealed: () => Promise<ReadonlySet<string>>
  /** Bytes of sealed files on the disk; 0: any number. */
  readonly cacheSize: number
  readonly clock: Clock
}

export class PartCache implements Fetching {
  readonly counts = { evictions: 0 }
  readonly #options: PartCacheOptions
  readonly #stop = new AbortController()
  /** How many read a file, by its path below the folder. */
  readonly #readers = new Map<string, number>()
  /** When a file was read last, in milliseconds. */
  readonly #usedAt = new Map<string, number>()
  /** Downloads and removals that run. */
  readonly #moving = new Map<string, Promise<void>>()
  readonly #turns = new Turns({ running: TURNS })

  constructor(options: PartCacheOptions) {
    this.#options = options
    options.files.fetchWith(this)
  }

  /** Bytes of sealed files on the disk, without their indexes and long lines. */
  get bytes(): number {
    const { files } = this.#options
    return files.manifest.parts.reduce((sum, part) => sum + (files.isAbsent(part) ? 0 : part.bytes), 0)
  }

  /** Brings files to the disk and keeps them there until the result is called. Rejects when that can't be. */
  async hold(parts: readonly Part[], signal: AbortSignal | undefined): Promise<() => void> {
    const names = parts.flatMap((part) => [part.file, ...part.long.map(longFile)])
    for (const name of names) this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1)
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      const now = this.#options.clock.now()
      for (const name of names) {
        const readers = this.#readers.get(name)! - 1
        if (readers === 0) this.#readers.delete(name)
        else this.#readers.set(name, readers)
        this.#usedAt.set(name, now)
      }
    }
    try {
      const fetching = inTurns(parts, (part) => this.#fetch(part))
      await (signal === undefined ? fetching : orAbort(fetching, signal))
      return release
    } catch (error) {
      release()
      signal?.throwIfAborted()
      throw this.#explained(error)
    }
  }

  async #fetch(part: Part): Promise<void> {
    const { files } = this.#options
    const stored = files.manifest.bucket?.stored[part.number]
    if (files.isAbsent(part)) {
      if (stored === undefined) throw new Error(`${part.file} is neither on the disk nor in the bucket`)
      await this.#moved(part.file, async () => {
        if (!files.isAbsent(part)) return
        await this.#download(stored.parquet, part.file)
        files.setAbsent(part, false)
      })
    }
    for (const [i, name] of part.long.entries()) {
      const object = stored?.long[i]
      if (object !== undefined) await this.#fetchLong(longFile(name), object)
    }
  }

  async #fetchLong(name: string, object: StoredObject): Promise<void> {
    await this.#moved(name, async () => {
      const path = join(this.#options.files.folder, name)
      const found = await stat(path).catch(() => undefined)
      if (found === undefined) await this.#download(object, name)
    })
  }

  // One step at a time for a file; those who come meanwhile share it.
  async #moved(name: string, step: () => Promise<void>): Promise<void> {
    const running = this.#moving.get(name)
    if (running !== undefined) {
      await running
      return await this.#moved(name, step)
    }
    const moving = step().finally(() => this.#moving.delete(name))
    this.#moving.set(name, moving)
    await moving
  }

  async #download(object: StoredObject, name: string): Promise<void> {
    const { files, objects } = this.#options
    const path = join(files.folder, name)
    const end = (await this.#turns.take())!
    try {
      await this.evict(object.bytes)
      await mkdir(dirname(path), { recursive: true })
      await objects.download(object, path, this.#stop.signal)
    } finally {
      end()
    }
  }

  /**
   * Makes room for what the cache has too many, for `ahead` bytes, and for the disk's spare. Files that are read, and those
   * that the bucket doesn't have yet, stay.
   */
  async evict(ahead = 0): Promise<void> {
    const { files, cacheSize } = this.#options
    // This runs each second, and counting looks at every file of long lines.
    let over = cacheSize > 0 ? this.bytes + (await this.#longBytes()) + ahead - cacheSize : 0
    const isOver = async (): Promise<boolean> => over > 0 || (await this.#isShort(ahead))
    if (!(await isOver())) return
    for (const part of this.#removable()) {
      // A download that waits for room must not wait for another one.
      if (this.#readers.has(part.file) || this.#moving.has(part.file)) continue
      await this.#moved(part.file, async () => {
        files.setAbsent(part, true)
        await rm(join(files.folder, part.file), { force: true })
        this.counts.evictions++
        over -= part.bytes
      })
      if (!(await isOver())) return
    }
    await this.#evictLong()
  }

  /** The files that can go, those first that were read least recently. */
  #removable(): Part[] {
    const { files } = this.#options
    const { parts, bucket } = files.manifest
    const usedAt = (part: Part): number => this.#usedAt.get(part.file) ?? 0
    return parts
      .filter(
        (part) =>
          bucket?.stored[part.number] !== undefined && !files.isAbsent(part) && !this.#readers.has(part.file),
      )
      .sort((a, b) => usedAt(a) - usedAt(b) || (a.to < b.to ? -1 : 1))
  }

  async #evictLong(): Promise<void> {
    const { files, long, clock } = this.#options
    const { parts, bucket } = files.manifest
    const used = new Set(parts.filter((part) => !files.isAbsent(part)).flatMap((part) => part.long))
    for (const file of await this.#options.unsealed()) used.add(file)
    const stored = parts.filter(({ number }) => bucket?.stored[number] !== undefined)
    for (const file of new Set(stored.flatMap((part) => part.long))) {
      const name = longFile(file)
      const isIdle = clock.now() - (this.#usedAt.get(name) ?? 0) > LONG_KEPT_MS
      if (used.has(file) || !isIdle || this.#readers.has(name) || this.#moving.has(name)) continue
      await this.#moved(name, () => long.removeCopy(file))
    }
  }

  // Of files that sealed ones refer to.
  async #longBytes(): Promise<number> {
    const { files } = this.#options
    const names = new Set(files.manifest.parts.flatMap((part) => part.long))
    const sizes = [...names].map((name) => stat(join(files.folder, longFile(name))).catch(() => undefined))
    return (await Promise.all(sizes)).reduce((sum, each) => sum + (each?.size ?? 0), 0)
  }

  async #isShort(ahead: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#options.files.folder)
    return bavail * bsize < SPARE_BYTES + ahead
  }

  #explained(error: unknown): LogqlError {
    const { objects } = this.#options
    const what =
      error instanceof ObjectError && error.isOfDisk
        ? `the disk can't take files of the bucket: ${messageOf(error)}; free space, or narrow the range of the query`
        : `entries of this range are in the bucket ${objects.title}, which can't be read: ${messageOf(error)}; ask again, or narrow the range to the newest entries`
    return new LogqlError(what, { cause: error, status: 500 })
  }

  /** Ends downloads. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#moving.values())
  }
}

function longFile(name: string): string {
  return `long/${name}`
}
