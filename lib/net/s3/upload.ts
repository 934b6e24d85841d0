/** Writes files as objects: small ones in one request, others in parts. */
import { open, type FileHandle } from 'node:fs/promises'
import { codeOf } from '../../disk/atomic.ts'
import { messageOf } from '../../errors.ts'
import type { BucketAnswer, Requests } from './requests.ts'
import { elementOf, escaped } from './xml.ts'

export interface Upload {
  readonly key: string
  readonly path: string
  readonly contentType: string
}

/** Bytes. S3 takes parts of 5 MiB and more, and 10,000 of them. */
const PART_BYTES = 16 * 1024 * 1024
const ANSWER_BYTES = 64 * 1024
/** Milliseconds for taking parts back, after a stop too. */
const ABORT_MS = 5000

export async function putFile(
  requests: Requests,
  upload: Upload,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  let file: FileHandle | undefined
  try {
    file = await open(upload.path, 'r')
    const { size } = await file.stat()
    if (size > PART_BYTES) return await putParts(requests, upload, file, size, signal)
    const { key, contentType } = upload
    const body = await partOf(file, 0, size)
    return await requests.send({ method: 'PUT', key, headers: { 'content-type': contentType }, body }, signal)
  } catch (error) {
    return { status: 0, code: codeOf(error), message: `cannot read ${upload.path}: ${messageOf(error)}` }
  } finally {
    await file?.close().catch(() => {})
  }
}

async function putParts(
  requests: Requests,
  { key, contentType }: Upload,
  file: FileHandle,
  size: number,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  const { taken: uploadId, ...started } = await requests.send(
    { method: 'POST', key, query: { uploads: '' }, headers: { 'content-type': contentType } },
    signal,
    async (response) => elementOf((await response.whole(ANSWER_BYTES)).toString(), 'UploadId'),
  )
  if (!succeeded(started)) return started
  if (uploadId === undefined)
    return {
      status: 0,
      code: '',
      message: `expected an UploadId from ${requests.settings.url.host}, found none`,
    }
  let finished = false
  try {
    const etags: string[] = []
    for (let start = 0; start < size; start += PART_BYTES) {
      const body = await partOf(file, start, Math.min(PART_BYTES, size - start))
      const query = { partNumber: `${etags.length + 1}`, uploadId }
      const answer = await requests.send({ method: 'PUT', key, query, body }, signal)
      if (!succeeded(answer)) return answer
      etags.push(answer.etag ?? '')
    }
    const answer = await complete(requests, { key, uploadId, etags }, signal)
    finished = succeeded(answer)
    return answer
  } finally {
    if (!finished)
      await requests.send({ method: 'DELETE', key, query: { uploadId } }, AbortSignal.timeout(ABORT_MS))
  }
}

interface Parts {
  readonly key: string
  readonly uploadId: string
  readonly etags: readonly string[]
}

/** S3 sends status 200 before it begins, and says in the body if it failed (API reference, CompleteMultipartUpload). */
async function complete(
  requests: Requests,
  { key, uploadId, etags }: Parts,
  signal: AbortSignal,
): Promise<BucketAnswer> {
  const parts = etags.map(
    (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
  )
  const body = Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
  )
  const headers = { 'content-type': 'application/xml' }
  const { taken, ...answer } = await requests.send(
    { method: 'POST', key, query: { uploadId }, headers, body },
    signal,
    async (response) => (await response.whole(ANSWER_BYTES)).toString(),
  )
  if (taken === undefined) return answer
  const etag = elementOf(taken, 'ETag')
  if (etag !== undefined) return { ...answer, etag }
  const message = elementOf(taken, 'Message') ?? 'the answer to the end of an upload is cut off'
  return { status: 500, code: elementOf(taken, 'Code') ?? '', message }
}

/** Throws if the file is shorter. */
async function partOf(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(part, filled, length - filled, start + filled)
    if (bytesRead === 0) throw new Error(`expected ${start + length} bytes, found ${start + filled}`)
    filled += bytesRead
  }
  return part
}

function succeeded({ status }: BucketAnswer): boolean {
  return status >= 200 && status < 300
}
