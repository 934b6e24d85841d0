/** Syslog over UDP. */
import { parseListenAddress } from '../../intake/listen.ts'
import { UdpListener } from '../../intake/udp-listener.ts'
import type { ListenerOptions } from './fields.ts'
import { Framer } from './framing.ts'
import type { Sender } from './labels.ts'
import type { ListenerContext, SyslogListener } from './listener.ts'
import type { SyslogReader } from './reader.ts'

const MIN_QUEUE_BYTES = 8 * 1024 * 1024

export class UdpSyslogListener implements SyslogListener {
  readonly connections = 0
  readonly #ctx: ListenerContext
  readonly #udp: UdpListener
  #options: ListenerOptions
  #reader: SyslogReader

  constructor(options: ListenerOptions, reader: SyslogReader, ctx: ListenerContext) {
    this.#options = options
    this.#reader = reader
    this.#ctx = ctx
    this.#udp = new UdpListener(parseListenAddress(options.address), {
      room: () => ctx.lines.room(),
      take: (bytes, ip) => this.#take(bytes, ip),
      overflow: (ip) => this.#reader.overflow(ip),
      maxQueuedBytes: () => {
        const { udp_queue_size: datagrams, max_message_length: longest } = this.#options
        return Math.max(MIN_QUEUE_BYTES, datagrams * longest)
      },
      failed: (error) => ctx.warnings.warn('udp', 'cannot receive', { error }),
    })
  }

  get options(): ListenerOptions {
    return this.#options
  }

  get address(): string {
    return this.#udp.address
  }

  async open(): Promise<void> {
    await this.#udp.open()
  }

  async stop(): Promise<void> {
    await this.#udp.stop()
  }

  change(options: ListenerOptions, reader: SyslogReader): void {
    this.#options = options
    this.#reader = reader
  }

  #take(bytes: Buffer, ip: string): Promise<void> | void {
    const { hostnames } = this.#ctx
    const hostname = hostnames === undefined ? '' : hostnames.known(ip)
    if (hostname !== undefined) return this.#read(bytes, { ip, hostname })
    return hostnames!.of(ip).then((found) => this.#read(bytes, { ip, hostname: found }))
  }

  #read(bytes: Buffer, sender: Sender): void {
    const framer = new Framer(this.#reader.framing)
    for (const frame of [...framer.push(bytes), ...framer.end()]) this.#reader.read(frame, sender)
  }
}
