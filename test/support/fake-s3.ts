/**
 * Stands in for S3 in quick tests: a server on loopback that keeps objects in memory, checks the signature and the hash of
 * each request as AWS describes them (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), and fails on
 * demand. test/services/s3.test.ts runs the same against a real server.
 */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { Signal } from '../../lib/flow/signal.ts'

export const ACCESS_KEY = 'AKIATEST'
export const SECRET_KEY = 'secret/key+1'

export interface S3Request {
  readonly key: string
  readonly method: string
  readonly body: Buffer
  readonly headers: IncomingMessage['headers']
}

export type S3Fault =
  | undefined
  | { readonly status: number; readonly code: string; readonly retryAfter?: string }
  /** No answer, though it is stored. */
  | 'hang'

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
  readonly requests: readonly S3Request[]
  fault: FakeS3Options['fault']
  /** The lines of all objects, gzip or not. */
  lines(): string[]
  /** Resolves when there are so many lines. */
  until(lines: number): Promise<void>
  close(): Promise<void>
}

export async function startFakeS3(options: FakeS3Options = {}): Promise<FakeS3> {
  const objects = new Map<string, Buffer>()
  const requests: S3Request[] = []
  const changes = new Signal()
  const keys = options.keys ?? { [ACCESS_KEY]: SECRET_KEY }
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const [, bucket, ...path] = incoming.url!.split('?')[0]!.split('/').map(decodeURIComponent)
    const request = { key: path.join('/'), method: incoming.method!, body, headers: incoming.headers }
    requests.push(request)
    const fault = faultIn(incoming, body, keys) ?? s3.fault?.(request)
    if (fault !== undefined && fault !== 'hang') return refuse(outgoing, fault)
    if (bucket !== 'logs') return refuse(outgoing, { status: 404, code: 'NoSuchBucket' })
    objects.set(request.key, body)
    changes.notify()
    if (fault === undefined) outgoing.writeHead(200).end()
  }
  const handler = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    void answer(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error))
  const server = options.tls === undefined ? createServer(handler) : createTlsServer(options.tls, handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const s3: FakeS3 = {
    url: `${options.tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    objects,
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

function refuse(
  outgoing: ServerResponse,
  { status, code, retryAfter }: Exclude<S3Fault, undefined | 'hang'>,
): void {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  outgoing.writeHead(status, { 'content-type': 'application/xml', ...headers })
  outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as the test says</Message></Error>`)
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function faultIn(
  { headers, method, url }: IncomingMessage,
  body: Buffer,
  keys: Readonly<Record<string, string>>,
): S3Fault {
  const [, id = '', date = '', region = '', signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? []
  const secret = keys[id]
  if (secret === undefined) return { status: 403, code: 'InvalidAccessKeyId' }
  const hash = String(headers['x-amz-content-sha256'])
  const canonical = [
    method,
    ...url!.split('?').concat('').slice(0, 2),
    ...signed.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    signed,
    hash,
  ].join('\n')
  const scope = `${date}/${region}/s3/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${sha256(canonical)}`
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), 's3'), 'aws4_request')
  if (hmac(key, text).toString('hex') !== signature) return { status: 403, code: 'SignatureDoesNotMatch' }
  return hash === sha256(body) ? undefined : { status: 400, code: 'XAmzContentSHA256Mismatch' }
}
