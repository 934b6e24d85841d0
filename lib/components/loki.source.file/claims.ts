/**
 * Which reader has which file. Patterns often match rotated names too (`app.log*`): what was `app.log` then appears as
 * `app.log.1`, and must not be read a second time under that name.
 */
import type { FilePosition, GenerationPosition } from '../../disk/positions-format.ts'

/** Files given up that are remembered, for a reader that finds them under another name. */
const REMEMBERED = 4096

export class Claims {
  readonly #owners = new Map<string, string>()
  readonly #released = new Map<string, GenerationPosition>()
  readonly #stored = new Map<string, GenerationPosition[]>()

  /** `stored` is what an earlier run knew; the same file may be in it under several paths. */
  constructor(stored: readonly FilePosition[] = []) {
    for (const { labels, generations } of stored)
      for (const position of generations) {
        const key = `${position.inode} ${labels}`
        const known = this.#stored.get(key)
        if (known === undefined) this.#stored.set(key, [position])
        else known.push(position)
      }
  }

  /** Whether `storedIn` or `readUpTo` knows the file. */
  knows(labels: string, inode: string): boolean {
    const key = `${inode} ${labels}`
    return this.#stored.has(key) || this.#released.has(key)
  }

  /** An earlier run's positions in a file of that inode, lowest first. */
  storedIn(labels: string, inode: string): readonly GenerationPosition[] {
    const positions = this.#stored.get(`${inode} ${labels}`) ?? []
    return positions.toSorted((a, b) => a.offset - b.offset)
  }

  /** A reader has taken the file up; from now on its own positions count. */
  forgetStored(labels: string, inode: string): void {
    this.#stored.delete(`${inode} ${labels}`)
  }

  /** Takes a file for `path`. Returns `false` while the reader of another path with the same labels has it. */
  claim(labels: string, inode: string, path: string): boolean {
    const key = `${inode} ${labels}`
    const owner = this.#owners.get(key)
    if (owner !== undefined && owner !== path) return false
    this.#owners.set(key, path)
    return true
  }

  /** Releases a file. `read` is how far it was read; `undefined` if it isn't the file it was taken for. */
  release(labels: string, inode: string, path: string, read: GenerationPosition | undefined): void {
    const key = `${inode} ${labels}`
    if (this.#owners.get(key) === path) this.#owners.delete(key)
    this.#released.delete(key)
    if (read === undefined) return
    this.#released.set(key, read)
    if (this.#released.size > REMEMBERED) this.#released.delete(this.#released.keys().next().value!)
  }

  /** How far a file has been read already, under any name. The caller checks that it still is that file. */
  readUpTo(labels: string, inode: string): GenerationPosition | undefined {
    return this.#released.get(`${inode} ${labels}`)
  }
}
