/** Reads objects into files. */
import { createHash } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { BucketAnswer, BucketResponse, Requests } from './requests.ts'

export interface Download {
  readonly key: string
  readonly path: string
  /** Hexadecimal. */
  readonly sha256: string | undefined
}

let serial = 0

export async function getFile(
  requests: Requests,
  download: Download,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  const { key, path } = download
  const { taken: _, ...answer } = await requests.send({ method: 'GET', key }, signal, async (response) => {
    const temporary = `${path}.${process.pid}.${++serial}.tmp`
    try {
      await write(response, temporary, download)
      await onDisk(path, () => rename(temporary, path))
    } catch (error) {
      await unlink(temporary).catch(() => {})
      throw error
    }
  })
  return answer
}

async function write(
  response: BucketResponse,
  temporary: string,
  { key, path, sha256 }: Download,
): Promise<void> {
  const hash = createHash('sha256')
  const file = await onDisk(path, () => open(temporary, 'wx', 0o600))
  let bytes = 0
  try {
    for await (const chunk of response.chunks()) {
      hash.update(chunk)
      bytes += chunk.length
      await onDisk(path, () => file.writeFile(chunk))
    }
    const length = response.headers['content-length']
    if (length !== undefined && Number(length) !== bytes)
      throw new LogstreamError('IO', `expected ${String(length)} bytes of ${key}, found ${bytes}`)
    const found = hash.digest('hex')
    if (sha256 !== undefined && sha256 !== found)
      throw new LogstreamError('IO', `expected ${key} with the SHA-256 ${sha256}, found ${found}`)
    await onDisk(path, () => file.sync())
  } finally {
    await file.close().catch(() => {})
  }
}

/** Tells failures of the disk from those of the network. */
async function onDisk<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new LogstreamError('IO', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}
