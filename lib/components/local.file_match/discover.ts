/** Finds the files that a glob pattern matches, without looking into folders where nothing can match. */
import type { BigIntStats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isLocalFolder } from '../../disk/local-folder.ts'
import { hasMeta, type Glob, type GlobStates } from './glob.ts'

export interface Found {
  /** As the pattern gives it: relative if the pattern is. */
  readonly name: string
  readonly path: string
}

/** What a folder holds for a pattern. Names are as in `Found`. */
interface Listing {
  /** Tells whether the folder has changed since; `undefined` where that can't be told. */
  readonly version: string | undefined
  readonly files: readonly string[]
  /** Links and whatever else isn't a plain file or a folder. */
  readonly others: readonly string[]
  readonly folders: readonly { readonly name: string; readonly states: GlobStates }[]
}

// Another one after every change of its entries and of who may read it. mtime alone can be set back.
function versionOf({ dev, ino, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino} ${ctimeNs}`
}

/** A second change within so many milliseconds may leave a folder's time of the last change as it is. */
const SAME_TIME_MS = 2000

/**
 * The files of one pattern, looked for again and again. A folder that hasn't changed isn't listed again: with 5,000 files
 * that was most of what an idle program did.
 */
export class FileFinder {
  readonly #glob: Glob
  readonly #now: () => number
  #listings = new Map<string, Listing>()
  /** What the last look found, in the order of finding, and as it was returned. */
  #names: readonly string[] = []
  #found: readonly Found[] = []

  /** `now`: milliseconds of Unix time, as the file system has it. */
  constructor(glob: Glob, now: () => number = Date.now) {
    this.#glob = glob
    this.#now = now
  }

  /**
   * All files (no folders) that match, sorted; the array of the look before if they are still the same. Links are followed.
   * Folders that can't be read count as empty, as in Alloy. The pattern may be a plain path.
   */
  async find(): Promise<readonly Found[]> {
    const { pattern } = this.#glob
    const base = literalFolder(pattern)
    const names: string[] = []
    if (!hasMeta(pattern)) await this.#addFile(pattern, names)
    else {
      const listings = new Map<string, Listing>()
      await this.#walk(base, this.#glob.step(this.#glob.start(), base), [], listings, names)
      this.#listings = listings
    }
    if (names.length === this.#names.length && names.every((name, i) => name === this.#names[i]))
      return this.#found
    this.#names = names
    // What a listing adds to a name can't make it another path.
    const isPath = resolve(base) === base.slice(0, -1)
    this.#found = [...new Set(names)].sort().map((name) => ({ name, path: isPath ? name : resolve(name) }))
    return this.#found
  }

  // `above` are the real folders on the way, for links can lead back up.
  async #walk(
    folder: string,
    states: GlobStates,
    above: readonly string[],
    listings: Map<string, Listing>,
    names: string[],
  ): Promise<void> {
    const stats = await stat(folder === '' ? '.' : folder, { bigint: true }).catch(() => undefined)
    if (stats?.isDirectory() !== true) return
    const self = `${stats.dev}:${stats.ino}`
    if (above.includes(self)) return
    const known = this.#listings.get(folder)
    const listing = known?.version === versionOf(stats) ? known : await this.#list(folder, states, stats)
    listings.set(folder, listing)
    for (const name of listing.files) names.push(name)
    for (const name of listing.others) await this.#addFile(name, names)
    for (const { name, states: inside } of listing.folders)
      await this.#walk(name, inside, [...above, self], listings, names)
  }

  async #list(folder: string, states: GlobStates, stats: BigIntStats): Promise<Listing> {
    const at = folder === '' ? '.' : folder
    const settled = this.#now() - Number(stats.ctimeNs) / 1e6 > SAME_TIME_MS
    const told = settled && (await isLocalFolder(at))
    const entries = await readdir(at, { withFileTypes: true }).catch((): undefined => {})
    const version = told && entries !== undefined ? versionOf(stats) : undefined
    const files: string[] = []
    const others: string[] = []
    const folders: { name: string; states: GlobStates }[] = []
    for (const entry of entries ?? []) {
      const after = this.#glob.step(states, entry.name)
      if (after.length === 0) continue
      const name = folder + entry.name
      if (!entry.isDirectory() && this.#glob.accepts(after)) (entry.isFile() ? files : others).push(name)
      if (!entry.isDirectory() && !entry.isSymbolicLink()) continue
      const inside = this.#glob.step(after, '/')
      if (inside.length > 0) folders.push({ name: `${name}/`, states: inside })
    }
    return { version, files, others, folders }
  }

  async #addFile(name: string, names: string[]): Promise<void> {
    const stats = await stat(name).catch(() => undefined)
    if (stats !== undefined && !stats.isDirectory()) names.push(name)
  }
}

// Up to and with the last slash before anything special.
function literalFolder(pattern: string): string {
  const special = pattern.search(/[*?[{\\]/)
  return special < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', special) + 1)
}
