/** `otelcol.receiver.otlp`: takes OpenTelemetry logs over HTTP and gRPC, and answers when they are safe. */
import type { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { blame } from '../../component/origin.ts'
import { LogstreamError } from '../../errors.ts'
import { Stamps } from '../../flow/clock.ts'
import { PushIntake } from '../../intake/push-intake.ts'
import { PushListeners } from '../../loki/push-listeners.ts'
import { MAX_PUSH_BYTES, PushReceiver } from '../../loki/push-receiver.ts'
import { listenAddress } from '../../net/server/address.ts'
import type { ServerTls } from '../../net/server/tls-fields.ts'
import { carriedEntries } from '../../otlp/carried.ts'
import { exportMethods, exportRoute, type ExportOptions } from './exports.ts'
import { otlpFields, type OtlpOptions, type OtlpTls } from './fields.ts'
import { grpcTls, serverTls } from './tls.ts'

/** gRPC's own default. */
const GRPC_MESSAGE_BYTES = 4 * 1024 * 1024

const GRPC_STREAMS = 100

const READ_MS = 30_000

const SAFE_WITHIN_MS = 30_000

/** How long exports under way are waited for at the end. */
const PATIENCE_MS = 2000

export const otelcolReceiverOtlp = defineComponent({
  name: 'otelcol.receiver.otlp',
  summary: 'Takes OpenTelemetry logs over OTLP (HTTP and gRPC), and answers when they are safe.',
  fields: otlpFields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx) => new OtlpReceiver(options, ctx),
})

class OtlpReceiver implements Component<OtlpOptions> {
  readonly #ctx: ComponentContext
  readonly #options: OtlpOptions
  readonly #intake: PushIntake
  readonly #listeners: PushListeners
  readonly #stamps: Stamps
  readonly #tls: { readonly http: ServerTls | undefined; readonly grpc: ServerTls | undefined }
  readonly #counts

  constructor(options: OtlpOptions, ctx: ComponentContext) {
    check(options)
    this.#options = options
    this.#ctx = ctx
    this.#tls = { http: tlsOf(options.http?.tls, serverTls), grpc: tlsOf(options.grpc?.tls, grpcTls) }
    this.#intake = new PushIntake(ctx)
    this.#listeners = new PushListeners(ctx, this.#intake)
    this.#stamps = new Stamps(ctx.clock)
    const accepted = ctx.metrics.counter(
      'otelcol_receiver_accepted_log_records_total',
      'Number of log records successfully pushed into the pipeline.',
    )
    const refused = ctx.metrics.counters(
      'logstream_otlp_refused_exports_total',
      'Exports that were not answered with success, by HTTP status.',
      'status',
    )
    this.#counts = {
      taken: (entries: number) => void (accepted.value += entries),
      refused: (status: number) => refused.add(String(status)),
    }
  }

  get output(): Readable {
    return this.#intake.output
  }

  async start(): Promise<void> {
    const { http, grpc } = this.#options
    if (http !== undefined) await this.#openHttp(http)
    if (grpc !== undefined) await this.#openGrpc(grpc)
  }

  async stop(): Promise<void> {
    await this.#intake.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#listeners.close(PATIENCE_MS)
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** The listeners stay where only the receivers change. */
  update(options: OtlpOptions): boolean {
    return isDeepStrictEqual({ ...options, output: undefined }, { ...this.#options, output: undefined })
  }

  status(): ReturnType<PushListeners['status']> {
    return this.#listeners.status()
  }

  async #openHttp(http: NonNullable<OtlpOptions['http']>): Promise<void> {
    const maxBytes = atMost(http.max_request_body_size, MAX_PUSH_BYTES)
    await this.#listeners.openHttp({
      listen: http.endpoint,
      tls: this.#tls.http,
      routes: [
        exportRoute({
          ...this.#exports(maxBytes),
          path: http.logs_url_path,
          encodings: http.compression_algorithms,
        }),
      ],
      readMs: http.read_timeout || READ_MS,
      idleMs: http.idle_timeout,
    })
  }

  async #openGrpc(grpc: NonNullable<OtlpOptions['grpc']>): Promise<void> {
    const { server_parameters: life } = grpc.keepalive
    const maxBytes = atMost(grpc.max_recv_msg_size || GRPC_MESSAGE_BYTES, MAX_PUSH_BYTES)
    await this.#listeners.openGrpc({
      listen: grpc.endpoint,
      tls: this.#tls.grpc,
      maxMessageBytes: maxBytes,
      maxStreams: grpc.max_concurrent_streams || GRPC_STREAMS,
      connections: {
        idleMs: life.max_connection_idle,
        ageMs: life.max_connection_age,
        graceMs: life.max_connection_age_grace,
      },
      methods: exportMethods(this.#exports(maxBytes)),
    })
  }

  #exports(maxBytes: number): ExportOptions {
    return {
      receiver: new PushReceiver({
        intake: this.#intake,
        maxBytes,
        timeoutMs: this.#options.http?.write_timeout ?? SAFE_WITHIN_MS,
        counts: this.#counts,
      }),
      entriesOf: (resources) => ({ entries: carriedEntries(resources, this.#stamps), ended: [] }),
      maxBytes,
    }
  }
}

function atMost(bytes: number, most: number): number {
  return bytes > 0 ? Math.min(bytes, most) : most
}

function check({ http, grpc }: OtlpOptions): void {
  if (http === undefined && grpc === undefined)
    throw new LogstreamError('BAD_CONFIG', 'add a grpc or an http block: without either it takes nothing')
  for (const protocol of [http, grpc]) {
    if (protocol === undefined) continue
    try {
      listenAddress(protocol.endpoint)
    } catch (error) {
      throw blame(
        new LogstreamError('BAD_CONFIG', (error as Error).message, { option: 'endpoint' }),
        protocol,
      )
    }
  }
  if (http === undefined) return
  const { cors, logs_url_path: path } = http
  if (!path.startsWith('/'))
    throw blame(
      new LogstreamError('BAD_CONFIG', `logs_url_path: expected a path such as "/v1/logs", found "${path}"`, {
        option: 'logs_url_path',
      }),
      http,
    )
  if (cors.allowed_origins.length > 0)
    throw blame(
      new LogstreamError(
        'BAD_CONFIG',
        'web pages of other origins are kept out: remove allowed_origins, and let pages send to a proxy of their own origin',
        { option: 'allowed_origins' },
      ),
      cors,
    )
}

function tlsOf(tls: OtlpTls | undefined, convert: (tls: OtlpTls) => ServerTls): ServerTls | undefined {
  if (tls === undefined) return undefined
  try {
    return convert(tls)
  } catch (error) {
    throw blame(error, tls)
  }
}
