/**
 * A copy of a store's sealed files that costs no space: links to them in a folder `export-…` of the store. Sealed files never
 * change, so the copy stays what it is while the store goes on; files that the store deletes meanwhile are freed with the copy.
 */
import { copyFile, link, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFirst } from '../../disk/folder-lock.ts'
import { backUp } from './backup.ts'

const PREFIX = 'export-'
/** A younger folder may not be locked yet. */
const YOUNG_MS = 60_000

export interface ExportCopy {
  /** A store of its own. */
  readonly path: string
  remove(): Promise<void>
}

/** Throws IO when the folder holds no sealed store. */
export async function copyByLinks(folder: string, now: number): Promise<ExportCopy> {
  const path = await mkdtemp(join(folder, PREFIX))
  const remove = async (): Promise<void> => await rm(path, { recursive: true, force: true })
  try {
    await backUp(folder, path, now, linkOrCopy)
    return { path, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

// Some file systems have no links.
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(async () => await copyFile(from, to))
}

/** Removes what exports that were killed have left. `now` in milliseconds. */
export async function removeDeadCopies(folder: string, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined || now - found.mtimeMs < YOUNG_MS) continue
    const lock = await lockFirst([path])
    if (lock === undefined) continue
    await lock.release()
    await rm(path, { recursive: true, force: true })
  }
}
