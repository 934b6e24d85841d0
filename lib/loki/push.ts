/** Pushes over HTTP: one POST per batch, on connections that are kept open. */
import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Secret } from '../alloy/value.ts'
import type { Authorizer } from '../net/client/auth.ts'
import type { Answer } from '../delivery/destination.ts'
import { PUSH_PATH } from './push-path.ts'
import { redactUrl, type Transport } from './transport.ts'
import { retryAfterMs } from '../net/client/retry-after.ts'
import { unreachable } from '../net/client/unreachable.ts'
import { VERSION } from '../version.ts'

export interface HttpOptions {
  readonly url: URL
  readonly connections: Dispatcher
  readonly authorizer: Authorizer
  /** Milliseconds for a push as a whole. */
  readonly timeout: number
  readonly headers: ReadonlyMap<string, string>
  readonly secretHeaders: ReadonlyMap<string, readonly Secret[]>
}

// Longer than Loki's reasons; a proxy's error page is cut.
const REASON_BYTES = 4096

const CREDENTIALS = 'check tenant_id, and basic_auth or authorization of the endpoint'

/** For answers that come from what the endpoint is configured with. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: CREDENTIALS,
  403: CREDENTIALS,
  404: `check the path of the url: Loki takes pushes at ${PUSH_PATH}`,
}

/** Headers that a push needs, and the tenant's, override configured ones. */
export function httpTransport(options: HttpOptions): Transport {
  const { url, connections, authorizer } = options
  const own = configuredHeaders(options)
  const path = `${url.pathname}${url.search}`
  return {
    push: async (body, tenant, signal) => {
      const controller = new AbortController()
      const abort = (): void => controller.abort()
      const timer = setTimeout(abort, options.timeout)
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort)
      try {
        const authorization = await authorizer.header()
        const headers: Record<string, string | string[]> = {
          ...own,
          ...(authorization === undefined ? {} : { authorization }),
          ...(tenant === '' ? {} : { 'x-scope-orgid': tenant }),
          'user-agent': `logstream/${VERSION}`,
          'content-type': 'application/x-protobuf',
        }
        const answer = await connections.request({
          origin: url.origin,
          path,
          method: 'POST',
          headers,
          body,
          signal: controller.signal,
          headersTimeout: 0,
          bodyTimeout: 0,
        })
        return await read(answer, url)
      } catch (error) {
        return failure(error, url, options.timeout, controller.signal.aborted, signal.aborted)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
    },
    close: async () => {
      await Promise.all([connections.destroy(), authorizer.close()])
    },
  }
}

function configuredHeaders({ headers, secretHeaders }: HttpOptions): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {}
  for (const [name, value] of headers) all[name.toLowerCase()] = value
  for (const [name, values] of secretHeaders) all[name.toLowerCase()] = values.map(({ text }) => text)
  delete all['content-encoding']
  delete all['content-length']
  return all
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL): Promise<Answer> {
  if (statusCode >= 200 && statusCode < 300) {
    await body.dump()
    return { status: statusCode, reason: '' }
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= REASON_BYTES) break
  }
  const remedy = REMEDIES[statusCode] ?? redirection(headers['location'], url)
  const text = Buffer.concat(chunks).toString('utf8', 0, REASON_BYTES).trim()
  return {
    status: statusCode,
    reason: text === '' ? (STATUS_CODES[statusCode] ?? 'no reason given') : text,
    ...(remedy === undefined ? {} : { remedy }),
    retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()),
  }
}

function redirection(location: string | string[] | undefined, url: URL): string | undefined {
  if (typeof location !== 'string' || !URL.canParse(location, url.href)) return undefined
  return `pushes follow no redirects: set the url to ${redactUrl(new URL(location, url))}`
}

function failure(error: unknown, url: URL, timeout: number, aborted: boolean, stopped: boolean): Answer {
  if (stopped) return { status: 0, reason: 'stopped' }
  if (aborted) return { status: 0, reason: `no answer from ${redactUrl(url)} within ${timeout} ms` }
  return { status: 0, reason: `no answer from ${redactUrl(url)}: ${unreachable(error)}` }
}
