/** One process per folder, and one component in it. */
import { join } from 'node:path'
import { tryLock, type HeldLock } from './lock-file.ts'

/** A held folder. */
export interface FolderLock extends HeldLock {
  readonly folder: string
}

const FILE = 'lock'

// Components of one process are rebuilt side by side (a reload): the new one waits for the old.
const heldHere = new Map<string, Promise<void>>()

/**
 * Takes the first of `folders` that no other process holds, making it if need be; `undefined` when all are taken.
 * Waits for a folder that this very process holds.
 */
export async function lockFirst(folders: Iterable<string>): Promise<FolderLock | undefined> {
  for (const folder of folders) {
    for (let held = heldHere.get(folder); held !== undefined; held = heldHere.get(folder)) await held
    let resolve = (): void => {}
    heldHere.set(folder, new Promise((done) => (resolve = done)))
    const free = (): void => {
      heldHere.delete(folder)
      resolve()
    }
    const lock = await tryLock(join(folder, FILE)).catch((error: unknown) => {
      free()
      throw error
    })
    if (lock !== undefined) return { folder, release: () => lock.release().finally(free) }
    free()
  }
  return undefined
}
