/** Replaces files as a whole: a reader, or the next start after a crash, sees either the old contents or the new. */
import { mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

let serial = 0

export interface WriteOptions {
  /** The file's mode; 0600 by default. */
  readonly mode?: number
  /** `false`: don't sync. The file then survives the end of the process, but not a power failure. */
  readonly sync?: boolean
}

/**
 * Replaces the file at `path` by `data`: writes a temporary file next to it, syncs it, and renames it. Creates the folder
 * if it is missing. Rejects with the system's error; the old file is then untouched.
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array | Iterable<string>,
  { mode = 0o600, sync = true }: WriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}.${++serial}.tmp`
  const handle = await openMakingFolder(temporary, mode)
  try {
    try {
      await writeFile(handle, data)
      if (sync) await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}

/** Whether a name is that of the temporary file of a process that was killed while it replaced the file `of`. */
export function isTemporaryOf(name: string, of: string): boolean {
  return name.startsWith(`${of}.`) && /^\d+\.\d+\.tmp$/.test(name.slice(of.length + 1))
}

/** Returns the bytes of a file, `undefined` if it doesn't exist. Rejects with any other error. */
export async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Returns the system's code of an error, such as `ENOENT`; '' for errors without one. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

async function openMakingFolder(path: string, mode: number): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, 'w', mode)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true })
    return await open(path, 'w', mode)
  }
}
