/** `/api/v0/logstream/loki/SOURCE/...`: the reading half of Loki's API, asked by the process with its own credentials. */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../../errors.ts'
import { text, type Answer, type Request } from '../../net/server/router.ts'
import { LokiConnections } from './connections.ts'
import type { LokiSource } from './sources.ts'

/** Addresses that only read. A name in a path is one segment. */
const READING =
  /^loki\/api\/v1\/(?:query|query_range|labels|series|index\/stats|index\/volume|index\/volume_range|detected_labels|detected_fields|format_query|label\/[^/]+\/values|detected_field\/[^/]+\/values)$/
/** How the rules of a ruler are. */
const RULES = 'prometheus/api/v1/rules'
const TAIL = 'loki/api/v1/tail'
/** Loki's own limit for a query is a minute. */
const PATIENCE_MS = 70_000
/** Passed on both ways; whatever else a browser sends stays here, cookies and credentials first of all. */
const ASKED = ['accept-encoding', 'x-loki-response-encoding-flags']
// Browsers can't add headers to a WebSocket.
const CATEGORIZE = { 'x-loki-response-encoding-flags': 'categorize-labels' }
const HANDSHAKE = ['sec-websocket-key', 'sec-websocket-version']

export interface LokiAsker {
  /** `path` follows the source's id. */
  ask(
    source: LokiSource,
    path: string,
    request: Request,
    response: ServerResponse,
  ): Promise<Answer | undefined>
  /** Passes a WebSocket of `tail` through. */
  tail(source: LokiSource, path: string, request: Request, socket: Duplex, head: Buffer): Promise<void>
  close(): Promise<void>
}

export function lokiAsker(): LokiAsker {
  const connections = new LokiConnections()
  const tails = new Set<Duplex>()
  return {
    ask: async (source, path, request, response) => {
      if (!READING.test(path) && path !== RULES) return text(404, `the page asks nothing at ${path}`)
      return await pass(connections, source, path, request, response)
    },
    tail: async (source, path, request, socket, head) => {
      socket.on('error', () => socket.destroy())
      if (path !== TAIL) return refuse(socket, '404 Not Found', `no WebSocket is served at ${path}`)
      try {
        await join(connections, source, request, { socket, head, tails })
      } catch (error) {
        refuse(socket, '502 Bad Gateway', unreachable(source, error))
      }
    },
    close: async () => {
      for (const socket of tails) socket.destroy()
      await connections.close()
    },
  }
}

async function pass(
  connections: LokiConnections,
  source: LokiSource,
  path: string,
  request: Request,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  response.once('close', leave)
  try {
    const { connections: through, headers } = await connections.of(source)
    const answer = await through.request({
      origin: source.base.origin,
      path: pathOf(source, path, request),
      method: 'GET',
      headers: { ...headers, ...picked(request, ASKED) },
      headersTimeout: PATIENCE_MS,
      bodyTimeout: PATIENCE_MS,
      signal: gone.signal,
    })
    response.writeHead(answer.statusCode, passedOn(answer.headers))
    await pipeline(answer.body, response)
  } catch (error) {
    if (gone.signal.aborted) return undefined
    if (response.headersSent) return void response.destroy()
    return text(502, unreachable(source, error))
  } finally {
    response.off('close', leave)
  }
  return undefined
}

// What the other server sends is data, whatever it calls it.
function passedOn(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const { 'content-type': type, 'content-encoding': encoding } = headers
  return {
    'content-type': String(type).startsWith('application/json')
      ? 'application/json; charset=utf-8'
      : 'text/plain; charset=utf-8',
    ...(encoding === undefined ? {} : { 'content-encoding': String(encoding) }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  }
}

interface Client {
  readonly socket: Duplex
  readonly head: Buffer
  readonly tails: Set<Duplex>
}

async function join(
  connections: LokiConnections,
  source: LokiSource,
  request: Request,
  { socket, head, tails }: Client,
): Promise<void> {
  const { connections: through, headers } = await connections.of(source)
  // Pools need no origin, proxies do; undici's types know the first only.
  const options = {
    origin: source.base.origin,
    path: pathOf(source, TAIL, request),
    method: 'GET' as const,
    protocol: 'websocket',
    headers: { ...headers, ...CATEGORIZE, ...picked(request, HANDSHAKE) },
  }
  const upstream = await (through.upgrade(options) as Promise<Dispatcher.UpgradeData>)
  const accept = String(upstream.headers['sec-websocket-accept'] ?? '')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  for (const [each, other] of [
    [socket, upstream.socket],
    [upstream.socket, socket],
  ] as const) {
    tails.add(each)
    each.once('close', () => {
      tails.delete(each)
      other.destroy()
    })
    each.on('error', () => each.destroy())
  }
  if (head.length > 0) upstream.socket.write(head)
  socket.pipe(upstream.socket)
  upstream.socket.pipe(socket)
}

function pathOf({ base }: LokiSource, path: string, { query }: Request): string {
  const asked = query.toString()
  return `${base.pathname.replace(/\/$/, '')}/${path}${asked === '' ? '' : `?${asked}`}`
}

function picked({ headers }: Request, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value] as const] : []
    }),
  )
}

function unreachable({ url }: LokiSource, error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return `cannot reach ${url}: ${messageOf(cause) || String((cause as NodeJS.ErrnoException).code)}`
}

function refuse(socket: Duplex, status: string, message: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`,
  )
}
