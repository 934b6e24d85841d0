/** A small HTTP server over node:http: listening, guarding, routing, answering. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { refuse } from './guard.ts'
import { route, text, type Answer, type Request, type Route } from './router.ts'

export interface ServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string
  readonly routes: readonly Route[]
  readonly log: Logger
  /** Host names that clients may use beyond this machine's own. */
  readonly allowedHosts?: readonly string[]
}

export interface HttpServer {
  readonly url: string
  close(): Promise<void>
}

/** Starts listening. Throws LISTEN naming the address and what to do when it cannot. */
export async function startServer(options: ServerOptions): Promise<HttpServer> {
  const { host, port } = listenAddress(options.listen)
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      options.log.error('request failed', { path: request.url, error: messageOf(error) })
      if (!response.headersSent) write(response, text(500, 'internal error: see the log'), false)
      else response.destroy()
    })
  })
  server.requestTimeout = 30_000
  server.headersTimeout = 10_000
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${shown}:${address.port}`, close: () => close(server) }
}

/** Splits `host:port`, `:port` and `[::1]:port`. Throws BAD_USAGE. */
export function listenAddress(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(listen)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new LogstreamError('BAD_USAGE', `expected an address such as 127.0.0.1:12345, found "${listen}"`)
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen(port, host, () => resolve())
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): LogstreamError {
  const address = `${host}:${port}`
  if (error.code === 'EADDRINUSE')
    return new LogstreamError(
      'LISTEN',
      `cannot listen on ${address}: the port is taken. Find by whom with: ss -ltnp 'sport = :${port}', or choose another one`,
      { cause: error },
    )
  if (error.code === 'EACCES')
    return new LogstreamError(
      'LISTEN',
      `cannot listen on ${address}: not allowed. Ports below 1024 need a privilege: choose a higher one`,
      { cause: error },
    )
  return new LogstreamError('LISTEN', `cannot listen on ${address}: ${error.message}`, { cause: error })
}

async function serve(options: ServerOptions, raw: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = raw.method ?? 'GET'
  const head = method === 'HEAD'
  const refusal = refuse(raw.headers, options.allowedHosts ?? [])
  if (refusal !== undefined) return write(response, text(403, refusal), head)
  const url = URL.canParse(raw.url ?? '', 'http://localhost')
    ? new URL(raw.url ?? '', 'http://localhost')
    : undefined
  if (url === undefined) return write(response, text(400, 'the address of the request cannot be read'), head)
  const request: Request = { method, path: url.pathname, query: url.searchParams, headers: raw.headers, raw }
  const answer = await route(options.routes, method, url.pathname)(request, response)
  if (answer !== undefined) write(response, answer, head)
}

function write(response: ServerResponse, answer: Answer, head: boolean): void {
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    ...answer.headers,
  })
  response.end(head ? undefined : answer.body)
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
