/**
 * A source that others push to: its ports, its bounds of memory, its counts and its end. What a sender's component adds
 * is where it listens and how a body becomes entries.
 */
import type { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Component, ComponentContext } from '../component/component.ts'
import type { PushGrpcOptions, PushHttpOptions } from '../component/options/push-server.ts'
import { PushIntake } from '../intake/push-intake.ts'
import type { GrpcMethod } from '../net/server/grpc.ts'
import { pushTls } from '../net/server/push-tls.ts'
import type { Route } from '../net/server/router.ts'
import type { ServerTls } from '../net/server/tls-fields.ts'
import { PushListeners } from './push-listeners.ts'
import { PushReceiver } from './push-receiver.ts'

/** Where pushes come in. While it stays the same, the ports stay open over a reload. */
export interface PushServer {
  readonly http: PushHttpOptions
  /** Left out: HTTP only. */
  readonly grpc?: PushGrpcOptions | undefined
  /** How long the end waits for pushes under way, in milliseconds. */
  readonly patienceMs: number
  /** Bytes of a push, packed or unpacked. */
  readonly maxBytes: number
  /** How long a push waits until its entries are safe, in milliseconds; 0: no limit. */
  readonly timeoutMs: number
}

/** What a way in works with. `M` makes entries. */
export interface PushWays<M> {
  readonly receiver: PushReceiver
  /** That of the present options. */
  readonly maker: () => M
  readonly maxBytes: number
}

export interface PushDesign<O, M> {
  server(options: O): PushServer
  maker(options: O): M
  routes(ways: PushWays<M>): readonly Route[]
  /** gRPC methods by path, for a server that has `grpc`. */
  methods?(ways: PushWays<M>): Readonly<Record<string, GrpcMethod>>
  /** The counter of entries. */
  readonly written: { readonly name: string; readonly help: string }
  /** The counter of pushes that weren't answered with success, by HTTP status. */
  readonly refused: string
}

export class PushSource<O, M> implements Component<O> {
  readonly #ctx: ComponentContext
  readonly #design: PushDesign<O, M>
  readonly #server: PushServer
  readonly #intake: PushIntake
  readonly #listeners: PushListeners
  readonly #tls: { readonly http: ServerTls | undefined; readonly grpc: ServerTls | undefined }
  readonly #counts
  #maker: M

  /** Throws for options that can't work; nothing is opened yet. */
  constructor(design: PushDesign<O, M>, options: O, ctx: ComponentContext) {
    this.#ctx = ctx
    this.#design = design
    this.#server = design.server(options)
    this.#tls = { http: pushTls(this.#server.http.tls), grpc: pushTls(this.#server.grpc?.tls) }
    this.#maker = design.maker(options)
    this.#intake = new PushIntake(ctx)
    this.#listeners = new PushListeners(ctx, this.#intake)
    const written = ctx.metrics.counter(design.written.name, design.written.help)
    const refused = ctx.metrics.counters(
      design.refused,
      'Pushes that were not answered with success, by HTTP status.',
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
    const { http, grpc, maxBytes, timeoutMs } = this.#server
    const receiver = new PushReceiver({ intake: this.#intake, maxBytes, timeoutMs, counts: this.#counts })
    const ways = { receiver, maker: () => this.#maker, maxBytes }
    await this.#listeners.openHttp({
      listen: listenText(http),
      tls: this.#tls.http,
      routes: this.#design.routes(ways),
      readMs: http.server_read_timeout,
      idleMs: http.server_idle_timeout,
      connections: http.conn_limit,
    })
    if (grpc === undefined || this.#design.methods === undefined) return
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
      methods: this.#design.methods(ways),
    })
  }

  async stop(): Promise<void> {
    await this.#intake.stop()
  }

  async close(): Promise<void> {
    await this.stop()
    await this.#listeners.close(this.#server.patienceMs)
    this.output.destroy()
    this.#ctx.metrics.close()
  }

  /** The listeners stay where only what becomes of entries changes. */
  update(options: O): boolean {
    if (!isDeepStrictEqual(this.#design.server(options), this.#server)) return false
    this.#maker = this.#design.maker(options)
    return true
  }

  status(): ReturnType<PushListeners['status']> {
    return this.#listeners.status()
  }
}

/** A limit that a config sets, where 0 and less mean none, within one that always holds. */
export function atMost(limit: number, most: number): number {
  return limit > 0 ? Math.min(limit, most) : most
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
