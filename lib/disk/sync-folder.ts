/** Durable names. */
import { open } from 'node:fs/promises'

/** Brings the names in a folder to the disk, where the system can do that. Never rejects: what they name is there already. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    // Windows can't open folders.
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // Only a power failure could tell.
  }
}
