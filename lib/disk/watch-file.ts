/** Tells when a file or a folder has changed: by the system's notices where they are wanted, always by looking. */
import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock, Timer } from '../flow/clock.ts'

export interface WatchSettings {
  readonly path: string
  /** Milliseconds between two looks. */
  readonly pollMs: number
  /** Whether to listen to the system's notices too. */
  readonly notices: boolean
}

/** The `detector` argument of the language. */
export const DETECTORS: readonly string[] = ['', 'fsnotify', 'poll']

/** An editor writes a file in several steps: what follows within this time is one change. */
const SETTLE_MS = 50

/** Calls `changed` after each change until the result is called. It never throws: a file that is not there may come. */
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

// The folder around a file is watched, since a file that is replaced takes its own watch with it.
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
      // Looking goes on without it.
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch {
      // No notices here (no such folder, no watches left).
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
