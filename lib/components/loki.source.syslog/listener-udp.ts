/** Syslog over UDP. Senders can't be made to wait, so datagrams queue here; what doesn't fit is dropped and counted. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { messageOf } from '../../errors.ts'
import {
  formatAddress,
  listenError,
  parseListenAddress,
  plainIp,
  type ListenAddress,
} from '../../intake/listen.ts'
import type { ListenerOptions } from './fields.ts'
import { Framer } from './framing.ts'
import type { Sender } from './labels.ts'
import type { ListenerContext, SyslogListener } from './listener.ts'
import type { SyslogReader } from './reader.ts'

const MIN_QUEUE_BYTES = 8 * 1024 * 1024
const KERNEL_BUFFER_BYTES = 1024 * 1024
/** What a queued datagram costs beyond its bytes. */
const OVERHEAD_BYTES = 200
/** Turns of the event loop in which `stop` still takes what the kernel holds. */
const MAX_STOP_TURNS = 1000

interface Datagram {
  readonly bytes: Buffer
  readonly ip: string
}

export class UdpSyslogListener implements SyslogListener {
  readonly connections = 0
  readonly #ctx: ListenerContext
  readonly #at: ListenAddress
  #socket: Socket | undefined
  #options: ListenerOptions
  #reader: SyslogReader
  #queue: Datagram[] = []
  #queuedBytes = 0
  #working: Promise<void> | undefined
  #received = 0

  constructor(options: ListenerOptions, reader: SyslogReader, ctx: ListenerContext) {
    this.#options = options
    this.#reader = reader
    this.#ctx = ctx
    this.#at = parseListenAddress(options.address)
  }

  get options(): ListenerOptions {
    return this.#options
  }

  get address(): string {
    if (this.#socket === undefined) return ''
    const { address, port } = this.#socket.address()
    return formatAddress(address, port)
  }

  async open(): Promise<void> {
    const { host, port } = this.#at
    try {
      this.#socket = await bind(
        isIPv6(host) || host === '' ? 'udp6' : 'udp4',
        host === '' ? '::' : host,
        port,
      )
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (host !== '' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL'))
        throw listenError(error as NodeJS.ErrnoException, 'udp', this.#at)
      this.#socket = await bind('udp4', '0.0.0.0', port).catch((again: unknown) => {
        throw listenError(again as NodeJS.ErrnoException, 'udp', this.#at)
      })
    }
    this.#socket.setRecvBufferSize(KERNEL_BUFFER_BYTES)
    this.#socket.on('message', (bytes, from) => this.#receive(bytes, from))
    this.#socket.on('error', (error) =>
      this.#ctx.warnings.warn('udp', 'cannot receive', { error: messageOf(error) }),
    )
  }

  async stop(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    for (let turns = 0, before = -1; before !== this.#received && turns < MAX_STOP_TURNS; turns++) {
      before = this.#received
      await turn()
    }
    this.#socket = undefined
    await new Promise<void>((resolve) => socket.close(resolve))
    await this.#working
  }

  change(options: ListenerOptions, reader: SyslogReader): void {
    this.#options = options
    this.#reader = reader
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    this.#received++
    const ip = plainIp(from.address)
    const { udp_queue_size: datagrams, max_message_length: longest } = this.#options
    if (this.#working === undefined) {
      const hostname = this.#ctx.hostnames === undefined ? '' : this.#ctx.hostnames.known(ip)
      if (hostname !== undefined && this.#ctx.lines.room() === undefined)
        return this.#read(bytes, { ip, hostname })
    }
    if (this.#queuedBytes > Math.max(MIN_QUEUE_BYTES, datagrams * longest)) return this.#reader.overflow(ip)
    this.#queue.push({ bytes, ip })
    this.#queuedBytes += bytes.length + OVERHEAD_BYTES
    this.#working ??= this.#work().finally(() => (this.#working = undefined))
  }

  async #work(): Promise<void> {
    const { hostnames, lines } = this.#ctx
    while (this.#queue.length > 0) {
      const queue = this.#queue
      this.#queue = []
      for (const { bytes, ip } of queue) {
        const wait = lines.room()
        if (wait !== undefined) await wait
        const hostname = hostnames === undefined ? '' : (hostnames.known(ip) ?? (await hostnames.of(ip)))
        this.#queuedBytes -= bytes.length + OVERHEAD_BYTES
        this.#read(bytes, { ip, hostname })
      }
    }
  }

  #read(bytes: Buffer, sender: Sender): void {
    const framer = new Framer(this.#reader.framing)
    for (const frame of [...framer.push(bytes), ...framer.end()]) this.#reader.read(frame, sender)
  }
}

async function bind(type: 'udp4' | 'udp6', address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address, port, exclusive: true }, resolve)
    })
  } catch (error) {
    socket.close()
    throw error
  }
  socket.removeAllListeners('error')
  return socket
}
