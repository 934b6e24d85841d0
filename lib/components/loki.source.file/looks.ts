/**
 * When a tailer looks at its path again. A file that was read to its end is left alone until the system tells of a
 * change: 5,000 idle files that are polled four times a second take most of a core.
 */
import { lstatSync, type BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FolderWatch, Watched } from './folder-watch.ts'
import type { Pause } from './pause.ts'

/** How often a watched file is looked at all the same, since a notice may be missing. */
const SWEEP_MS = 10_000

export class Looks {
  readonly #path: string
  readonly #pause: Pause
  readonly #watched: Watched | undefined
  /** The path isn't a link, as far as that is known: what a link leads to may be on any file system. */
  #plain = false
  /** The file as it was when all of it had been read; `undefined`: there may be more to do. */
  #seen: Seen | undefined

  constructor(path: string, pause: Pause, watch: FolderWatch | undefined) {
    this.#path = path
    this.#pause = pause
    this.#watched = watch?.add(path, () => pause.nudge())
  }

  /** Whether the file is on a local file system, so that neither a look at it nor a small read hangs. */
  get local(): boolean {
    return this.#plain && this.#watched?.local === true
  }

  /** Looks now: at a local file at once, which takes 3 µs instead of 40. Throws the system's error. */
  look(): BigIntStats | Promise<BigIntStats> {
    this.#plain = false
    if (this.#watched?.local === true) {
      const look = lstatSync(this.#path, { bigint: true })
      this.#plain = !look.isSymbolicLink()
      if (this.#plain) return look
    }
    return stat(this.#path, { bigint: true })
  }

  /** Everything that the path had at that look was read, and nothing else is left to do. */
  finished(look: BigIntStats): void {
    this.#seen = this.local ? seenIn(look) : undefined
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

  // Not where it could hang and hold up everything else.
  #isAsSeen(): boolean {
    if (this.#seen === undefined || !this.local) return false
    const now = statsNow(this.#path)
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

/** What tells whether a file has changed. Node's stats take 1 KB, and one of these is kept for each idle file. */
type Seen = Pick<BigIntStats, 'ino' | 'dev' | 'size' | 'mtimeNs' | 'ctimeNs'>

function seenIn({ ino, dev, size, mtimeNs, ctimeNs }: BigIntStats): Seen {
  return { ino, dev, size, mtimeNs, ctimeNs }
}

function statsNow(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true })
  } catch {
    return undefined
  }
}

function isSame(a: Seen, b: Seen): boolean {
  return (
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  )
}
