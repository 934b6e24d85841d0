/** Copies what a store seals to its bucket while the store runs, and tries again when that fails. */
import { LogstreamError, messageOf } from '../../errors.ts'
import type { Clock, Timer } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'
import { readLists } from '../sealed/lists.ts'
import type { Manifest, Part } from '../sealed/manifest.ts'
import type { StoreFiles } from '../sealed/store-files.ts'
import { ObjectError, type ObjectStore } from './object-store.ts'
import type { PartCache } from './part-cache.ts'
import { Publisher } from './publisher.ts'
import { Sweeper } from './sweep.ts'

const TICK_MS = 1000
/** Between two attempts after a failure. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** How often delete requests and rules are looked at. */
const LISTS_EVERY_MS = 60_000
/** A failure that lasts so long is one of the store's health. */
const LONG_MS = 10 * 60_000
/** How long the end of the store waits; what isn't copied then is copied after the next start. */
const CLOSE_MS = 10_000

export interface MirrorOptions {
  readonly files: StoreFiles
  readonly objects: ObjectStore
  readonly cache: PartCache
  readonly clock: Clock
  readonly log: Logger
}

interface Failure {
  readonly message: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** Whether it stays until the config or another store changes. */
  readonly isOfConfig: boolean
}

export class Mirror {
  readonly #options: MirrorOptions
  readonly #publisher: Publisher
  readonly #sweeper: Sweeper
  readonly #stop = new AbortController()
  #timer: Timer | undefined
  #ticking: Promise<void> = Promise.resolve()
  #running: Promise<void> | undefined
  /** The manifest that the bucket has. */
  #copied: Manifest | undefined
  #listsAt = 0
  #failure: Failure | undefined
  #pause = 0
  #retryAt = 0
  #pendingSince: number | undefined

  constructor(options: MirrorOptions) {
    this.#options = options
    const { files, objects, clock } = options
    this.#publisher = new Publisher(files, objects)
    this.#sweeper = new Sweeper({ files, objects, publisher: this.#publisher, clock })
    this.#plan()
  }

  /** Sealed files that the bucket doesn't list yet. */
  get pending(): readonly Part[] {
    const { parts, bucket } = this.#options.files.manifest
    return parts.filter(({ number }) => bucket?.stored[number] === undefined)
  }

  /** For how many milliseconds there have been such files. */
  get lag(): number {
    return this.#pendingSince === undefined ? 0 : this.#options.clock.now() - this.#pendingSince
  }

  /** What people should know: the bucket is another store's, or couldn't be written for long. */
  get problem(): string | undefined {
    const failure = this.#failure
    if (failure === undefined) return undefined
    const { message, since, isOfConfig } = failure
    if (!isOfConfig && this.#options.clock.now() - since < LONG_MS) return undefined
    return `sealed files are not copied to the bucket: ${message} (since ${new Date(since).toISOString()})`
  }

  #plan(): void {
    this.#timer = this.#options.clock.after(TICK_MS, () => {
      this.#ticking = this.#tick().finally(() => {
        if (!this.#stop.signal.aborted) this.#plan()
      })
    })
  }

  async #tick(): Promise<void> {
    const { clock, cache, files, log } = this.#options
    const now = clock.now()
    this.#pendingSince = this.pending.length === 0 ? undefined : (this.#pendingSince ?? now)
    try {
      await cache.evict()
    } catch (error) {
      log.warn('files that the bucket has could not be removed from the disk', { error: messageOf(error) })
    }
    if (now < this.#retryAt) return
    const isCurrent = this.#copied === files.manifest && now < this.#listsAt + LISTS_EVERY_MS
    if (!isCurrent || this.#sweeper.isDue) await this.#copy()
  }

  /** Resolves when the bucket lists all that is sealed now; rejects when it can't be brought there. */
  async flush(): Promise<void> {
    await this.#running
    await this.#copy()
    if (this.#failure !== undefined) throw new LogstreamError('DELIVERY', this.#failure.message)
  }

  #copy(): Promise<void> {
    this.#running ??= this.#attempt().finally(() => (this.#running = undefined))
    return this.#running
  }

  // Never rejects.
  async #attempt(): Promise<void> {
    const { clock, files, log } = this.#options
    const pinned = files.pin()
    try {
      const lists = await readLists(files.folder)
      this.#listsAt = clock.now()
      await this.#publisher.publish(pinned.manifest, lists, this.#stop.signal)
      this.#copied = pinned.manifest
      if (this.#sweeper.isDue) await this.#sweep()
      if (this.#failure !== undefined) log.info('sealed files are copied to the bucket again')
      this.#failure = undefined
      this.#pause = 0
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error)
    } finally {
      pinned.release()
    }
  }

  async #sweep(): Promise<void> {
    const deleted = await this.#sweeper.sweep(this.#stop.signal)
    if (deleted > 0)
      this.#options.log.info('objects that are no longer listed were deleted', { objects: deleted })
  }

  #fail(error: unknown): void {
    const { clock, log } = this.#options
    const now = clock.now()
    this.#pause = Math.min(Math.max(FIRST_PAUSE_MS, this.#pause * 2), LONGEST_PAUSE_MS)
    const asked = error instanceof ObjectError ? (error.retryAfterMs ?? 0) : 0
    this.#retryAt = now + Math.min(Math.max(this.#pause, asked), LONGEST_PAUSE_MS)
    const message = messageOf(error)
    const isOfConfig = error instanceof LogstreamError && error.code === 'BAD_CONFIG'
    if (this.#failure === undefined || isOfConfig !== this.#failure.isOfConfig)
      log[isOfConfig ? 'error' : 'warn']('sealed files are not copied to the bucket; it is tried again', {
        error: message,
        files: this.pending.length,
      })
    this.#failure = { message, since: this.#failure?.since ?? now, isOfConfig }
  }

  /** Ends the copying; what is on its way has ten seconds. */
  async close(): Promise<void> {
    const { clock } = this.#options
    this.#timer?.cancel()
    const end = clock.after(CLOSE_MS, () => this.#stop.abort())
    await this.#running
    if (this.pending.length > 0 && this.#failure === undefined) await this.#copy()
    end.cancel()
    this.#stop.abort()
    await this.#ticking
    this.#timer?.cancel()
  }
}
