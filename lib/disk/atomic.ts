/** Files that are replaced as a whole: a reader, or the next start after a crash, sees the old text or the new one. */
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

let serial = 0

export interface WriteOptions {
  /** The file's mode, 0600 if left out. */
  readonly mode?: number
  /** `false`: not forced to the disk. The end of the process can't harm the file then, a power failure can. */
  readonly sync?: boolean
}

/**
 * Writes `data` in place of the file at `path`: into a file beside it, forced to the disk, then renamed. Makes the
 * folder if it is missing. Rejects with the error of the system; the old file is then as it was.
 */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  { mode = 0o600, sync = true }: WriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}.${++serial}.tmp`
  const handle = await openMakingFolder(temporary, mode)
  try {
    try {
      await handle.writeFile(data)
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

/** The bytes of a file, `undefined` when there is none. Rejects for anything else. */
export async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The system's name for what went wrong (`ENOENT`), '' for errors that have none. */
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
