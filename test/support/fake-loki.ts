/**
 * Stands in for Loki, which cannot run inside the tests: real HTTP and gRPC servers on loopback that decode pushes
 * and answer as the recorded Loki 3.7.6 does (204 for a good push, texts for errors), with faults on demand.
 */
import {
  Server as GrpcServer,
  ServerCredentials,
  type Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type status,
} from '@grpc/grpc-js'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { uncompressSync } from 'snappy'
import { decodePush } from '../../lib/loki/decode.ts'

/** An entry as it arrived, with the time in nanoseconds as text. */
export interface ArrivedEntry {
  readonly tenant: string
  readonly labels: string
  readonly timestamp: string
  readonly line: string
  readonly metadata: readonly (readonly [string, string])[]
}

/** A push as it arrived, before it is answered. */
export interface ArrivedPush {
  /** Counts all pushes from 1. */
  readonly number: number
  readonly tenant: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly entries: readonly ArrivedEntry[]
  /** Compressed size. */
  readonly bytes: number
}

export type FakeAnswer =
  | number
  | {
      readonly status: number
      readonly body?: string
      readonly delayMs?: number
      readonly headers?: Record<string, string>
    }
  /** The connection is cut without an answer. */
  | 'reset'
  /** No answer until the client gives up or the server closes. */
  | 'hang'

export interface FakeLokiOptions {
  /** How a push is answered; left out: 204. Only entries of pushes that got a 2xx count as arrived. */
  readonly respond?: (push: ArrivedPush) => FakeAnswer | Promise<FakeAnswer>
  /** PEM texts: the server then speaks HTTPS; with `ca` it wants client certificates. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string }
  /** Requests to other paths than /loki/api/v1/push (a token URL, say); left out: 404. */
  readonly other?: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void
  readonly port?: number
}

// Only so that a wait that can never end fails with its own words, before the file's time is over (test/run.ts).
const PATIENCE_MS = 120_000

interface Arrivals {
  readonly all: ArrivedEntry[]
  readonly pushes: ArrivedPush[]
  readonly waiters: Set<() => void>
}

export interface FakeLoki {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string
  /** Where to push: `url` and Loki's push path (the plain address for gRPC). */
  readonly pushUrl: string
  readonly port: number
  /** Entries of all pushes that were answered with a 2xx, in order of arrival; a resend shows twice. */
  entries(): readonly ArrivedEntry[]
  readonly count: number
  /** All pushes, accepted or not. */
  readonly pushes: readonly ArrivedPush[]
  /** Changes the behaviour from the next push on. */
  respond(respond: NonNullable<FakeLokiOptions['respond']>): void
  /** Resolves when at least `n` entries have arrived. */
  waitFor(n: number): Promise<void>
  /** Resolves when the condition holds after a push. */
  waitUntil(condition: () => boolean): Promise<void>
  close(): Promise<void>
}

/** Starts an HTTP (or HTTPS) server that takes pushes on a free port of 127.0.0.1. */
export async function startFakeLoki(options: FakeLokiOptions = {}): Promise<FakeLoki> {
  const arrivals: Arrivals = { all: [], pushes: [], waiters: new Set() }
  let respond = options.respond ?? (() => 204)
  const sockets = new Set<Socket>()
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (request.url !== '/loki/api/v1/push') {
        if (options.other !== undefined) options.other(request, body, response)
        else response.writeHead(404).end('404 page not found\n')
        return
      }
      void answerPush(arrivals, (push) => respond(push), request, body, response)
    })
  }
  const server =
    options.tls === undefined
      ? createServer(handle)
      : createTlsServer({ ...options.tls, requestCert: options.tls.ca !== undefined }, handle)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  return fake(arrivals, url, `${url}/loki/api/v1/push`, port, {
    respond: (next) => {
      respond = next
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
    },
  })
}

/** An answer of the gRPC stand-in: 0 for success, else a code (Loki also uses HTTP statuses) and a text. */
export interface FakeGrpcAnswer {
  readonly code: number
  readonly details?: string
}

/** Starts a gRPC server with `logproto.Pusher/Push`. `respond` gives a code (0 or an error) or `'hang'`. */
export async function startFakeGrpcLoki(
  options: {
    respond?: (push: ArrivedPush) => FakeGrpcAnswer | 'hang'
    tls?: { cert: string; key: string }
  } = {},
): Promise<
  Omit<FakeLoki, 'respond'> & { respond(next: (push: ArrivedPush) => FakeGrpcAnswer | 'hang'): void }
