/** A TCP or TLS port: accepts connections, keeps track of them, and closes all of them when it stops. */
import { setMaxListeners } from 'node:events'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { messageOf } from '../errors.ts'
import type { Clock, Timer } from '../flow/clock.ts'
import { formatAddress, listenError, plainIp, type ListenAddress } from './listen.ts'
import type { Warnings } from './warnings.ts'

const KEEP_ALIVE_MS = 60_000

export interface TcpListenerOptions {
  readonly address: ListenAddress
  readonly tls: TlsOptions | undefined
  /** How long a connection may take for one whole message, in milliseconds; 0: for ever. */
  readonly idleTimeout: number
  /** Further ones are turned away; 0: no limit. */
  readonly maxConnections: number
  readonly warnings: Warnings
  readonly clock: Clock
  /** Serves one connection until it ends or `until` is aborted. Calls `active` for each whole message. */
  readonly serve: (socket: Socket, peer: string, until: AbortSignal, active: () => void) => Promise<void>
  /** Counts connections that were turned away or failed. */
  readonly onError: () => void
}

export class TcpListener {
  readonly #options: TcpListenerOptions
  readonly #server: Server
  readonly #stopping = new AbortController()
  /** All that are open, those still in a TLS handshake included. */
  readonly #sockets = new Set<Socket>()
  readonly #served = new Set<Promise<void>>()

  constructor(options: TcpListenerOptions) {
    this.#options = options
    // Every connection listens to it.
    setMaxListeners(0, this.#stopping.signal)
    const serve = (socket: Socket): void => this.#serve(socket)
    this.#server = options.tls === undefined ? createTcpServer(serve) : createTlsServer(options.tls, serve)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('tlsClientError', (error, socket) =>
      this.#refused('TLS failed', socket, messageOf(error)),
    )
    this.#server.on('drop', (data) =>
      this.#refused('connection turned away: max_connections is reached', data, undefined),
    )
    if (options.maxConnections > 0) this.#server.maxConnections = options.maxConnections
  }

  /** Throws `LogstreamError` LISTEN. */
  async open(): Promise<void> {
    const { host, port } = this.#options.address
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(listenError(error, 'tcp', this.#options.address)),
      )
      this.#server.listen({ host: host === '' ? undefined : host, port }, resolve)
    })
    this.#server.removeAllListeners('error')
    this.#server.on('error', (error) => {
      this.#options.warnings.warn('accept', 'cannot accept connections', { error: messageOf(error) })
      this.#options.onError()
    })
  }

  /** `127.0.0.1:1514`, with the port that the system assigned for 0; '' while it isn't open. */
  get address(): string {
    const bound = this.#server.address() as AddressInfo | null
    return bound === null ? '' : formatAddress(bound.address, bound.port)
  }

  get connections(): number {
    return this.#served.size
  }

  /** Accepts no more connections. Closes the open ones once they have handed on what was read. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#stopping.abort()
    await Promise.all(this.#served)
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #serve(socket: Socket): void {
    const peer = plainIp(socket.remoteAddress)
    const { serve, warnings, onError } = this.#options
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('error', () => {})
    const active = this.#closeWhenIdle(socket)
    const served = serve(socket, peer, this.#stopping.signal, active)
      .catch((error: unknown) => {
        onError()
        warnings.warn(`serve ${peer}`, 'connection broken off', { peer, error: messageOf(error) })
        socket.destroy()
      })
      .finally(() => this.#served.delete(served))
    this.#served.add(served)
  }

  // Returns what tells that a whole message has come. Single bytes don't count: they could keep a connection for ever.
  #closeWhenIdle(socket: Socket): () => void {
    const { idleTimeout, clock } = this.#options
    if (idleTimeout === 0) return () => {}
    let last = clock.now()
    let timer: Timer | undefined
    const check = (): void => {
      const idle = clock.now() - last
      // What waits in our buffer shows that it is us who are slow.
      const slow = socket.readableLength > 0
      if (idle >= idleTimeout && !slow) socket.destroy()
      else timer = clock.after(slow ? idleTimeout : idleTimeout - idle, check)
    }
    timer = clock.after(idleTimeout, check)
    socket.once('close', () => timer?.cancel())
    return () => (last = clock.now())
  }

  #refused(message: string, socket: { remoteAddress?: string } | undefined, error: string | undefined): void {
    const peer = plainIp(socket?.remoteAddress)
    this.#options.onError()
    this.#options.warnings.warn(`${message} ${peer}`, message, { peer, error })
  }
}
