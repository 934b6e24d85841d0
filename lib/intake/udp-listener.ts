/** A UDP port. Senders can't be made to wait, so datagrams queue here; what doesn't fit is dropped and counted. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { formatAddress, listenError, plainIp, type ListenAddress } from './listen.ts'

const KERNEL_BUFFER_BYTES = 1024 * 1024
/** What a queued datagram costs beyond its bytes. */
const OVERHEAD_BYTES = 200
/** Turns of the event loop in which `stop` still takes what the kernel holds. */
const MAX_STOP_TURNS = 1000

export interface UdpOptions {
  /** `undefined`: take the next datagram. Otherwise resolves when it can be taken. */
  readonly room: () => Promise<void> | undefined
  /** Takes a datagram; the next one waits for the promise, if there is one. */
  readonly take: (bytes: Buffer, ip: string) => Promise<void> | void
  /** A datagram that came while too many were waiting is gone. */
  readonly overflow: (ip: string) => void
  readonly maxQueuedBytes: () => number
  readonly failed: (message: string) => void
}

interface Datagram {
  readonly bytes: Buffer
  readonly ip: string
}

export class UdpListener {
  readonly #at: ListenAddress
  readonly #options: UdpOptions
  #socket: Socket | undefined
  #queue: Datagram[] = []
  #queuedBytes = 0
  #working: Promise<void> | undefined
  #received = 0

  constructor(at: ListenAddress, options: UdpOptions) {
    this.#at = at
    this.#options = options
  }

  /** `127.0.0.1:1514`, with the port that the system assigned for 0; '' while it isn't open. */
  get address(): string {
    if (this.#socket === undefined) return ''
    const { address, port } = this.#socket.address()
    return formatAddress(address, port)
  }

  /** Throws LISTEN, naming the address and what to do. */
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
    this.#socket.on('error', (error) => this.#options.failed(messageOf(error)))
  }

  /** Takes what the kernel holds and what is queued, and closes. */
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

  #receive(bytes: Buffer, from: RemoteInfo): void {
    this.#received++
    const ip = plainIp(from.address)
    const { room, take, overflow, maxQueuedBytes } = this.#options
    if (this.#working === undefined && room() === undefined) {
      const taking = take(bytes, ip)
      if (taking instanceof Promise) this.#work(taking)
      return
    }
    if (this.#queuedBytes > maxQueuedBytes()) return overflow(ip)
    this.#queue.push({ bytes, ip })
    this.#queuedBytes += bytes.length + OVERHEAD_BYTES
    if (this.#working === undefined) this.#work(undefined)
  }

  #work(first: Promise<void> | undefined): void {
    this.#working = this.#empty(first).finally(() => (this.#working = undefined))
  }

  async #empty(first: Promise<void> | undefined): Promise<void> {
    await first
    while (this.#queue.length > 0) {
      const queue = this.#queue
      this.#queue = []
      for (const { bytes, ip } of queue) {
        const wait = this.#options.room()
        if (wait !== undefined) await wait
        this.#queuedBytes -= bytes.length + OVERHEAD_BYTES
        const taking = this.#options.take(bytes, ip)
        if (taking instanceof Promise) await taking
      }
    }
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