> {
  const arrivals: Arrivals = { all: [], pushes: [], waiters: new Set() }
  let respond = options.respond ?? ((): FakeGrpcAnswer => ({ code: 0 }))
  const server = new GrpcServer()
  const push = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
    const arrived = arrive(arrivals, call.request, metadataHeaders(call.metadata), call.getPath())
    if (typeof arrived === 'string') return done({ code: 400 as status, details: arrived })
    const answer = respond(arrived)
    if (answer !== 'hang') {
      if (answer.code === 0) {
        arrivals.all.push(...arrived.entries)
        done(null, Buffer.alloc(0))
      } else done({ code: answer.code as status, details: answer.details ?? '' })
    }
    wake(arrivals)
  }
  server.addService(
    {
      Push: {
        path: '/logproto.Pusher/Push',
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    { Push: push },
  )
  const credentials =
    options.tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(options.tls.cert), private_key: Buffer.from(options.tls.key) },
        ])
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const url = `${options.tls === undefined ? 'grpc' : 'grpcs'}://127.0.0.1:${port}`
  return fake(arrivals, url, url, port, {
    respond: (next: (push: ArrivedPush) => FakeGrpcAnswer | 'hang') => {
      respond = next
    },
    close: () => {
      server.forceShutdown()
      return Promise.resolve()
    },
  })
}

function fake<R>(
  arrivals: Arrivals,
  url: string,
  pushUrl: string,
  port: number,
  own: { respond: (next: R) => void; close: () => Promise<void> },
): Omit<FakeLoki, 'respond'> & { respond(next: R): void } {
  const waitUntil = (condition: () => boolean): Promise<void> => until(arrivals, condition)
  return {
    url,
    pushUrl,
    port,
    entries: () => arrivals.all,
    get count() {
      return arrivals.all.length
    },
    pushes: arrivals.pushes,
    respond: own.respond,
    waitFor: (n) => waitUntil(() => arrivals.all.length >= n),
    waitUntil,
    close: own.close,
  }
}

async function answerPush(
  arrivals: Arrivals,
  respond: (push: ArrivedPush) => FakeAnswer | Promise<FakeAnswer>,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const push = uncompress(arrivals, request, body)
  if (typeof push === 'string') {
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(`${push}\n`)
    return
  }
  const answer = await respond(push)
  if (answer === 'reset') request.socket.destroy()
  else if (answer !== 'hang') {
    const { status, body: text, delayMs, headers } = typeof answer === 'number' ? { status: answer } : answer
    if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (status >= 200 && status < 300) arrivals.all.push(...push.entries)
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(text)
  }
  wake(arrivals)
}

function uncompress(arrivals: Arrivals, request: IncomingMessage, body: Buffer): ArrivedPush | string {
  let raw: Buffer
  try {
    raw = uncompressSync(body) as Buffer
  } catch {
    return 'snappy: corrupt input'
  }
  return arrive(arrivals, raw, request.headers, request.url ?? '', body.length)
}

function arrive(
  arrivals: Arrivals,
  raw: Buffer,
  headers: IncomingHttpHeaders,
  path: string,
  bytes = raw.length,
): ArrivedPush | string {
  const decoded = decodePush(raw)
  if (!decoded.ok) return decoded.error
  const tenant = String(headers['x-scope-orgid'] ?? '')
  const entries = decoded.streams.flatMap(({ labels, entries: of }) =>
    of.map(({ seconds, nanos, line, structuredMetadata }) => ({
      tenant,
      labels,
      timestamp: String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
      line,
      metadata: structuredMetadata,
    })),
  )
  const push: ArrivedPush = { number: arrivals.pushes.length + 1, tenant, path, headers, entries, bytes }
  arrivals.pushes.push(push)
  return push
}

function metadataHeaders(metadata: Metadata): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  for (const [name, value] of Object.entries(metadata.getMap())) headers[name] = String(value)
  return headers
}

function wake(arrivals: Arrivals): void {
  for (const waiter of [...arrivals.waiters]) waiter()
}

function until(arrivals: Arrivals, condition: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (!condition()) return
      end()
      resolve()
    }
    const timer = setTimeout(() => {
      end()
      reject(
        new Error(
          `fake Loki: waited ${PATIENCE_MS / 1000} s in vain: ${arrivals.all.length} entries in ${arrivals.pushes.length} pushes`,
        ),
      )
    }, PATIENCE_MS)
    // The server keeps the process alive while a push can still come.
    timer.unref()
    const end = (): void => {
      clearTimeout(timer)
      arrivals.waiters.delete(check)
    }
    arrivals.waiters.add(check)
    check()
  })
}
