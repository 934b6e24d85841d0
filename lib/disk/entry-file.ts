/** Entries by key in a file that is saved as they change: positions of files, cursors of other sources. */
import { join, resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Clock, Timer } from '../flow/clock.ts'
import type { Logger } from '../telemetry/log.ts'
import { codeOf, writeAtomic } from './atomic.ts'
import { diskFailure } from './disk-failure.ts'
import {
  adoptOthers,
  backupOf,
  takeOwnFile,
  type EntryFormat,
  type OwnFile,
  type StoredEntry,
} from './entry-files.ts'

/**
 * Between two saves pass at least this many times the CPU time of the last one's text, so that many entries cost little.
 * Each save also costs four turns in the thread pool: one every 5 ms took 3 to 4 % of the CPU time of reading a file.
 */
const REST = 10
const MIN_REST_MS = 50
const MAX_REST_MS = 1000

/**
 * Forcing a file to the disk can take longer than reading the lines of a second, so saves don't wait for it: only a
 * power failure, not the end of the process, can harm such a file. A forced backup follows within this time.
 */
const BACKUP_MS = 1000

export interface EntryFileOptions {
  /** Made on first use; `undefined` keeps entries in memory only. */
  readonly folder: string | undefined
  readonly log: Logger
  readonly clock: Clock
}

interface Kept<V> {
  readonly read: () => V
  changed: number
  /** Its text in the file, made anew after a change. */
  text: string | undefined
}

/** A format, and the open files of it by path. */
export interface EntryKind<V> {
  readonly format: EntryFormat<V>
  /**
   * Components of one process that share a folder share the file: two readers of a library's user, or after a reload a
   * component and its predecessor, which waits for its last acknowledgements.
   */
  readonly open: Map<string, Promise<EntryFile<V>>>
}

export function entryKind<V>(format: EntryFormat<V>): EntryKind<V> {
  return { format, open: new Map<string, Promise<EntryFile<V>>>() }
}

export class EntryFile<V> {
  /** What there was at the start; `damaged` if neither a file nor its backup could be read. */
  readonly found: OwnFile<V>['found']
  readonly #format: EntryFormat<V>
  readonly #own: OwnFile<V> | undefined
  readonly #log: Logger
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept<V>>()
  #changes = 0
  #saved = 0
  #busy = false
  #holders = 1
  #closing: Promise<void> | undefined
  #queue: Promise<number> = Promise.resolve(0)
  #failed = ''
  #backupDue: Timer | undefined
  #backedUp = -Infinity

  private constructor(format: EntryFormat<V>, options: EntryFileOptions, own: OwnFile<V> | undefined) {
    this.#format = format
    this.#own = own
    this.#log = options.log
    this.#clock = options.clock
    this.found = own?.found ?? 'nothing'
    this.take(own?.entries ?? [])
  }

  /** Reads what is there, see `takeOwnFile`. Rejects with `LogstreamError` IO for a file of a newer version. */
  static async open<V>({ format, open }: EntryKind<V>, options: EntryFileOptions): Promise<EntryFile<V>> {
    const { folder } = options
    if (folder === undefined) return new EntryFile(format, options, undefined)
    const path = resolve(join(folder, format.name))
    const before = open.get(path)?.catch(() => undefined)
    const opening = Promise.resolve(before).then(async (there) => {
      if (there !== undefined && there.#holders > 0) {
        there.#holders++
        return there
      }
      if (there !== undefined) await there.#closing
      return await EntryFile.#openOwn(format, options, folder)
    })
    open.set(path, opening)
    return await opening
  }

