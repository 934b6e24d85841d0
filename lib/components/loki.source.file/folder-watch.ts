/**
 * Wakes readers before their next poll, by the system's notices about a folder. Notices may be missing (network file
 * systems, exhausted limits) or too many. Polling alone must suffice, so this never fails, and gives up early.
 */
import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock } from '../../flow/clock.ts'

/** More notices from one folder within RATE_MS cost more than polling: watching it then pauses for REST_MS. */
const MAX_NOTICES = 1000
const RATE_MS = 500
const REST_MS = 5_000

interface Folder {
  watcher: FSWatcher | undefined
  notices: number
  since: number
  readonly files: Map<string, Set<() => void>>
}

export class FolderWatch {
  readonly #clock: Clock
  readonly #folders = new Map<string, Folder>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `wake` whenever something may have happened to the file. Returns the function that ends that. */
  add(path: string, wake: () => void): () => void {
    const at = dirname(path)
    const name = basename(path)
    let folder = this.#folders.get(at)
    if (folder === undefined) {
      folder = { watcher: undefined, notices: 0, since: 0, files: new Map<string, Set<() => void>>() }
      this.#folders.set(at, folder)
      this.#open(at, folder)
    }
    const wakes = folder.files.get(name) ?? new Set<() => void>()
    folder.files.set(name, wakes.add(wake))
    return () => {
      wakes.delete(wake)
      if (wakes.size === 0) folder.files.delete(name)
      if (folder.files.size === 0) this.#drop(at, folder)
    }
  }

  #open(at: string, folder: Folder): void {
    try {
      folder.watcher = watch(at, { persistent: false }, (_, name) => this.#notice(at, folder, name))
      folder.watcher.on('error', () => this.#close(folder))
    } catch {
      // The folder does not exist, or the system watches no more of them.
      this.#reopen(at, folder)
    }
  }

  #notice(at: string, folder: Folder, name: string | null): void {
    const now = this.#clock.now()
    if (now - folder.since > RATE_MS) {
      folder.since = now
      folder.notices = 0
    }
    const wakes = name === null ? undefined : folder.files.get(name)
    if (wakes !== undefined) for (const wake of wakes) wake()
    if (++folder.notices <= MAX_NOTICES) return
    this.#close(folder)
    this.#reopen(at, folder)
  }

  #reopen(at: string, folder: Folder): void {
    this.#clock.after(REST_MS, () => {
      if (this.#folders.get(at) === folder && folder.watcher === undefined) this.#open(at, folder)
    })
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
