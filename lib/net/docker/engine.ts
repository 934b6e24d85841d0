/**
 * A client of the Docker Engine API (docs.docker.com/reference/api/engine), over a Unix socket or TCP: JSON answers and
 * endless bodies. Podman's compatible API answers the same calls.
 */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { LogstreamError, messageOf } from '../../errors.ts'
import { authorizer, type Authorizer } from '../client/auth.ts'
import type { ClientOptions } from '../client/fields.ts'
import { headersOf } from '../client/headers.ts'
import { connectionsTo } from '../client/proxy.ts'
import { tlsSettings } from '../client/tls.ts'
import { newPool } from '../client/undici.ts'

export interface DockerEngine {
  /** Returns the JSON answer of a GET. Throws `EngineError` for other statuses than 200, or when none comes in time. */
  json(path: string, signal?: AbortSignal): Promise<unknown>
  /** Returns the body of a GET, which may never end. Throws `EngineError`. */
  stream(path: string, signal: AbortSignal): Promise<Readable>
  close(): Promise<void>
}

/** What the engine answered; status 0 when it didn't. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

/** An engine that doesn't answer a plain question for this long is taken for dead. */
const ANSWER_MS = 30_000
/** The longest JSON answer: a list of some 20,000 containers. */
const MAX_JSON_BYTES = 64 * 1024 * 1024

/** What the pool of connections to one engine is made of. */
interface Reach {
  readonly origin: string
  readonly pool: Dispatcher
  readonly credentials: Authorizer | undefined
}

/**
 * Opens nothing yet. `host` is `unix:///var/run/docker.sock`, `tcp://host:2375`, `http://…` or `https://…`; credentials,
 * proxy and TLS settings apply to the last two, as in Alloy. Throws `BAD_CONFIG` (option `host`) for anything else.
 */
export function dockerEngine(host: string, client: ClientOptions, now: () => number): DockerEngine {
  const { origin, pool, credentials } = reach(host, client, now)
  const get = async (path: string, signal?: AbortSignal): Promise<Dispatcher.ResponseData> => {
    try {
      const authorization = await credentials?.header()
      const answer = await pool.request({
        origin,
        path,
        method: 'GET',
        headers: {
          ...headersOf({ headers: new Map(), http_headers: client.http_headers }),
          ...(authorization === undefined ? {} : { authorization }),
        },
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      if (answer.statusCode === 200) return answer
      const said = await textOf(answer.body as AsyncIterable<Buffer>, 4096)
      throw new EngineError(answer.statusCode, `Docker answered ${answer.statusCode}: ${reasonIn(said)}`)
    } catch (error) {
      if (error instanceof EngineError) throw error
      throw new EngineError(0, `cannot reach Docker at ${host}: ${messageOf(error)}`, error)
    }
  }
  return {
    json: async (path, signal) => {
      const late = AbortSignal.timeout(ANSWER_MS)
      const both = signal === undefined ? late : AbortSignal.any([late, signal])
      const { body } = await get(path, both)
      const text = await textOf(body as AsyncIterable<Buffer>, MAX_JSON_BYTES)
      try {
        return JSON.parse(text) as unknown
      } catch (error) {
        throw new EngineError(
          200,
          `expected JSON from ${path}, found ${JSON.stringify(text.slice(0, 80))}`,
          error,
        )
      }
    },
    stream: async (path, signal) => (await get(path, signal)).body,
    close: async () => {
      await Promise.all([pool.destroy(), credentials?.close()])
    },
  }
}

function reach(host: string, client: ClientOptions, now: () => number): Reach {
  const url = URL.canParse(host) ? new URL(host) : undefined
  // One connection for each followed container, so there can't be a limit.
  switch (url?.protocol) {
    case 'unix:': {
      const pool = newPool('http://docker', { connect: { socketPath: url.pathname } })
      return { origin: 'http://docker', pool, credentials: undefined }
    }
    case 'tcp:': {
      const origin = `http://${url.host === '' ? 'localhost' : url.host}`
      return { origin, pool: newPool(origin, {}), credentials: undefined }
    }
    case 'http:':
    case 'https:': {
      const tls = tlsSettings(client.tls_config)
      const pool = connectionsTo(url, { tls, proxy: client, connections: null })
      return { origin: url.origin, pool, credentials: authorizer(client, url, now) }
    }
    default:
      throw new LogstreamError(
        'BAD_CONFIG',
        `host: expected a URL such as unix:///var/run/docker.sock or tcp://host:2375, found "${host}"`,
        { option: 'host' },
      )
  }
}

async function textOf(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > limit) throw new EngineError(200, `the answer is longer than ${limit} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

// Errors are `{"message": "..."}`; a proxy in between says something else.
function reasonIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    if (typeof message === 'string') return message
  } catch {
    // Not the engine's own words: shown as they are.
  }
  return text.trim().slice(0, 200)
}
