/** Reads files that a config names: to a limit, and never waiting for a pipe that nothing writes to. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LogstreamError } from '../../errors.ts'

/** No config is that long; a device such as /dev/zero has no end. */
export const MAX_CONFIG_BYTES = 16 * 1024 * 1024

/**
 * Returns the content of a file as text. Throws IO for one that is longer than `MAX_CONFIG_BYTES`, and for anything but
 * a plain file unless `streams` are taken too: a config from `<(...)` is a pipe.
 */
export function readBounded(path: string, { streams = false }: { streams?: boolean } = {}): string {
  // Opening a pipe waits for its writer otherwise.
  const file = openSync(path, constants.O_RDONLY | (streams ? 0 : constants.O_NONBLOCK))
  try {
    if (!streams && !fstatSync(file).isFile())
      throw new LogstreamError('IO', `${path} is not a plain file: name a file or a folder`)
    return read(file, path)
  } finally {
    closeSync(file)
  }
}

function read(file: number, path: string): string {
  const chunks: Buffer[] = []
  for (let total = 0; ;) {
    const chunk = Buffer.allocUnsafe(64 * 1024)
    const size = readSync(file, chunk)
    if (size === 0) return Buffer.concat(chunks).toString('utf8')
    chunks.push(chunk.subarray(0, size))
    total += size
    if (total > MAX_CONFIG_BYTES)
      throw new LogstreamError(
        'IO',
        `${path} is longer than ${MAX_CONFIG_BYTES / 1024 / 1024} MiB: a config can't be that long`,
      )
  }
}
