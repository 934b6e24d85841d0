/** Tells when a file or folder has changed: always by polling, and by the system's notices where they are wanted. */
import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock, Timer } from '../flow/clock.ts'

export interface WatchSettings {
  readonly path: string
  /** Milliseconds between two polls. */
  readonly pollMs: number
  /** Whether to listen to the system's notices too. */
  readonly notices: boolean
}

/** The `detector` argument of the language. */
export const DETECTORS: readonly string[] = ['', 'fsnotify', 'poll']

/** An editor writes a file in several steps: what follows within this time is one change. */
const SETTLE_MS = 50

/** Calls `changed` after each change until the returned function is called. Never throws: a missing file may appear. */
export function watchFile(settings: WatchSettings, clock: Clock, changed: () => void): () => void {
  const { path, pollMs } = settings
  let seen = stamp(path)
  let timer: Timer | undefined
  let settling: Timer | undefined
  const look = (): void => {
    const now = stamp(path)
    if (now === seen) return
    seen = now
    changed()
  }
  const poll = (): void => {
    timer = clock.after(Math.max(10, pollMs), () => {
      look()
      poll()
    })
  }
  poll()
  const watchers = settings.notices
    ? listen(path, () => {
        settling?.cancel()
        settling = clock.after(SETTLE_MS, look)
      })
    : []
  return () => {
    timer?.cancel()
    settling?.cancel()
    for (const each of watchers) each.close()
  }
}

// The folder is watched too: a watch on a file goes away with it when it is replaced.
function listen(path: string, noticed: () => void): FSWatcher[] {
  const watchers: FSWatcher[] = []
  for (const [folder, name] of [
    [dirname(path), basename(path)],
    [path, undefined],
  ] as const) {
    if (name === undefined && !isFolder(path)) continue
    try {
      const watcher = watch(folder, { persistent: false }, (_event, file) => {
        if (name === undefined || file === null || file === name) noticed()
      })
      // Polling continues without it.
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch {
      // Without notices: the folder doesn't exist, or the system's watches are used up.
    }
  }
  return watchers
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function stamp(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return ''
  }
}
