/** What a sink keeps under its data folder: a spool for each destination, and the dead letters of all. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderLock } from '../disk/folder-lock.ts'
import { LogstreamError } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { DEAD_LETTERS, DeadLetters } from './dead-letters.ts'
import type { SpoolOpener } from './endpoint-spool.ts'
import {
  foreignSpools,
  labelSpool,
  takeSpoolFolder,
  type Inherited,
  type SpoolOwner,
} from './spool-folders.ts'
import { Spool } from './spool.ts'

export interface DiskOptions {
  readonly dataDir: string
  readonly owners: readonly SpoolOwner[]
  /** Bound for the spools of all owners together. */
  readonly maxSpoolBytes: number
  readonly maxDeadLettersBytes: number
  /** Other configs use the same storage path. */
  readonly shared: boolean
  readonly log: Logger
}

/** Folder of the spools in a sink's data folder; further processes take spool-2, spool-3, … */
export const SPOOL = 'spool'

const SPOOL_FOLDER = /^spool(?:-\d+)?$/
const DEAD_LETTERS_FILE = 64 * 1024 ** 2

export class DeliveryDisk {
  readonly letters: DeadLetters
  readonly #options: DiskOptions
  #lock: Promise<FolderLock> | undefined

  constructor(options: DiskOptions) {
    this.#options = options
    this.letters = new DeadLetters({
      folder: join(options.dataDir, DEAD_LETTERS),
      maxBytes: options.maxDeadLettersBytes,
      maxFileBytes: DEAD_LETTERS_FILE,
    })
  }

  /** Whether an earlier process has spooled something here. */
  get used(): boolean {
    const { dataDir } = this.#options
    return existsSync(dataDir) && readdirSync(dataDir).some((name) => SPOOL_FOLDER.test(name))
  }

  /** Opens an owner's spool. The folder is made when it is first needed. */
  openerOf(owner: SpoolOwner): SpoolOpener {
    return async () => {
      const { owners, maxSpoolBytes, log } = this.#options
      const { folder } = await this.#lockFolder()
      const own = join(folder, owner.key)
      const spool = await Spool.open({ folder: own, maxBytes: maxSpoolBytes / owners.length, log })
      await labelSpool(own, owner).catch(() => {})
      return spool
    }
  }

  async close(): Promise<void> {
    await this.letters.close()
    const lock = await this.#lock?.catch(() => undefined)
    await lock?.release()
  }

  // Shared by all owners, and tried again when it failed.
  #lockFolder(): Promise<FolderLock> {
    this.#lock ??= this.#take().catch((error: unknown) => {
      this.#lock = undefined
      throw error
    })
    return this.#lock
  }

  async #take(): Promise<FolderLock> {
    const { dataDir, owners, shared, log } = this.#options
    const folder = join(dataDir, SPOOL)
    const inherited: Inherited = (before, { title }) =>
      log.warn('what waited for the destination before is sent to the present one', {
        before,
        destination: title,
      })
    const lock = await takeSpoolFolder(folder, owners, shared ? undefined : inherited)
    if (lock === undefined)
      throw new LogstreamError(
        'IO',
        `"${folder}" and all like it are used by other processes: end some of them`,
      )
    for (const { title, folder: of, files } of await foreignSpools(folder, lock.folder, owners))
      log.warn('batches wait in a spool for a destination that this config does not have', {
        destination: title,
        folder: of,
        files,
      })
    return lock
  }
}
