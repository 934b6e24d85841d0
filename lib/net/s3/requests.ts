/** Requests to one bucket: signed, with the hash of what they carry, bounded in time, and never rejecting. */
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import type { Dispatcher } from 'undici'
import { codeOf } from '../../disk/atomic.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { retryAfterMs } from '../client/retry-after.ts'
import type { KeySource } from './keys.ts'
import { elementOf } from './xml.ts'

export interface BucketSettings {
  readonly bucket: string
  /** '' or with a slash at its end. */
  readonly prefix: string
  readonly region: string
  /** What objects lie under, without a slash at its end. */
  readonly url: URL
}

export interface BucketOptions {
  readonly settings: BucketSettings
  readonly connections: Dispatcher
  readonly keys: KeySource
  /** Milliseconds for a request as a whole; for a file that is read, until the next bytes of it. */
  readonly timeoutMs: number
}

export interface BucketAnswer {
  /** Of HTTP, or 0 when no whole answer came, or the disk failed. */
  readonly status: number
  /** S3's name of the error, such as `SlowDown`, or the disk's, such as `ENOSPC`; '' without one. */
  readonly code: string
  readonly message: string
  readonly retryAfterMs?: number
  /** Of the object that was written or read; names its contents in conditions. */
  readonly etag?: string
}

export interface BucketRequest {
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT'
  /** Below the prefix; left out: the request is about the bucket. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** A successful answer whose body is to be read. */
export interface BucketResponse {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Throws when there are more bytes. */
  whole(limit: number): Promise<Buffer>
  /** Each chunk gives the request its time again. */
  chunks(): AsyncIterable<Buffer>
}

type Take<T> = (response: BucketResponse) => Promise<T>

type Taken<T> = BucketAnswer & { readonly taken?: T }

/** Of an answer that isn't success. */
const REASON_BYTES = 4096

/** Bytes of a body that may wait to be read: more than are asked for, since a server may leave a reader that is slow. */
const WAITING_BYTES = 64 * 1024 * 1024

export class Requests {
  readonly #options: BucketOptions

  constructor(options: BucketOptions) {
    this.#options = options
  }

  get settings(): BucketSettings {
    return this.#options.settings
  }

  /** `take` reads a successful answer. Never rejects: what fails on the way, in `take` too, is an answer with status 0. */
  async send<T>(request: BucketRequest, signal: AbortSignal, take?: Take<T>): Promise<Taken<T>> {
    const { timeoutMs, keys } = this.#options
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    const timer = setTimeout(abort, timeoutMs)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    try {
      const response = await this.#request(request, controller.signal)
      const { statusCode: status } = response
      if (status >= 200 && status < 300) return await success(response, timer, take)
      if (status === 400 || status === 401 || status === 403) keys.forget()
      return await refusal(response)
    } catch (error) {
      return this.#failure(error, controller.signal, signal)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  async close(): Promise<void> {
    await this.#options.connections.destroy()
  }

  async #request(
    { method, key, query = {}, headers, body }: BucketRequest,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { settings, connections, keys } = this.#options
    const { url, region, prefix } = settings
    const base = url.href.replace(/\/$/, '')
    const path = key === undefined ? '' : `/${encoded(`${prefix}${key}`).replaceAll('%2F', '/')}`
    const search = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`)
    // The server compares the hash with what arrives.
    const signer = new AwsV4Signer({
      method,
      url: `${base}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`,
      headers: {
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      service: 's3',
      region,
      ...(await keys.keys()),
    })
    const signed = await signer.sign()
    return await connections.request({
      origin: url.origin,
      path: `${signed.url.pathname}${signed.url.search}`,
      method,
      headers: {
        ...Object.fromEntries(signed.headers),
        ...headers,
        'user-agent': `logstream/${VERSION}`,
      },
      body: body ?? null,
      signal,
      highWaterMark: WAITING_BYTES,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  #failure(error: unknown, either: AbortSignal, stop: AbortSignal): BucketAnswer {
    const { host } = this.#options.settings.url
    const answer = (message: string, code = ''): BucketAnswer => ({ status: 0, code, message })
    if (stop.aborted) return answer('stopped')
    if (either.aborted) return answer(`no answer from ${host} within ${this.#options.timeoutMs} ms`)
    // Nothing was sent without keys, the disk failed, or the answer is wrong.
    if (error instanceof LogstreamError) return answer(error.message, codeOf(error.cause))
    return answer(`no answer from ${host}: ${messageOf(error)}`)
  }
}

/** As S3 wants keys and queries: all but RFC 3986's unreserved characters percent-encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

async function success<T>(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  timer: NodeJS.Timeout,
  take: Take<T> | undefined,
): Promise<Taken<T>> {
  const { etag } = headers
  const answer: BucketAnswer = {
    status,
    code: '',
    message: '',
    ...(typeof etag === 'string' ? { etag } : {}),
  }
  if (take === undefined) {
    await body.dump()
    return answer
  }
  const response: BucketResponse = {
    headers,
    whole: (limit) => whole(body as AsyncIterable<Buffer>, Number(headers['content-length'] ?? 0), limit),
    chunks: async function* () {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        timer.refresh()
        yield chunk
      }
    },
  }
  try {
    return { ...answer, taken: await take(response) }
  } finally {
    // What wasn't read ends with an error, which has been said already.
    body.on('error', () => {}).destroy()
  }
}

async function whole(body: AsyncIterable<Buffer>, announced: number, limit: number): Promise<Buffer> {
  const tooLong = new LogstreamError('IO', `expected at most ${limit} bytes, found more`)
  if (announced > limit) throw tooLong
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > limit) throw tooLong
  }
  return Buffer.concat(chunks)
}

async function refusal({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<BucketAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= REASON_BYTES) break
  }
  const text = Buffer.concat(chunks).toString('utf8', 0, REASON_BYTES)
  return {
    status: statusCode,
    code: elementOf(text, 'Code') ?? '',
    message: elementOf(text, 'Message') ?? text.trim(),
    retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()),
  }
}
