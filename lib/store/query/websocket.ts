/** The server's side of WebSockets (RFC 6455), as far as telling a client something over time needs it. */
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { FrameReader, OPCODE, writeFrame } from './frames.ts'

/** What every server appends to the client's key (RFC 6455, section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** How long a client may take to answer a close, in milliseconds. */
const CLOSE_MS = 2000

/** Why a request is no WebSocket handshake; `undefined` when it is one. */
export function handshakeProblem(headers: IncomingHttpHeaders): string | undefined {
  const has = (value: string | undefined, token: string): boolean =>
    (value ?? '').split(',').some((each) => each.trim().toLowerCase() === token)
  if (!has(headers.connection, 'upgrade') || !has(headers.upgrade, 'websocket'))
    return 'this address is for WebSockets: expected the headers Connection: Upgrade and Upgrade: websocket'
  if (headers['sec-websocket-version'] !== '13')
    return `expected Sec-WebSocket-Version 13, found ${headers['sec-websocket-version'] ?? 'none'}`
  const key = headers['sec-websocket-key'] ?? ''
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return 'expected Sec-WebSocket-Key to be 16 bytes in base64'
  return undefined
}

/** One client. What it says is not read but for closes and pings. */
export class WebSocketClient {
  readonly #socket: Duplex
  readonly #reader = new FrameReader()
  readonly #gone: () => void
  #closing = false
  #ended = false

  /** Answers a handshake that has no problem; `gone` is called once, when the client has left. */
  constructor(socket: Duplex, headers: IncomingHttpHeaders, head: Buffer, gone: () => void) {
    this.#socket = socket
    this.#gone = gone
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('end', () => this.#end())
    socket.on('close', () => this.#end())
    if (head.length > 0) this.#read(head)
  }

  /** Whether messages still go out. */
  get open(): boolean {
    return !this.#closing && !this.#ended
  }

  /** Bytes that the client has not taken yet. */
  get waiting(): number {
    return this.#socket.writableLength
  }

  send(text: string): void {
    if (this.open) this.#socket.write(writeFrame(OPCODE.text, Buffer.from(text)))
  }

  ping(): void {
    if (this.open) this.#socket.write(writeFrame(OPCODE.ping, Buffer.alloc(0)))
  }

  /** Says goodbye; a client that does not answer is cut off. Codes are those of RFC 6455, section 7.4. */
  close(code: number, reason: string): void {
    if (!this.open) return
    this.#closing = true
    const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
    this.#socket.write(writeFrame(OPCODE.close, payload.subarray(0, 125)))
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_MS)
    timer.unref()
    this.#socket.once('close', () => clearTimeout(timer))
  }

  /** Cuts the client off. */
  destroy(): void {
    this.#socket.destroy()
    this.#end()
  }

  #read(chunk: Buffer): void {
    const frames = this.#reader.read(chunk)
    if (frames === undefined) {
      this.close(1002, 'protocol error')
      this.#socket.end()
      return
    }
    for (const { opcode, payload } of frames) {
      if (opcode === OPCODE.ping && this.open) this.#socket.write(writeFrame(OPCODE.pong, payload))
      if (opcode !== OPCODE.close) continue
      // The answer to a close is the same close (section 5.5.1).
      if (!this.#closing) this.#socket.write(writeFrame(OPCODE.close, payload.subarray(0, 2)))
      this.#closing = true
      this.#socket.end()
      return
    }
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#socket.end()
    this.#gone()
  }
}
