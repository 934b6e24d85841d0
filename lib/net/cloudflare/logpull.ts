/** Cloudflare's Logpull API (developers.cloudflare.com/logs/logpull): the request logs of a zone, by when they were received. */
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Dispatcher } from 'undici'
import { messageOf } from '../../errors.ts'
import { parseDuration } from '../../go/duration.ts'
import { connectionsTo } from '../client/proxy.ts'
import { retryAfterMs } from '../client/retry-after.ts'
import { tlsSettings } from '../client/tls.ts'
import { VERSION } from '../../version.ts'

export interface LogpullOptions {
  /** `https://api.cloudflare.com/client/v4`. */
  readonly apiUrl: string
  readonly zone: string
  readonly token: string
  /** Empty: Cloudflare's own choice. */
  readonly fields: readonly string[]
  /** Requests at a time. */
  readonly connections: number
  /** Milliseconds of Unix time. */
  readonly now: () => number
}

/** A time span in milliseconds of Unix time, without its end. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Why a span can't be pulled now. */
export class PullError extends Error {
  override readonly name = 'PullError'
  /** Milliseconds that the API asks to wait. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    { cause, retryAfter }: { cause?: unknown; retryAfter?: number | undefined } = {},
  ) {
    super(message, { cause })
    this.retryAfterMs = retryAfter
  }
}

/** The span is older than what Cloudflare keeps. */
export class TooOldError extends Error {
  override readonly name = 'TooOldError'
  /** How far back logs are kept, in milliseconds. */
  readonly keptMs: number

  constructor(message: string, keptMs: number) {
    super(message)
    this.keptMs = keptMs
  }
}

/** An API that says nothing for so long is taken for dead. */
const SILENCE_MS = 60_000

/** An answer that isn't logs is read up to this. */
const MAX_ERROR_BYTES = 64 * 1024

/** Logs are kept for 7 days, if the answer doesn't say. */
const KEPT_MS = 7 * 24 * 3_600_000

const TOO_OLD = /too early: logs older than (\S+) are not available/

export class Logpull {
  readonly #url: URL
  readonly #pool: Dispatcher
  readonly #token: string
  readonly #query: string
  readonly #now: () => number

  /** Opens nothing yet. */
  constructor({ apiUrl, zone, token, fields, connections, now }: LogpullOptions) {
    this.#url = new URL(`${apiUrl.replace(/\/$/, '')}/zones/${encodeURIComponent(zone)}/logs/received`)
    this.#pool = connectionsTo(this.#url, {
      tls: tlsSettings(undefined),
      proxy: { proxy_url: '', no_proxy: '', proxy_from_environment: true, proxy_connect_header: new Map() },
      connections,
    })
    this.#token = token
    this.#now = now
    this.#query = fields.length === 0 ? '' : `&fields=${encodeURIComponent(fields.join(','))}`
  }

  /** Returns the logs of a span, as JSON lines. Rejects with `PullError` or `TooOldError`. */
  async received({ start, end }: Span, signal: AbortSignal): Promise<Readable> {
    const { origin, pathname, host } = this.#url
    let answer: Dispatcher.ResponseData
    try {
      answer = await this.#pool.request({
        origin,
        path: `${pathname}?start=${start}000000&end=${end}000000${this.#query}`,
        method: 'GET',
        headers: {
          authorization: `Bearer ${this.#token}`,
          'accept-encoding': 'gzip',
          'user-agent': `logstream/${VERSION}`,
        },
        signal,
        headersTimeout: SILENCE_MS,
        bodyTimeout: SILENCE_MS,
      })
    } catch (error) {
      throw new PullError(`cannot reach Cloudflare at ${host}: ${messageOf(error)}`, { cause: error })
    }
    const body = unpacked(answer)
    if (answer.statusCode === 200) return body
    const reason = reasonIn(await startOf(body))
    const kept = TOO_OLD.exec(reason)?.[1]
    if (kept !== undefined) {
      const nanos = parseDuration(kept)
      throw new TooOldError(reason, nanos === undefined ? KEPT_MS : nanos / 1e6)
    }
    const retryAfter = retryAfterMs(answer.headers['retry-after'], this.#now())
    throw new PullError(`Cloudflare answered ${answer.statusCode}: ${reason}`, { retryAfter })
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

function unpacked({ headers, body }: Dispatcher.ResponseData): Readable {
  if (headers['content-encoding'] !== 'gzip') return body
  // What goes wrong with the one destroys the other.
  return pipeline(body, createGunzip(), () => {})
}

async function startOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_ERROR_BYTES) break
    }
  } catch {
    // What has come says enough.
  }
  return Buffer.concat(chunks).toString('utf8')
}

// answer = { "errors": [ { "message": text } ] }, or what a proxy in between says
function reasonIn(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { readonly errors?: readonly { readonly message?: unknown }[] }
    const messages = (errors ?? []).flatMap(({ message }) => (typeof message === 'string' ? [message] : []))
    if (messages.length > 0) return messages.join('; ').slice(0, 500)
  } catch {
    // Shown as it is.
  }
  return text.trim().slice(0, 200)
}
