/** `loki.source.api`: takes pushes of other agents over HTTP, and answers them when their entries are safe. */
import type { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { blame } from '../../component/origin.ts'
import type { Timer } from '../../flow/clock.ts'
import { isLoopback } from '../../net/server/address.ts'
import { startServer, type HttpServer } from '../../net/server/server.ts'
import type { ServerTls } from '../../net/server/tls-fields.ts'
import { apiFields, type ApiOptions } from './fields.ts'
import { PushIntake } from './intake.ts'
import { EntryMaker } from './push-entries.ts'
import { apiRoutes, MAX_PUSH_BYTES } from './routes.ts'
import { serverTls } from './tls.ts'

/** Entries of what runs on after a reload end within this; a process that ends shouldn't wait longer. */
const MAX_PATIENCE_MS = 2000

/** A client must send its headers within this, or all of the request if that has less time. */
const HEADERS_MS = 10_000

const CHECK_MS = 2000

export const lokiSourceApi = defineComponent({
  name: 'loki.source.api',
  summary: 'Takes log entries that others push over HTTP, and answers when they are safe.',
  fields: apiFields,
  stability: 'generally-available',
  exports: {},
  advise: ({ http }) =>
    http.http2.enabled
      ? [
          {
            options: http.http2,
            option: 'enabled',
            message: 'HTTP/2 is not spoken here: clients get HTTP/1.1',
          },
        ]
      : [],
  create: (options, ctx) => new ApiSource(options, ctx),
})

class ApiSource implements Component<ApiOptions> {
  readonly #ctx: ComponentContext
  readonly #intake: PushIntake
  readonly #tls: ServerTls | undefined
  readonly #counts
  #options: ApiOptions
  #maker: EntryMaker
  #server: HttpServer | undefined
  #requests = 0
  #idle: (() => void) | undefined

  constructor(options: ApiOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#tls = options.http.tls === undefined ? undefined : tlsOf(options.http.tls)
    this.#maker = new EntryMaker(options, ctx.clock)
    this.#intake = new PushIntake(ctx)
    const written = ctx.metrics.counter('loki_source_api_entries_written', 'Total number of entries written.')
    const refused = ctx.metrics.counters(
      'logstream_source_api_refused_pushes_total',
      'Pushes that were not answered with 204, by status.',
      'status',
    )
    this.#counts = {
      written: (entries: number) => void (written.value += entries),
      refused: (status: number) => refused.add(String(status)),
    }
  }

  get output(): Readable {
    return this.#intake.output
  }

  async start(): Promise<void> {
    const { http, grpc, max_send_message_size: maxBytes } = this.#options
    if (grpc !== undefined)
      this.#ctx.log.warn('the grpc block has no effect: pushes are taken over HTTP only')
    const { listen_port: port } = http
    const host = http.listen_address || '127.0.0.1'
    const server = await startServer({
      listen: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      log: this.#ctx.log,
      held: true,
      // Where others can reach the port, they may use any name for it; no page can read anything here.
      allowedHosts: isLoopback(host) || host === 'localhost' ? [] : 'any',
      limits: {
        headersMs: Math.min(HEADERS_MS, http.server_read_timeout || HEADERS_MS),
        requestMs: http.server_read_timeout,
        checkMs: CHECK_MS,
        idleMs: http.server_idle_timeout,
        connections: http.conn_limit > 0 ? http.conn_limit : undefined,
      },
      routes: apiRoutes({
        intake: this.#intake,
        maker: () => this.#maker,
        maxBytes: maxBytes > 0 ? Math.min(maxBytes, MAX_PUSH_BYTES) : MAX_PUSH_BYTES,
        timeoutMs: http.server_write_timeout,
        counts: this.#counts,
      }).map(({ handle, ...route }) => ({
        ...route,
        handle: (request, response) => this.#counted(async () => await handle(request, response)),
      })),
    })
    this.#server = server
    await server.configure({ tls: this.#tls })
    this.#ctx.log.info('listening for pushes', { address: server.url })
  }

  async stop(): Promise<void> {
    await this.#intake.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    if (this.#requests > 0) {
      const patience = Math.min(this.#options.graceful_shutdown_timeout, MAX_PATIENCE_MS)
      let timer: Timer | undefined
      await new Promise<void>((resolve) => {
        this.#idle = resolve
        timer = this.#ctx.clock.after(patience, resolve)
      })
      timer?.cancel()
      this.#intake.close()
      // The answers are written in this turn of the event loop. Those who are still sending are cut off.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await this.#server?.close()
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** The listener stays where only labels, rules and times change. */
  update(options: ApiOptions): boolean {
    const others = (of: ApiOptions) => ({
      ...of,
      labels: undefined,
      relabel_rules: undefined,
      use_incoming_timestamp: undefined,
      forward_to: undefined,
    })
    if (!isDeepStrictEqual(others(options), others(this.#options))) return false
    this.#options = options
    this.#maker = new EntryMaker(options, this.#ctx.clock)
    return true
  }

  status(): { address: string; requests: number } {
    return { address: this.#server?.url ?? '', requests: this.#requests }
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

function tlsOf(tls: NonNullable<ApiOptions['http']['tls']>): ServerTls {
  try {
    return serverTls(tls)
  } catch (error) {
    throw blame(error, tls)
  }
}
