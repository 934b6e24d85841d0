/** Reads objects into files. */
import { createHash } from 'node:crypto'
import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { codeOf } from '../../disk/atomic.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { BucketAnswer, BucketResponse, Requests } from './requests.ts'

export interface Download {
  readonly key: string
  readonly path: string
  /** Hexadecimal. */
  readonly sha256: string | undefined
}

/** Bytes asked for at once, which may wait in memory while the disk is slow. */
const PART_BYTES = 16 * 1024 * 1024

let serial = 0

export async function getFile(
  requests: Requests,
  download: Download,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  const { path } = download
  const temporary = `${path}.${process.pid}.${++serial}.tmp`
  try {
    const file = await onDisk(path, () => open(temporary, 'wx', 0o600))
    const writing = new PartWriter(file, download)
    try {
      const answer = await getParts(requests, download.key, writing, signal)
      if (answer.status !== 200) return answer
      await writing.finish()
      await onDisk(path, () => rename(temporary, path))
      return answer
    } finally {
      await file.close().catch(() => {})
      await unlink(temporary).catch(() => {})
    }
  } catch (error) {
    return { status: 0, code: codeOf((error as Error).cause), message: messageOf(error) }
  }
}

/** Status 200 once everything is written. */
async function getParts(
  requests: Requests,
  key: string,
  writing: PartWriter,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  let etag: string | undefined
  for (let start = 0; ; start = writing.bytes) {
    const range = `bytes=${start}-${start + PART_BYTES - 1}`
    const headers = { range, ...(etag === undefined ? {} : { 'if-match': etag }) }
    const part = await requests.send({ method: 'GET', key, headers }, signal, (response) =>
      writing.take(response),
    )
    const { taken: total, ...answer } = part
    // There is no range of nothing.
    if (answer.status === 416 && start === 0) return await getEmpty(requests, key, writing, signal)
    if (total === undefined) return answer
    if (writing.bytes >= total) return { ...answer, status: 200 }
    if (writing.bytes === start)
      return { status: 0, code: '', message: `expected ${total} bytes of ${key}, found ${start}` }
    etag = answer.etag
  }
}

async function getEmpty(
  requests: Requests,
  key: string,
  writing: PartWriter,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  const { taken: _, ...answer } = await requests.send({ method: 'GET', key }, signal, (response) =>
    writing.take(response),
  )
  return answer
}

class PartWriter {
  bytes = 0
  readonly #file: FileHandle
  readonly #download: Download
  readonly #hash = createHash('sha256')

  constructor(file: FileHandle, download: Download) {
    this.#file = file
    this.#download = download
  }

  /** Resolves with the bytes of the whole object. Rejects when fewer arrive than were announced. */
  async take(response: BucketResponse): Promise<number> {
    const { key, path } = this.#download
    const { 'content-length': length, 'content-range': range } = response.headers
    const start = this.bytes
    for await (const chunk of response.chunks()) {
      this.#hash.update(chunk)
      this.bytes += chunk.length
      await onDisk(path, () => this.#file.writeFile(chunk))
    }
    const found = this.bytes - start
    if (length !== undefined && Number(length) !== found)
      throw new LogstreamError('IO', `expected ${String(length)} bytes of ${key}, found ${found}`)
    // `bytes 0-99/200`; without it, the whole was sent.
    const total = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(range))
    if (total !== null && Number(total[1]) !== start)
      throw new LogstreamError('IO', `expected ${key} from byte ${start} on, found ${String(range)}`)
    return total === null ? this.bytes : Number(total[2])
  }

  /** Rejects when it isn't what was expected. */
  async finish(): Promise<void> {
    const { key, path, sha256 } = this.#download
    const found = this.#hash.digest('hex')
    if (sha256 !== undefined && sha256 !== found)
      throw new LogstreamError('IO', `expected ${key} with the SHA-256 ${sha256}, found ${found}`)
    await onDisk(path, () => this.#file.sync())
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
