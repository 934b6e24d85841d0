/** Syslog over TCP and TLS. A slow pipeline makes senders wait: nothing is read without room for it. */
import type { Socket } from 'node:net'
import type { Timer } from '../../flow/clock.ts'
import { chunks } from '../../intake/chunks.ts'
import { parseListenAddress } from '../../intake/listen.ts'
import { listenerTls } from '../../net/server/listener-tls.ts'
import { TcpListener } from '../../intake/tcp-listener.ts'
import type { ListenerOptions } from './fields.ts'
import { Framer, type Frame } from './framing.ts'
import type { Sender } from './labels.ts'
import type { ListenerContext, SyslogListener } from './listener.ts'
import type { SyslogReader } from './reader.ts'

const DEFAULT_IDLE_MS = 120_000

/** How long the end of a message is doubted: the next line might be its second one. */
const PAUSE_MS = 200

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
      clock: ctx.clock,
      serve: (socket, peer, until, active) => this.#serve(socket, peer, until, active),
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

  async #serve(socket: Socket, ip: string, until: AbortSignal, active: () => void): Promise<void> {
    const { hostnames, lines, clock } = this.#ctx
    const sender: Sender = { ip, hostname: (await hostnames?.of(ip)) ?? '' }
    const framer = new Framer(this.#reader.framing)
    const read = (frames: readonly Frame[]): void => {
      for (const frame of frames) this.#reader.read(frame, sender)
      if (frames.length > 0) active()
    }
    let doubt: Timer | undefined
    for await (const chunk of chunks(socket, until, { room: () => lines.room() })) {
      doubt?.cancel()
      read(framer.push(chunk))
      if (framer.doubtful) doubt = clock.after(PAUSE_MS, () => read(framer.settle()))
    }
    doubt?.cancel()
    read(framer.end())
  }
}
