/**
 * Wakes readers before their next poll, by the system's notices about a folder. Notices may be missing (network file
 * systems, exhausted limits) or too many. Polling alone must suffice, so this never fails, and says where it can be
 * relied on.
 */
import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { codeOf } from '../../disk/atomic.ts'
import { isLocalFolder } from '../../disk/local-folder.ts'
import type { Clock } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'

/** More notices from one folder within RATE_MS cost more than polling: watching it then pauses for REST_MS. */
const MAX_NOTICES = 1000
const RATE_MS = 500
const REST_MS = 5_000
/** A file that has changed so often without a notice is polled from then on. */
const MAX_MISSED = 3

interface Folder {
  watcher: FSWatcher | undefined
  /** See `isLocalFolder`. */
  local: boolean
  notices: number
  since: number
  /** What wakes the readers of each file: mostly one, for which an array takes a quarter of what a Set does. */
  readonly files: Map<string, readonly (() => void)[]>
  /** Watches it anew: its path may lead elsewhere by now. */
  readonly reopen: () => void
  /** None of its files is watched any more. */
  readonly drop: () => void
}

/** One file that is watched. */
export interface Watched {
  /** Its folder is on a local file system: a look at it can't hang. */
  readonly local: boolean
  /** Every change of the file wakes its reader. */
  readonly reliable: boolean
  /** A change has come without a notice. */
  missed(): void
  end(): void
}

export type WatchFolder = (
  folder: string,
  options: { persistent: false },
  notice: (event: string, name: string | null) => void,
) => FSWatcher

export class FolderWatch {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #watch: WatchFolder
  readonly #folders = new Map<string, Folder>()
  #warned = false

  constructor(clock: Clock, log: Logger, watchFolder: WatchFolder = watch) {
    this.#clock = clock
    this.#log = log
    this.#watch = watchFolder
  }

  /** Calls `wake` whenever something may have happened to the file, or to the watching of it. */
  add(path: string, wake: () => void): Watched {
    const at = dirname(path)
    const name = basename(path)
    let folder = this.#folders.get(at)
    if (folder === undefined) {
      const files = new Map<string, readonly (() => void)[]>()
      const made: Folder = {
        watcher: undefined,
        local: false,
        notices: 0,
        since: 0,
        files,
        reopen: () => {
          this.#close(made)
          this.#open(at, made)
        },
        drop: () => this.#drop(at, made),
      }
      folder = made
      this.#folders.set(at, folder)
      this.#open(at, folder)
    }
    const others = folder.files.get(name)
    folder.files.set(name, others === undefined ? [wake] : [...others, wake])
    return new WatchedFile(folder, name, wake)
  }

  #open(at: string, folder: Folder): void {
    if (this.#folders.get(at) !== folder || folder.watcher !== undefined) return
    try {
      const watcher = this.#watch(at, { persistent: false }, (event, name) =>
        this.#notice(at, folder, event, name),
      )
      watcher.on('error', (error) => {
        if (folder.watcher === watcher) this.#lose(at, folder, error)
      })
      folder.watcher = watcher
    } catch (error) {
      return this.#lose(at, folder, error)
    }
    void isLocalFolder(at).then((local) => {
      folder.local = local
      // Something may have happened while it wasn't watched.
      wakeAll(folder)
    })
  }

  #notice(at: string, folder: Folder, event: string, name: string | null): void {
    const now = this.#clock.now()
    if (now - folder.since > RATE_MS) {
      folder.since = now
      folder.notices = 0
    }
    const wakes = name === null ? undefined : folder.files.get(name)
    if (wakes !== undefined) for (const wake of wakes) wake()
    if (name === null) wakeAll(folder)
    // The folder itself was moved or removed.
    else if (event === 'rename' && name === basename(at) && wakes === undefined) this.#lose(at, folder)
    if (++folder.notices > MAX_NOTICES) this.#lose(at, folder)
  }

  // The folder does not exist, or the system watches no more of them, or has too much to tell.
  #lose(at: string, folder: Folder, error?: unknown): void {
    this.#close(folder)
    wakeAll(folder)
    this.#clock.after(REST_MS, () => this.#open(at, folder))
    const code = codeOf(error)
    if (this.#warned || (code !== 'ENOSPC' && code !== 'EMFILE')) return
    this.#warned = true
    const limit = code === 'ENOSPC' ? 'max_user_watches' : 'max_user_instances'
    this.#log.warn(
      `${at} cannot be watched for changes, the system's limit is reached: its files are polled, which takes more CPU; raise fs.inotify.${limit} (sysctl)`,
    )
  }

  #close(folder: Folder): void {
    folder.watcher?.close()
    folder.watcher = undefined
  }

  #drop(at: string, folder: Folder): void {
    this.#close(folder)
    if (this.#folders.get(at) === folder) this.#folders.delete(at)
  }
}

/** An object with getters and closures of its own would take 1 KB for each of thousands of files. */
class WatchedFile implements Watched {
  readonly #folder: Folder
  readonly #name: string
  readonly #wake: () => void
  #missed = 0

  constructor(folder: Folder, name: string, wake: () => void) {
    this.#folder = folder
    this.#name = name
    this.#wake = wake
  }

  get local(): boolean {
    return this.#folder.local
  }

  get reliable(): boolean {
    return this.local && this.#folder.watcher !== undefined && this.#missed < MAX_MISSED
  }

  missed(): void {
    this.#missed++
    this.#folder.reopen()
  }

  end(): void {
    const { files, drop } = this.#folder
    const others = files.get(this.#name)?.filter((wake) => wake !== this.#wake) ?? []
    if (others.length > 0) files.set(this.#name, others)
    else files.delete(this.#name)
    if (files.size === 0) drop()
  }
}

function wakeAll(folder: Folder): void {
  for (const wakes of folder.files.values()) for (const wake of wakes) wake()
}
