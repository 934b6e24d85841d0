/**
 * Stands in for S3 in quick tests: a server on loopback that keeps objects in memory, checks the signature and the hash of
 * each request, and fails on demand. test/services/s3.test.ts and s3-bucket.test.ts run the same against a real server.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { Signal } from '../../lib/flow/signal.ts'
import { error, S3Objects, type ObjectsAnswer } from './s3-objects.ts'
import { signatureFault } from './s3-signature.ts'

export const ACCESS_KEY = 'AKIATEST'
export const SECRET_KEY = 'secret/key+1'

export interface S3Request {
  readonly key: string
  readonly method: string
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly headers: IncomingMessage['headers']
}

export type S3Fault =
  | undefined
  /** Not carried out, unless `stored`. */
  | {
      readonly status: number
      readonly code: string
      readonly retryAfter?: string
      readonly stored?: boolean
    }
  /** No answer, though it is carried out. */
  | 'hang'
  /** Carried out; the connection ends, or nothing more comes, after so many bytes of the answer's body. */
  | { readonly cutAt: number }
  | { readonly stallAt: number }
  /** The body comes in pieces, with so many milliseconds before each. */
  | { readonly pieces: number; readonly pauseMs: number }
  /** Carried out; the connection is closed after the answer, which says so. */
  | 'close'
  /** Not carried out; the answer's body, with status 200. */
  | { readonly answer: string }

export interface FakeS3Options {
  /** How a request fails; `undefined`: it doesn't. */
  readonly fault?: (request: S3Request) => S3Fault
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Secrets by access key. */
  readonly keys?: Readonly<Record<string, string>>
}

export interface FakeS3 {
  readonly url: string
  /** Objects of the bucket `logs`, by key. */
  readonly objects: Map<string, Buffer>
  /** Unfinished ones, by name. */
  readonly uploads: ReadonlyMap<string, unknown>
  readonly requests: readonly S3Request[]
  fault: FakeS3Options['fault']
  /** The lines of all objects, gzip or not. */
  lines(): string[]
  /** Resolves when there are so many lines. */
  until(lines: number): Promise<void>
  close(): Promise<void>
}

export async function startFakeS3(options: FakeS3Options = {}): Promise<FakeS3> {
  const held = new S3Objects()
  const { objects } = held
  const requests: S3Request[] = []
  const changes = new Signal()
  const keys = options.keys ?? { [ACCESS_KEY]: SECRET_KEY }
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const [path = '', search] = incoming.url!.split('?')
    const [, bucket, ...parts] = path.split('/').map(decodeURIComponent)
    const { method = '', headers } = incoming
    const request = { key: parts.join('/'), method, query: new URLSearchParams(search), body, headers }
    requests.push(request)
    const unsigned = signatureFault(incoming, body, keys)
    if (unsigned !== undefined) return send(outgoing, error(unsigned.status, unsigned.code))
    if (bucket !== 'logs') return send(outgoing, error(404, 'NoSuchBucket'))
    const fault = s3.fault?.(request)
    if (typeof fault === 'object' && 'answer' in fault)
      return send(outgoing, { status: 200, body: fault.answer })
    const refused = typeof fault === 'object' && 'status' in fault ? fault : undefined
    const done = refused === undefined || refused.stored === true ? held.answer(request) : { status: 0 }
    changes.notify()
    if (refused === undefined) return await spoil(outgoing, done, fault)
    const { retryAfter } = refused
    const { headers: plain = {}, ...rest } = error(refused.status, refused.code)
    send(outgoing, {
      ...rest,
      headers: { ...plain, ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) },
    })
  }
  const handler = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    void answer(incoming, outgoing).catch((failure: unknown) => outgoing.destroy(failure as Error))
  const server = options.tls === undefined ? createServer(handler) : createTlsServer(options.tls, handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const s3: FakeS3 = {
    url: `${options.tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    objects,
    uploads: held.uploads,
    requests,
    fault: options.fault,
    lines: () =>
      [...objects]
        .flatMap(([key, body]) => (key.endsWith('.gz') ? gunzipSync(body) : body).toString().split('\n'))
        .filter((line) => line !== ''),
    until: (lines) => changes.until(() => s3.lines().length >= lines),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return s3
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: ObjectsAnswer): void {
  const bytes = Buffer.from(body)
  outgoing.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'content-length': bytes.length }) })
  outgoing.end(bytes)
}

async function spoil(outgoing: ServerResponse, answer: ObjectsAnswer, fault: S3Fault): Promise<void> {
  if (fault === undefined) return send(outgoing, answer)
  if (fault === 'hang') return
  if (fault === 'close')
    return send(outgoing, { ...answer, headers: { ...answer.headers, connection: 'close' } })
  const body = Buffer.from(answer.body ?? '')
  outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
  if ('cutAt' in fault) return void outgoing.write(body.subarray(0, fault.cutAt), () => outgoing.destroy())
  if ('stallAt' in fault) return void outgoing.write(body.subarray(0, fault.stallAt))
  if (!('pieces' in fault)) return
  const { pieces, pauseMs } = fault
  const length = Math.ceil(body.length / pieces)
  for (let start = 0; start < body.length && !outgoing.destroyed; start += length) {
    await sleep(pauseMs)
    outgoing.write(body.subarray(start, start + length))
  }
  outgoing.end()
}
