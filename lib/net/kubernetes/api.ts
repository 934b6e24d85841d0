/** A client of the Kubernetes API (https://kubernetes.io/docs/reference/using-api/api-concepts/): JSON answers and endless bodies. */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { codeOf } from '../../disk/atomic.ts'
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import { VERSION } from '../../version.ts'
import { connectionsTo } from '../client/proxy.ts'
import type { TlsSettings } from '../client/tls.ts'
import type { Access } from './access.ts'

/** What the API server answered; status 0 when it didn't. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }

  /** The resource version is too old: list again. */
  get isGone(): boolean {
    return this.status === 410
  }

  /** No server was there: nothing says that the question was wrong. */
  get isUnreachable(): boolean {
    const { cause } = this
    return (
      this.status === 0 &&
      cause instanceof Error &&
      (cause.name === 'TimeoutError' || UNREACHABLE.has(codeOf(cause)))
    )
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A server that doesn't answer a plain question for this long is taken for dead. */
const ANSWER_MS = 30_000
/** The longest JSON answer. A page of 500 pods is some 10 MB. */
const MAX_JSON_BYTES = 64 * 1024 * 1024
/** Certificates are read again this often; they are renewed days before they expire. */
const LOOK_AT_TLS_MS = 60_000

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

interface Connections {
  readonly key: string
  readonly pool: Dispatcher
}

export class KubernetesApi {
  readonly #access: Access
  readonly #clock: Clock
  #connections: Connections | undefined
  #opening: Promise<Dispatcher> | undefined
  #lookAt = 0
  #closed = false

  /** Opens nothing yet. */
  constructor(access: Access, clock: Clock) {
    this.#access = access
    this.#clock = clock
  }

  /** Returns the JSON answer of a GET. Rejects with `ApiError`. */
  async json(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    const late = AbortSignal.timeout(ANSWER_MS)
    const body = await this.#get(path, query, AbortSignal.any([late, signal]))
    try {
      return JSON.parse(await textOf(body, MAX_JSON_BYTES)) as unknown
    } catch (error) {
      if (error instanceof ApiError) throw error
      const problem =
        error instanceof SyntaxError ? `expected JSON from ${path}, found something else` : messageOf(error)
      throw new ApiError(error instanceof SyntaxError ? 200 : 0, problem, error)
    }
  }

  /** Returns the body of a GET, which may never end. Rejects with `ApiError`. */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<Readable> {
    return await this.#get(path, query, signal)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([this.#connections?.pool.destroy(), this.#access.close()])
  }

  async #get(path: string, query: Query, signal: AbortSignal): Promise<Readable> {
    const { server } = this.#access
    try {
      const pool = await this.#pool()
      const answer = await pool.request({
        origin: server.origin,
        path: `${server.pathname.replace(/\/$/, '')}${path}${queryText(query)}`,
        method: 'GET',
        headers: {
          ...(await this.#access.headers()),
          accept: 'application/json, */*',
          'user-agent': `logstream/${VERSION}`,
        },
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      if (answer.statusCode === 200) return answer.body
      if (answer.statusCode === 401) this.#access.refused()
      const said = await textOf(answer.body, 64 * 1024)
      throw new ApiError(
        answer.statusCode,
        `the Kubernetes API answered ${answer.statusCode}: ${reasonIn(said)}`,
      )
    } catch (error) {
      if (error instanceof ApiError) throw error
      throw new ApiError(0, `cannot reach the Kubernetes API at ${server.host}: ${messageOf(error)}`, error)
    }
  }

  // One connection for each watch and each followed log, so there can't be a limit.
  async #pool(): Promise<Dispatcher> {
    if (this.#connections !== undefined && this.#clock.now() < this.#lookAt) return this.#connections.pool
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined))
    return await this.#opening
  }

  async #open(): Promise<Dispatcher> {
    const tls: TlsSettings = await this.#access.tls()
    this.#lookAt = this.#clock.now() + LOOK_AT_TLS_MS
    const key = JSON.stringify(tls)
    const before = this.#connections
    if (before?.key === key) return before.pool
    const { server, proxy } = this.#access
    const pool = connectionsTo(server, { tls, proxy, connections: null })
    if (this.#closed) {
      await pool.destroy()
      throw new Error('the client is closed')
    }
    this.#connections = { key, pool }
    // Ends when its bodies have ended.
    void before?.pool.close()
    return pool
  }
}

function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`
}

async function textOf(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > limit) throw new ApiError(200, `the answer is longer than ${limit} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

// Errors are a Status object; a proxy in between says something else.
function reasonIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    if (typeof message === 'string' && message !== '') return message.slice(0, 500)
  } catch {
    // Not the server's own words: shown as they are.
  }
  return text.trim().slice(0, 200)
}
