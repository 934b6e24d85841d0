/** `/loki/api/v1/tail`: lines over a WebSocket as they come, after some that were here before. */
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../flow/clock.ts'
import { messageOf } from '../../errors.ts'
import { text, type Request, type Route } from '../../net/server/router.ts'
import type { Expression } from '../../logql/syntax/ast.ts'
import { defaultLimits } from '../../logql/engine/budget.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { countParameter, encodingFlags, timeParameter } from '../../logql/api/params.ts'
import { parseExpression } from '../../logql/syntax/parse.ts'
import type { Querier } from '../../logql/engine/querier.ts'
import type { Logger } from '../../telemetry/log.ts'
import { queryErrorText } from './answers.ts'
import type { Arrivals } from './arrivals.ts'
import { TailSession, type TailRequest } from './tail-session.ts'
import { handshakeProblem, WebSocketClient } from './websocket.ts'

export interface TailOptions {
  readonly querier: Querier
  readonly arrivals: Arrivals
  readonly clock: Clock
  readonly log: Logger
  /** Clients at once; Loki's default is 10. */
  readonly most?: number
}

const SECOND = 1_000_000_000n
const INTERVAL_MS = 1000

/** The clients that tail, and the address where they come in. */
export class Tails {
  readonly #options: TailOptions
  readonly #clients = new Map<WebSocketClient, { timer: Timer | undefined }>()

  constructor(options: TailOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#clients.size
  }

  /** Answers those who come without a WebSocket. */
  get route(): Route {
    return {
      methods: ['GET'],
      path: '/loki/api/v1/tail',
      handle: ({ query, headers }) => {
        const asked = this.#read(query, undefined)
        return text(
          400,
          asked.ok ? (handshakeProblem(headers) ?? 'upgrades are not answered here') : asked.message,
        )
      },
    }
  }

  /** Takes over the socket of a request that asks for an upgrade. */
  upgrade(request: Request, socket: Duplex, head: Buffer): void {
    const { headers, query } = request
    const problem = handshakeProblem(headers)
    if (problem !== undefined) return refuse(socket, '400 Bad Request', problem)
    const flags = headers['x-loki-response-encoding-flags']
    const asked = this.#read(query, typeof flags === 'string' ? flags : undefined)
    if (!asked.ok) return refuse(socket, '400 Bad Request', asked.message)
    if (this.#clients.size >= (this.#options.most ?? 10))
      return refuse(socket, '429 Too Many Requests', 'too many clients tail already')
    const client = new WebSocketClient(socket, headers, head, () => {
      this.#clients.get(client)?.timer?.cancel()
      this.#clients.delete(client)
    })
    if (asked.expression.kind !== 'log') return client.close(1011, 'only log selector is supported')
    this.#clients.set(client, { timer: undefined })
    const session = new TailSession({ ...asked.request, expression: asked.expression }, this.#options, client)
    void this.#keep(client, () => session.begin()).then(() => this.#plan(client, session))
  }

  /** Cuts everybody off; a server waits for its connections when it closes. */
  close(): void {
    for (const client of this.#clients.keys()) {
      client.close(1001, 'the server is stopping')
      client.destroy()
    }
  }

  #plan(client: WebSocketClient, session: TailSession): void {
    const entry = this.#clients.get(client)
    if (entry === undefined || !client.open) return
    entry.timer = this.#options.clock.after(INTERVAL_MS, () => {
      client.ping()
      void this.#keep(client, () => session.next()).then(() => this.#plan(client, session))
    })
  }

  // Never rejects: what fails ends the tail, and says so where it is the query that fails.
  async #keep(client: WebSocketClient, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (error instanceof LogqlError) return client.close(1011, error.message)
      this.#options.log.error('a tail failed', { error: messageOf(error) })
      client.close(1011, 'internal error: see the log')
    }
  }

  #read(
    values: URLSearchParams,
    flags: string | undefined,
  ):
    | {
        readonly ok: true
        readonly expression: Expression
        readonly request: Omit<TailRequest, 'expression'>
      }
    | { readonly ok: false; readonly message: string } {
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

function refuse(socket: Duplex, status: string, message: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`,
  )
}
