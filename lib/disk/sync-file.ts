/** Durable contents. */
import { open } from 'node:fs/promises'

/** Brings a file that something else has written to the disk. Rejects when that fails. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
