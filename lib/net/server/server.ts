/**
 * A small HTTP server over node:http and node:https: listening, guarding, authenticating, routing, answering. TLS
 * and authentication may change while it listens.
 */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import { listenAddress, listenOn } from './address.ts'
import { authenticator, CHALLENGE, type Authenticator, type AuthSettings } from './auth.ts'
import { refuse } from './guard.ts'
import { route, text, type Answer, type Request, type Route } from './router.ts'
import type { ServerTls } from './tls-fields.ts'
import { filesStamp, mayStay, tlsFingerprint, tlsOptions } from './tls.ts'

/** What a config sets. */
export interface HttpSettings {
  readonly tls?: ServerTls
  readonly auth?: AuthSettings
}

/** How long a client may take, in milliseconds; a slower one is cut off. */
export interface HttpLimits {
  readonly headersMs: number
  readonly requestMs: number
  /** Time between two checks of that. */
  readonly checkMs: number
  /** How long an idle connection is kept; Node's 5 s if left out. */
  readonly idleMs?: number
  /** Connections beyond these are cut off; 1000 if left out. */
  readonly connections?: number
}

export interface ServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string
  readonly routes: readonly Route[]
  readonly log: Logger
  /** Host names that clients may use beyond this machine's own. */
  readonly allowedHosts?: readonly string[] | 'any'
  /** Answers 503 until `configure` has said how clients are authenticated. */
  readonly held?: boolean
  readonly limits?: HttpLimits
  /** Gets the sockets of clients that upgrade to WebSocket; without it they get an ordinary answer. */
  readonly upgrade?: (request: Request, socket: Duplex, head: Buffer) => void
}

export interface HttpServer {
  readonly url: string
  /**
   * Applies changed settings. The listener stays, unless TLS is turned on or off or client_auth_type changes: then the
   * port is bound again, and requests that are being answered still complete. Rejects as `tlsOptions` throws, and with
   * LISTEN; with the former nothing has changed.
   */
  configure(settings: HttpSettings): Promise<void>
  close(): Promise<void>
}

const LIMITS: HttpLimits = { headersMs: 10_000, requestMs: 30_000, checkMs: 2000 }

/** More connections than this are refused. */
const MAX_CONNECTIONS = 1000

/** Files of certificates are checked when a connection comes in, at most this often. */
const RENEW_MS = 1000

/** Starts listening. Throws LISTEN naming the address and what to do when it cannot. Plain HTTP, open to all, until `configure`. */
export async function startServer(options: ServerOptions): Promise<HttpServer> {
  const server = new ListeningServer(options)
  await server.start()
  return server
}

interface Tls {
  readonly settings: ServerTls
  readonly fingerprint: string
  readonly stamp: string
}

