/**
 * Reads of open files. What a local file system is about to have in its cache is read at once: that takes a few µs, and a
 * turn in the thread pool 60 to 100 µs of CPU. Other file systems may hang, and are always read in the thread pool.
 */
import { fstatSync, readSync, type BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'

/** Reads of more bytes go to the thread pool anyway: the disk may take longer over them than other work should wait. */
const SMALL_BYTES = 64 * 1024

/**
 * Fills `buffer` from `position` on, as far as there are bytes; `expected` is how many there should be. Returns how many
 * there were.
 */
export function readAt(
  handle: FileHandle,
  buffer: Buffer,
  position: number,
  { local, expected = buffer.length }: { readonly local: boolean; readonly expected?: number },
): number | Promise<number> {
  if (local && expected <= SMALL_BYTES) return readSync(handle.fd, buffer, 0, buffer.length, position)
  return handle.read(buffer, 0, buffer.length, position).then(({ bytesRead }) => bytesRead)
}

export function statsOf(handle: FileHandle, local: boolean): BigIntStats | Promise<BigIntStats> {
  return local ? fstatSync(handle.fd, { bigint: true }) : handle.stat({ bigint: true })
}
