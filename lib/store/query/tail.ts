/** `/loki/api/v1/tail` and `/api/prom/tail`: lines over a WebSocket as they come, after some that were stored before. */
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Timer } from '../../flow/clock.ts'
import { messageOf } from '../../errors.ts'
import { text, type Request, type Route } from '../../net/server/router.ts'
import type { Expression } from '../../logql/syntax/ast.ts'
import { defaultLimits } from '../../logql/engine/budget.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { countParameter, encodingFlags, timeParameter } from '../../logql/api/params.ts'
import { parseExpression } from '../../logql/syntax/parse.ts'
import type { Logger } from '../../telemetry/log.ts'
import { queryErrorText } from './answers.ts'
import { legacyTailMessage } from './legacy.ts'
import { TailSession, type TailRequest, type TailStore } from './tail-session.ts'

export interface TailOptions extends TailStore {
  readonly log: Logger
  /** Clients at once; Loki's default is 10. */
  readonly most?: number
}

const SECOND = 1_000_000_000n
const PING_MS = 1000
/** The address of Loki before 1.0. */
const LEGACY_PATH = '/api/prom/tail'
const PATHS = ['/loki/api/v1/tail', LEGACY_PATH]
/** How long a client may take to answer a close. */
const CLOSE_MS = 2000
/** Clients have little to say to a server that only tells. */
const MAX_PAYLOAD = 64 * 1024

type Asked =
  | {
      readonly ok: true
      readonly expression: Expression
      readonly request: Omit<TailRequest, 'expression'>
    }
  | { readonly ok: false; readonly message: string }

/** The clients that tail, and the address that they come to. */
export class Tails {
  readonly #options: TailOptions
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, clientTracking: false })
  readonly #sockets = new Set<WebSocket>()

  constructor(options: TailOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Answer those who come without a WebSocket. */
  get routes(): Route[] {
    return PATHS.map((path) => ({
      methods: ['GET'],
      path,
      handle: ({ query }) => {
        const asked = this.#read(query, undefined)
        return text(
          400,
          asked.ok
            ? 'this address is for WebSockets: expected the headers Connection: Upgrade and Upgrade: websocket'
            : asked.message,
        )
      },
    }))
  }

  /** Takes over the socket of a request that asks for an upgrade. */
  upgrade({ path, headers, query, raw }: Request, socket: Duplex, head: Buffer): void {
    if (!PATHS.includes(path)) return void socket.destroy()
    const flags = headers['x-loki-response-encoding-flags']
    const asked = this.#read(query, typeof flags === 'string' ? flags : undefined)
    if (!asked.ok) return refuse(socket, '400 Bad Request', asked.message)
    if (this.#sockets.size >= (this.#options.most ?? 10))
      return refuse(socket, '429 Too Many Requests', 'too many clients tail already')
    this.#server.handleUpgrade(raw, socket, head, (client) => {
      client.on('error', () => client.terminate())
      const { expression } = asked
      const told = path === LEGACY_PATH ? legacyTailMessage : (message: string) => message
      if (expression.kind === 'log') this.#serve(client, { ...asked.request, expression }, told)
      else close(client, 1011, 'only log selector is supported')
    })
  }

  /** Cuts every client off; a server waits for its connections when it closes. */
  close(): void {
    for (const socket of this.#sockets) {
      socket.close(1001, 'the server is stopping')
      socket.terminate()
    }
  }

  #serve(socket: WebSocket, request: TailRequest, told: (message: string) => string): void {
    const session = new TailSession(request, this.#options, {
      get waiting() {
        return socket.bufferedAmount
      },
      send: (message) => socket.send(told(message)),
      close: (code, reason) => close(socket, code, reason),
    })
    this.#sockets.add(socket)
    let ping = this.#ping(socket, (next) => (ping = next))
    socket.on('close', () => {
      this.#sockets.delete(socket)
      ping.cancel()
      session.close()
    })
    session.begin().catch((error: unknown) => {
      if (error instanceof LogqlError) return close(socket, 1011, error.message)
      this.#options.log.error('a tail failed', { error: messageOf(error) })
      close(socket, 1011, 'internal error: see the log')
    })
  }

  #ping(socket: WebSocket, planned: (timer: Timer) => void): Timer {
    return this.#options.clock.after(PING_MS, () => {
      if (socket.readyState !== socket.OPEN) return
      socket.ping()
      planned(this.#ping(socket, planned))
    })
  }

  #read(values: URLSearchParams, flags: string | undefined): Asked {
    const query = values.get('query') ?? ''
    const now = BigInt(this.#options.clock.now()) * 1_000_000n
    try {
      const expression = parseExpression(query)
      const request = {
        start: timeParameter(values, 'start', now - 3600n * SECOND),
        limit: Math.min(countParameter(values, 'limit', 100), defaultLimits.maxLines),
        delayMs: delayOf(values) * 1000,
        flags: encodingFlags(flags),
      }
      return { ok: true, expression, request }
    } catch (error) {
      if (!(error instanceof LogqlError)) throw error
      return { ok: false, message: queryErrorText(query, error) }
    }
  }
}

function delayOf(values: URLSearchParams): number {
  const text = values.get('delay_for') ?? ''
  if (!/^[0-5]?$/.test(text))
    throw new LogqlError(`delay_for must be 0 to 5 seconds, found ${JSON.stringify(text)}`)
  return Number(text)
}

function close(socket: WebSocket, code: number, reason: string): void {
  // A frame of control holds 125 bytes, two of them the code.
  socket.close(code, Buffer.from(reason).subarray(0, 123))
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

function refuse(socket: Duplex, status: string, message: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`,
  )
}