class ListeningServer implements HttpServer {
  readonly #options: ServerOptions
  readonly #host: string
  #port: number
  #address = ''
  #server: Server | TlsServer
  readonly #open = new Set<Server | TlsServer>()
  #authenticate: Authenticator
  #held: boolean
  #tls: Tls | undefined
  #lookedAt = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: ServerOptions) {
    this.#options = options
    const { host, port } = listenAddress(options.listen)
    this.#host = host
    this.#port = port
    this.#held = options.held ?? false
    this.#authenticate = authenticator({})
    this.#server = this.#make(undefined, undefined)
  }

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://${this.#address}:${this.#port}`
  }

  async start(): Promise<void> {
    await listenOn(this.#server, this.#host, this.#port)
    const { address, family, port } = this.#server.address() as AddressInfo
    this.#address = family === 'IPv6' ? `[${address}]` : address
    // Port 0 has become a real one, which must stay the same from here on.
    this.#port = port
  }

  async configure(settings: HttpSettings): Promise<void> {
    const turn = this.#turn.then(() => this.#configure(settings))
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  async close(): Promise<void> {
    await this.#turn
    await Promise.all([...this.#open].map((server) => closed(server)))
  }

  async #configure({ tls: settings, auth }: HttpSettings): Promise<void> {
    const tls = settings === undefined ? undefined : tlsOptions(settings)
    this.#authenticate = authenticator(auth ?? {})
    this.#held = false
    const before = this.#tls
    const fingerprint = tls === undefined ? undefined : tlsFingerprint(tls)
    const clientsAsBefore = settings?.client_auth_type === before?.settings.client_auth_type
    if (fingerprint === before?.fingerprint && clientsAsBefore) return
    if (tls !== undefined && before !== undefined && clientsAsBefore) this.#swap(settings!, tls)
    else await this.#rebind(settings, tls)
  }

  #swap(settings: ServerTls, options: TlsOptions): void {
    ;(this.#server as TlsServer).setSecureContext(options)
    this.#tls = { settings, fingerprint: tlsFingerprint(options), stamp: filesStamp(settings) }
  }

  // Node closes the listening socket at once, so that the port is free for the next one.
  async #rebind(settings: ServerTls | undefined, options: TlsOptions | undefined): Promise<void> {
    this.#server.close()
    this.#server = this.#make(settings, options)
    await listenOn(this.#server, this.#host, this.#port)
  }

  #make(settings: ServerTls | undefined, tls: TlsOptions | undefined): Server | TlsServer {
    const {
      headersMs,
      requestMs,
      checkMs,
      idleMs,
      connections = MAX_CONNECTIONS,
    } = this.#options.limits ?? LIMITS
    const limits = {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      ...(idleMs === undefined ? {} : { keepAliveTimeout: idleMs }),
    }
    const answer = (raw: IncomingMessage, response: ServerResponse): void => this.#answer(raw, response)
    let server: Server | TlsServer
    if (tls === undefined || settings === undefined) {
      this.#tls = undefined
      server = createServer(limits, answer)
    } else {
      this.#tls = { settings, fingerprint: tlsFingerprint(tls), stamp: filesStamp(settings) }
      const secure = createTlsServer({ ...tls, ...limits }, answer)
      secure.prependListener('connection', () => this.#renew(secure))
      secure.prependListener('secureConnection', (socket) => {
        if (!mayStay(socket, settings.client_auth_type)) socket.destroy()
      })
      server = secure
    }
    server.maxConnections = connections
    const { upgrade } = this.#options
    if (upgrade !== undefined)
      server.on('upgrade', (raw, socket, head) => {
        if (raw.headers.upgrade?.toLowerCase() !== 'websocket') {
          // Some clients offer HTTP/2 with each request (Upgrade: h2c) and carry on without it.
          socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(raw), 'latin1'), head]))
          server.emit(tls === undefined ? 'connection' : 'secureConnection', socket)
          return
        }
        const request = this.#admit(raw)
        if ('path' in request) return upgrade(request, socket, head)
        socket.on('error', () => socket.destroy())
        socket.end(refusalText(request))
      })
    this.#open.add(server)
    server.once('close', () => this.#open.delete(server))
    return server
  }

  // As in Alloy, a renewed certificate needs no reload. While one is half written, the old one stays.
  #renew(server: TlsServer): void {
    const tls = this.#tls
    if (tls === undefined || server !== this.#server || Date.now() - this.#lookedAt < RENEW_MS) return
    this.#lookedAt = Date.now()
    const stamp = filesStamp(tls.settings)
    if (stamp === tls.stamp) return
    try {
      this.#swap(tls.settings, tlsOptions(tls.settings))
      this.#options.log.info('certificate was renewed')
    } catch (error) {
      this.#tls = { ...tls, stamp }
      this.#options.log.warn('certificate cannot be renewed, the old one stays', {
        error: messageOf(error),
      })
    }
  }

  #answer(raw: IncomingMessage, response: ServerResponse): void {
    const head = raw.method === 'HEAD'
    // A connection of a replaced listener must not be reused.
    if (!this.#server.listening || !isOf(raw, this.#server)) response.shouldKeepAlive = false
    this.#respond(raw, response).then(
      (answer) => {
        if (answer !== undefined) write(response, answer, head)
      },
      (error: unknown) => {
        this.#options.log.error('request failed', { path: raw.url, error: messageOf(error) })
        if (!response.headersSent) write(response, text(500, 'internal error: see the log'), head)
        else response.destroy()
      },
    )
  }

  async #respond(raw: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const request = this.#admit(raw)
    if (!('path' in request)) return request
    return await route(this.#options.routes, request.method, request.path)(request, response)
  }

  // The request, or why it is not let in.
  #admit(raw: IncomingMessage): Request | Answer {
    const refusal = refuse(raw.headers, this.#options.allowedHosts ?? [])
    if (refusal !== undefined) return text(403, refusal)
    const url = requestUrl(raw.url ?? '')
    if (url === undefined) return text(400, 'invalid request target')
    if (this.#held) return text(503, 'logstream is starting.')
    if (!this.#authenticate(url.pathname, raw.headers.authorization))
      return { ...text(401, 'unauthorized'), headers: { 'www-authenticate': CHALLENGE } }
    const { method = 'GET', headers } = raw
    return { method, path: url.pathname, query: url.searchParams, headers, raw }
  }
}

/** The head of a request as it came, without its upgrade. */
function withoutUpgrade({ method, url, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/1.1\r\n`
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (name !== 'upgrade' && name !== 'connection') head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  }
  return `${head}\r\n`
}

/** A refusal as text, for a socket without a response object. */
function refusalText({ status, body, headers = {} }: Answer): string {
  const lines = Object.entries({
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body.toString()}`
}

function isOf(raw: IncomingMessage, server: Server | TlsServer): boolean {
  return Reflect.get(raw.socket, 'server') === server
}

// Only the path and the query count: `//host/path` is a path here, not another host.
function requestUrl(target: string): URL | undefined {
  const absolute = target.startsWith('/') ? `http://localhost${target}` : target
  return URL.canParse(absolute) ? new URL(absolute) : undefined
}

function write(response: ServerResponse, answer: Answer, head: boolean): void {
  response.writeHead(answer.status, {
    'content-type': answer.type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // The page brings its own; nothing else that is served has any business with scripts and styles.
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    ...answer.headers,
  })
  response.end(head ? undefined : answer.body)
}

async function closed(server: Server | TlsServer): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
