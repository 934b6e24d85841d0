/** `loki.source.api`: takes pushes of other agents over HTTP and gRPC, and answers them when their entries are safe. */
import type { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { blame } from '../../component/origin.ts'
import { PushIntake } from '../../intake/push-intake.ts'
import { PushListeners } from '../../loki/push-listeners.ts'
import { MAX_PUSH_BYTES, PushReceiver } from '../../loki/push-receiver.ts'
import type { ServerTls } from '../../net/server/tls-fields.ts'
import { apiFields, type ApiOptions, type ApiTls } from './fields.ts'
import { EntryMaker } from './push-entries.ts'
import { apiMethods, apiRoutes } from './routes.ts'
import { serverTls } from './tls.ts'

export const lokiSourceApi = defineComponent({
  name: 'loki.source.api',
  summary: 'Takes log entries that others push over HTTP or gRPC, and answers when they are safe.',
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
  readonly #listeners: PushListeners
  readonly #tls: { readonly http: ServerTls | undefined; readonly grpc: ServerTls | undefined }
  readonly #counts
  #options: ApiOptions
  #maker: EntryMaker

  constructor(options: ApiOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#tls = { http: tlsOf(options.http.tls), grpc: tlsOf(options.grpc?.tls) }
    this.#maker = new EntryMaker(options, ctx.clock)
    this.#intake = new PushIntake(ctx)
    this.#listeners = new PushListeners(ctx, this.#intake)
    const written = ctx.metrics.counter('loki_source_api_entries_written', 'Total number of entries written.')
    const refused = ctx.metrics.counters(
      'logstream_source_api_refused_pushes_total',
      'Pushes that were not answered with 204, by HTTP status.',
      'status',
    )
    this.#counts = {
      taken: (entries: number) => void (written.value += entries),
      refused: (status: number) => refused.add(String(status)),
    }
  }

  get output(): Readable {
    return this.#intake.output
  }

  async start(): Promise<void> {
    const { http, grpc, max_send_message_size: most } = this.#options
    const maxBytes = atMost(most, MAX_PUSH_BYTES)
    const receiver = new PushReceiver({
      intake: this.#intake,
      maxBytes,
      timeoutMs: http.server_write_timeout,
      counts: this.#counts,
    })
    const ways = { receiver, maker: () => this.#maker, maxBytes }
    await this.#listeners.openHttp({
      listen: listenText(http),
      tls: this.#tls.http,
      routes: apiRoutes(ways),
      readMs: http.server_read_timeout,
      idleMs: http.server_idle_timeout,
      connections: http.conn_limit,
    })
    if (grpc === undefined) return
    await this.#listeners.openGrpc({
      listen: listenText(grpc),
      tls: this.#tls.grpc,
      maxMessageBytes: atMost(grpc.server_max_recv_msg_size, maxBytes),
      maxStreams: grpc.server_max_concurrent_streams,
      connections: {
        idleMs: grpc.max_connection_idle,
        ageMs: grpc.max_connection_age,
        graceMs: grpc.max_connection_age_grace,
      },
      methods: apiMethods(ways),
    })
  }

  async stop(): Promise<void> {
    await this.#intake.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#listeners.close(this.#options.graceful_shutdown_timeout)
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** The listeners stay where only labels, rules and times change. */
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

  status(): ReturnType<PushListeners['status']> {
    return this.#listeners.status()
  }
}

function atMost(bytes: number, most: number): number {
  return bytes > 0 ? Math.min(bytes, most) : most
}

function listenText({
  listen_address: address,
  listen_port: port,
}: {
  readonly listen_address: string
  readonly listen_port: number
}): string {
  const host = address || '127.0.0.1'
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function tlsOf(tls: ApiTls | undefined): ServerTls | undefined {
  if (tls === undefined) return undefined
  try {
    return serverTls(tls)
  } catch (error) {
    throw blame(error, tls)
  }
}
