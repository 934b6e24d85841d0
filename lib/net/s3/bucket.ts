/** One bucket of an S3 API: requests, signed and with the hash of what they carry, and what their answers say. */
import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import type { Dispatcher } from 'undici'
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
  /** Milliseconds for a request as a whole. */
  readonly timeoutMs: number
}

export interface BucketAnswer {
  /** Of HTTP, or 0 when no answer came. */
  readonly status: number
  /** S3's name of the error, such as `SlowDown`; '' where there is none. */
  readonly code: string
  readonly message: string
  readonly retryAfterMs?: number
}

/** Of an answer that isn't success. */
const REASON_BYTES = 4096

export class Bucket {
  readonly #options: BucketOptions

  constructor(options: BucketOptions) {
    this.#options = options
  }

  /** Writes an object, over one of the same key. Never rejects: what fails on the way is an answer with status 0. */
  async put(key: string, body: Buffer, contentType: string, signal: AbortSignal): Promise<BucketAnswer> {
    const { timeoutMs, keys } = this.#options
    const controller = new AbortController()
    const abort = (): void => controller.abort()
    const timer = setTimeout(abort, timeoutMs)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    try {
      const answer = await read(await this.#put(key, body, contentType, controller.signal))
      if (answer.status === 400 || answer.status === 401 || answer.status === 403) keys.forget()
      return answer
    } catch (error) {
      return { status: 0, code: '', message: this.#failure(error, controller.signal, signal) }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  async close(): Promise<void> {
    await this.#options.connections.destroy()
  }

  async #put(
    key: string,
    body: Buffer,
    contentType: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { settings, connections, keys } = this.#options
    const { url, region } = settings
    // The server compares the hash with what arrives.
    const signer = new AwsV4Signer({
      method: 'PUT',
      url: `${url.href.replace(/\/$/, '')}/${pathOf(key)}`,
      headers: { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') },
      service: 's3',
      region,
      ...(await keys.keys()),
    })
    const signed = await signer.sign()
    return await connections.request({
      origin: url.origin,
      path: signed.url.pathname,
      method: 'PUT',
      headers: {
        ...Object.fromEntries(signed.headers),
        'content-type': contentType,
        'user-agent': `logstream/${VERSION}`,
      },
      body,
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  #failure(error: unknown, either: AbortSignal, stop: AbortSignal): string {
    const { settings, timeoutMs } = this.#options
    if (stop.aborted) return 'stopped'
    if (either.aborted) return `no answer from ${settings.url.host} within ${timeoutMs} ms`
    // Without keys nothing was sent.
    if (error instanceof LogstreamError) return error.message
    return `no answer from ${settings.url.host}: ${messageOf(error)}`
  }
}

/** As S3 wants keys in paths: all but RFC 3986's unreserved characters and slashes percent-encoded. */
function pathOf(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<BucketAnswer> {
  if (statusCode >= 200 && statusCode < 300) {
    await body.dump()
    return { status: statusCode, code: '', message: '' }
  }
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
