/** Writing to a place in a file. */
import type { FileHandle } from 'node:fs/promises'

/** Writes all of the bytes at `start`. A disk that gets full takes a part of them first, and says so at the next write. */
export async function writeAt(handle: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, start + done)
    done += bytesWritten
  }
}
