/** The ports of a source that takes pushes, over HTTP and over gRPC, and how they end: what is under way is answered first. */
import type { Clock, Timer } from '../flow/clock.ts'
import type { PushIntake } from '../intake/push-intake.ts'
import { isLoopback, listenAddress } from '../net/server/address.ts'
import { startGrpc, type GrpcMethod, type GrpcServer, type GrpcServerOptions } from '../net/server/grpc.ts'
import type { Route } from '../net/server/router.ts'
import { startServer, type HttpLimits, type HttpServer } from '../net/server/server.ts'
import type { ServerTls } from '../net/server/tls-fields.ts'
import type { Logger } from '../telemetry/log.ts'

/** Entries of what runs on after a reload end within this; a process that ends shouldn't wait longer. */
const MAX_PATIENCE_MS = 2000

/** A client must send its headers within this, or all of the request if that has less time. */
const HEADERS_MS = 10_000

const CHECK_MS = 2000

/** Time for the last answers over gRPC to leave. */
const CUT_OFF_MS = 100

export interface HttpPort {
  /** `host:port`. */
  readonly listen: string
  readonly tls: ServerTls | undefined
  readonly routes: readonly Route[]
  /** Milliseconds to read a request; 0: no limit. */
  readonly readMs: number
  readonly idleMs: number
  /** Left out or 0: 1000. */
  readonly connections?: number
}

export class PushListeners {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #intake: PushIntake
  #http: HttpServer | undefined
  #grpc: GrpcServer | undefined
  #requests = 0
  #idle: (() => void) | undefined

  constructor({ log, clock }: { readonly log: Logger; readonly clock: Clock }, intake: PushIntake) {
    this.#log = log
    this.#clock = clock
    this.#intake = intake
  }

  /** Throws LISTEN, and what a bad certificate throws. */
  async openHttp({ listen, tls, routes, readMs, idleMs, connections = 0 }: HttpPort): Promise<void> {
    const { host } = listenAddress(listen)
    const limits: HttpLimits = {
      headersMs: Math.min(HEADERS_MS, readMs || HEADERS_MS),
      requestMs: readMs,
      checkMs: CHECK_MS,
      idleMs,
      connections: connections > 0 ? connections : undefined,
    }
    const server = await startServer({
      listen,
      log: this.#log,
      held: true,
      // Where others can reach the port, they may use any name for it; no page can read anything here.
      allowedHosts: isLoopback(host) || host === 'localhost' ? [] : 'any',
      limits,
      routes: routes.map(({ handle, ...route }) => ({
        ...route,
        handle: (request, response) => this.#counted(async () => await handle(request, response)),
      })),
    })
    this.#http = server
    await server.configure({ tls })
    this.#log.info('listening for pushes', { address: server.url })
  }

  /** Throws LISTEN, and what a bad certificate throws. */
  async openGrpc({ methods, ...options }: GrpcServerOptions): Promise<void> {
    const counted = Object.entries(methods).map(([path, method]): [string, GrpcMethod] => [
      path,
      (message, header) => this.#counted(() => method(message, header)),
    ])
    this.#grpc = await startGrpc({ ...options, methods: Object.fromEntries(counted) })
    this.#log.info('listening for pushes over gRPC', { address: this.#grpc.address })
  }

  /** Where it listens, and how many requests are under way. */
  status(): { address: string; grpc: string | undefined; requests: number } {
    return { address: this.#http?.url ?? '', grpc: this.#grpc?.address, requests: this.#requests }
  }

  /** Waits up to `patienceMs` (at most 2 s) for requests under way, answers the rest with "later", and closes the ports. */
  async close(patienceMs: number): Promise<void> {
    if (this.#requests > 0) {
      let timer: Timer | undefined
      await new Promise<void>((resolve) => {
        this.#idle = resolve
        timer = this.#clock.after(Math.min(patienceMs, MAX_PATIENCE_MS), resolve)
      })
      timer?.cancel()
      this.#intake.close()
      // The answers are written in this turn of the event loop. Those who are still sending are cut off.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all([this.#http?.close(), this.#grpc?.close(CUT_OFF_MS)])
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    this.#requests++
    try {
      return await run()
    } finally {
      this.#requests--
      if (this.#requests === 0) this.#idle?.()
    }
  }
}