  static async #openOwn<V>(
    format: EntryFormat<V>,
    options: EntryFileOptions,
    folder: string,
  ): Promise<EntryFile<V>> {
    const own = await takeOwnFile(folder, format, options.log)
    const opened = new EntryFile(format, options, own)
    await adoptOthers(own.file, folder, format.name, () => opened.#saveAll()).catch((error: unknown) =>
      options.log.warn(`${format.name} files of processes that have ended stay until the next start`, {
        folder,
        error: messageOf(error),
      }),
    )
    return opened
  }

  /** Takes over entries from elsewhere that are not known here. */
  take(entries: readonly StoredEntry<V>[]): void {
    for (const { key, value, changed } of entries)
      if (!this.#kept.has(key)) this.#kept.set(key, { read: () => value, changed, text: undefined })
  }

  get(key: string): V | undefined {
    return this.#kept.get(key)?.read()
  }

  values(): V[] {
    return [...this.#kept.values()].map(({ read }) => read())
  }

  /** Keys of entries that last changed before a time, in milliseconds of Unix time. */
  unchanged(before: number): string[] {
    return [...this.#kept].filter(([, { changed }]) => changed < before).map(([key]) => key)
  }

  /** From now on a save asks `read` for the entry. Call `changed` whenever it returns something else. */
  attach(key: string, read: () => V): void {
    this.#kept.set(key, { read, changed: this.#kept.get(key)?.changed ?? 0, text: undefined })
  }

  delete(key: string): void {
    if (this.#kept.delete(key)) this.#save()
  }

  /** The entry has changed. It is saved at once, or right after the save that is under way. */
  changed(key: string): void {
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      kept.changed = this.#clock.now()
      kept.text = undefined
    }
    this.#save()
  }

  /** Resolves when everything up to now is forced to the disk, or couldn't be written (which has been logged). */
  async flush(): Promise<void> {
    await this.#queue
    if (this.#holders === 0) return
    if (this.#saved < this.#changes || this.#backupDue !== undefined) await this.#write(true)
  }

  /**
   * Saves what has changed. To be called once by each that opened it: after the last one another process may have the
   * file, and later changes are not saved.
   */
  async close(): Promise<void> {
    await this.flush()
    if (--this.#holders > 0) return
    this.#closing = this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#backupDue?.cancel()
    await this.#queue
    await this.#own?.lock?.release()
    this.#kept.clear()
  }

  async #saveAll(): Promise<boolean> {
    this.#changes++
    await this.flush()
    return this.#saved === this.#changes
  }

  #save(): void {
    this.#changes++
    if (this.#own === undefined || this.#busy || this.#holders === 0) return
    this.#busy = true
    void this.#saveAndRest()
  }

  async #saveAndRest(): Promise<void> {
    while (this.#saved < this.#changes && this.#holders > 0) {
      const ms = await this.#write(false)
      if (this.#saved < this.#changes) await new Promise<void>((resolve) => this.#clock.after(ms, resolve))
    }
    this.#busy = false
  }

  #write(forced: boolean): Promise<number> {
    this.#queue = this.#queue.then(() => this.#writeNow(forced))
    return this.#queue
  }

  // Returns the milliseconds to wait before the next one.
  async #writeNow(forced: boolean): Promise<number> {
    if (this.#own === undefined) return 0
    const { file } = this.#own
    const started = performance.now()
    const upTo = this.#changes
    try {
      const text = this.#format.text(this.#texts())
      const rest = (performance.now() - started) * REST
      await writeAtomic(file, text, { sync: false })
      if (forced) await this.#backUp(file, text)
      else this.#scheduleBackup(file)
      this.#failed = ''
      this.#saved = upTo
      return Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, rest))
    } catch (error) {
      this.#complain(file, error)
      return MAX_REST_MS
    }
  }

  // By a timer, so that the last save of a burst gets its backup too.
  #scheduleBackup(file: string): void {
    if (this.#backupDue !== undefined) return
    const wait = Math.max(0, this.#backedUp + BACKUP_MS - performance.now())
    this.#backupDue = this.#clock.after(wait, () => {
      this.#queue = this.#queue.then(async (rest) => {
        await this.#backUp(file, this.#format.text(this.#texts())).catch((error: unknown) =>
          this.#complain(file, error),
        )
        return rest
      })
    })
  }

  async #backUp(file: string, text: string): Promise<void> {
    this.#backupDue?.cancel()
    this.#backupDue = undefined
    this.#backedUp = performance.now()
    await writeAtomic(backupOf(file), text)
  }

  #texts(): string[] {
    const texts: string[] = []
    for (const kept of this.#kept.values())
      texts.push((kept.text ??= this.#format.entry(kept.read(), kept.changed)))
    return texts
  }

  #complain(file: string, error: unknown): void {
    const kind = codeOf(error) || messageOf(error)
    if (kind === this.#failed) return
    this.#failed = kind
    const { name, unsaved } = this.#format
    this.#log.error(`${name} cannot be saved in ${file}: ${diskFailure(error)}; ${unsaved}`)
  }
}
