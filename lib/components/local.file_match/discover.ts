/** Finds the files that a glob pattern matches, without looking into folders where nothing can match. */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { hasMeta, type Glob, type GlobStates } from './glob.ts'

export interface Found {
  /** As the pattern gives it: relative if the pattern is. */
  readonly name: string
  readonly path: string
  readonly modifiedMs: number
}

/**
 * All files (no folders) that match, sorted. Links are followed. Folders that cannot be read count as empty, as
 * in Alloy. `pattern` may be a plain path.
 */
export async function findFiles(glob: Glob): Promise<Found[]> {
  const base = literalFolder(glob.pattern)
  const names: string[] = []
  if (!hasMeta(glob.pattern)) names.push(glob.pattern)
  else await walk(glob, base, glob.step(glob.start(), base), [], names)
  const found: Found[] = []
  for (const name of names.sort()) {
    const path = resolve(name)
    const stats = await stat(path).catch(() => undefined)
    if (stats !== undefined && !stats.isDirectory()) found.push({ name, path, modifiedMs: stats.mtimeMs })
  }
  return found
}

// Up to and with the last slash before anything special.
function literalFolder(pattern: string): string {
  const special = pattern.search(/[*?[{\\]/)
  return special < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', special) + 1)
}

// `above` are the real folders on the way, for links can lead back up.
async function walk(
  glob: Glob,
  folder: string,
  states: GlobStates,
  above: readonly string[],
  names: string[],
): Promise<void> {
  const self = await identity(folder)
  if (self === undefined || above.includes(self)) return
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(
    (): Dirent[] => [],
  )
  for (const entry of entries) {
    const after = glob.step(states, entry.name)
    if (after.length === 0) continue
    const name = folder + entry.name
    if (!entry.isDirectory() && glob.accepts(after)) names.push(name)
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue
    const inside = glob.step(after, '/')
    if (inside.length > 0) await walk(glob, `${name}/`, inside, [...above, self], names)
  }
}

async function identity(folder: string): Promise<string | undefined> {
  const stats = await stat(folder === '' ? '.' : folder).catch(() => undefined)
  return stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}` : undefined
}
