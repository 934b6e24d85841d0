/** Syslog over TCP and TLS. A slow pipeline makes senders wait: nothing is read that has no room. */
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { chunks } from '../../intake/chunks.ts'
import { parseListenAddress } from '../../intake/listen.ts'
import { listenerTls } from '../../net/server/listener-tls.ts'
import { TcpListener } from '../../intake/tcp-listener.ts'
import type { ListenerOptions } from './fields.ts'
import { framing, type Frame } from './framing.ts'
import type { Sender } from './labels.ts'
import type { ListenerContext, SyslogListener } from './listener.ts'
import type { SyslogReader } from './reader.ts'

const DEFAULT_IDLE_MS = 120_000

export class TcpSyslogListener implements SyslogListener {
  readonly #ctx: ListenerContext
  readonly #listener: TcpListener
  #options: ListenerOptions
  #reader: SyslogReader

  constructor(options: ListenerOptions, reader: SyslogReader, ctx: ListenerContext) {
    this.#options = options
    this.#reader = reader
    this.#ctx = ctx
    this.#listener = new TcpListener({
      address: parseListenAddress(options.address),
      tls: listenerTls(options.tls_config),
      idleTimeout: options.idle_timeout > 0 ? options.idle_timeout : DEFAULT_IDLE_MS,
      maxConnections: 0,
      warnings: ctx.warnings,
      serve: (socket, peer, until) => this.#serve(socket, peer, until),
      onError: () => void ctx.metrics.errors.value++,
    })
  }

  get options(): ListenerOptions {
    return this.#options
  }

  get address(): string {
    return this.#listener.address
  }

  get connections(): number {
    return this.#listener.connections
  }

  open(): Promise<void> {
    return this.#listener.open()
  }

  stop(): Promise<void> {
    return this.#listener.stop()
  }

  change(options: ListenerOptions, reader: SyslogReader): void {
    this.#options = options
    this.#reader = reader
  }

  async #serve(socket: Socket, ip: string, until: AbortSignal): Promise<void> {
    const { hostnames, lines, clock } = this.#ctx
    const sender: Sender = { ip, hostname: (await hostnames?.of(ip)) ?? '' }
    const read = new Writable({
      objectMode: true,
      highWaterMark: 2,
      write: (frames: readonly Frame[], _encoding, done) => {
        let useful = true
        for (const frame of frames) useful = this.#reader.read(frame, sender)
        if (!useful) socket.destroy()
        done()
      },
    })
    const flow = { room: () => lines.room() }
    await pipeline(chunks(socket, until, flow), framing(this.#reader.framing, clock), read)
  }
}
