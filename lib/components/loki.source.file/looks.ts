/**
 * When a tailer looks at its path again. A file that was read to its end is left alone until the system tells of a
 * change: 5,000 idle files that are polled four times a second take most of a core.
 */
import { lstatSync, statSync, type BigIntStats } from 'node:fs'
import type { FolderWatch, Watched } from './folder-watch.ts'
import type { Pause } from './pause.ts'

/** How often a watched file is looked at all the same, since a notice may be missing. */
const SWEEP_MS = 10_000

export class Looks {
  readonly #path: string
  readonly #pause: Pause
  readonly #watched: Watched | undefined
  /** The file as it was when all of it had been read; `undefined`: there may be more to do. */
  #seen: BigIntStats | undefined

  constructor(path: string, pause: Pause, watch: FolderWatch | undefined) {
    this.#path = path
    this.#pause = pause
    this.#watched = watch?.add(path, () => pause.nudge())
  }

  /** Everything that the path had at that look was read, and nothing else is left to do. */
  finished(look: BigIntStats): void {
    // What a link leads to may be on any file system, and changes in another folder.
    const there = this.#watched?.local === true ? stats(this.#path, lstatSync) : undefined
    this.#seen = there !== undefined && isSame(there, look) ? look : undefined
  }

  /** Resolves when the path has to be looked at. `moved`: there was something to read at the last look. */
  async due(moved: boolean): Promise<void> {
    for (let read = moved; ; read = false) {
      const watched = this.#seen !== undefined && this.#watched?.reliable === true
      const nudged = await this.#pause.wait(read, watched ? SWEEP_MS : 0)
      if (this.#pause.ended) return
      if (this.#isAsSeen()) continue
      if (watched && !nudged) this.#watched!.missed()
      this.#seen = undefined
      return
    }
  }

  // A look that takes 3 µs instead of 40, and holds up everything else if a file system hangs.
  #isAsSeen(): boolean {
    if (this.#seen === undefined || this.#watched?.local !== true) return false
    const now = stats(this.#path, statSync)
    return now !== undefined && isSame(now, this.#seen)
  }

  /** Looks soon, whatever the file is like. */
  hurry(): void {
    this.#seen = undefined
    this.#pause.nudge()
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#pause.end()
  }

  close(): void {
    this.#watched?.end()
  }
}

function stats(path: string, stat: typeof statSync): BigIntStats | undefined {
  try {
    return stat(path, { bigint: true })
  } catch {
    return undefined
  }
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  )
}
