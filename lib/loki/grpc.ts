/** Pushes over gRPC: `logproto.Pusher/Push`. Loki answers with gRPC codes, or with HTTP statuses as codes. */
import { ChannelCredentials, Client, Metadata, status as Code, type ServiceError } from '@grpc/grpc-js'
import { messageOf } from '../errors.ts'
import type { Secret } from '../alloy/value.ts'
import type { Authorizer } from '../net/client/auth.ts'
import type { Answer } from '../delivery/destination.ts'
import type { TlsSettings } from '../net/client/tls.ts'
import type { Transport } from './transport.ts'
import { VERSION } from '../version.ts'
import { snappy } from './snappy.ts'

export interface GrpcOptions {
  /** `grpc://` or `grpcs://`. */
  readonly url: URL
  readonly tls: TlsSettings
  readonly authorizer: Authorizer
  /** Milliseconds for a push as a whole. */
  readonly timeout: number
  readonly headers: ReadonlyMap<string, string>
  readonly secretHeaders: ReadonlyMap<string, readonly Secret[]>
  readonly proxyFromEnvironment: boolean
}

const METHOD = '/logproto.Pusher/Push'
const DEFAULT_PORT = '9095'

export function grpcTransport(options: GrpcOptions): Transport {
  const { url, tls } = options
  const client = new Client(
    `${url.hostname}:${url.port === '' ? DEFAULT_PORT : url.port}`,
    credentials(options),
    {
      'grpc.primary_user_agent': `logstream/${VERSION}`,
      'grpc.max_send_message_length': -1,
      'grpc.enable_http_proxy': options.proxyFromEnvironment ? 1 : 0,
      // gRPC's own back-off between connection attempts must not outlast ours.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      ...(tls.servername === undefined
        ? {}
        : { 'grpc.ssl_target_name_override': tls.servername, 'grpc.default_authority': tls.servername }),
    },
  )
  return {
    push: async (body, tenant, signal) => {
      try {
        const metadata = await metadataFor(options, tenant)
        return await call(client, snappy.uncompress(body), metadata, options.timeout, signal)
      } catch (error) {
        return { status: 0, reason: messageOf(error) }
      }
    },
    close: async () => {
      client.close()
      await options.authorizer.close()
    },
  }
}

function credentials({ url, tls }: GrpcOptions): ChannelCredentials {
  if (url.protocol === 'grpc:') return ChannelCredentials.createInsecure()
  const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text))
  return ChannelCredentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert), {
    rejectUnauthorized: tls.rejectUnauthorized,
  })
}

async function metadataFor(options: GrpcOptions, tenant: string): Promise<Metadata> {
  const metadata = new Metadata()
  for (const [name, value] of options.headers) metadata.set(name, value)
  for (const [name, values] of options.secretHeaders) for (const { text } of values) metadata.add(name, text)
  const authorization = await options.authorizer.header()
  if (authorization !== undefined) metadata.set('authorization', authorization)
  if (tenant !== '') metadata.set('x-scope-orgid', tenant)
  return metadata
}

function call(
  client: Client,
  request: Buffer,
  metadata: Metadata,
  timeout: number,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const cancel = (): void => push.cancel()
    const push = client.makeUnaryRequest(
      METHOD,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      request,
      metadata,
      { deadline: Date.now() + timeout },
      (error) => {
        signal.removeEventListener('abort', cancel)
        resolve(error === null ? { status: 200, reason: '' } : answerOf(error))
      },
    )
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
  })
}

/** The HTTP answer that a gRPC error means. */
export function answerOf(error: Pick<ServiceError, 'code' | 'details'>): Answer {
  const { code, details: reason } = error
  if (code >= 400) return { status: code, reason }
  switch (code) {
    case Code.INVALID_ARGUMENT:
      return { status: 400, reason }
    case Code.UNAUTHENTICATED:
      return { status: 401, reason }
    case Code.PERMISSION_DENIED:
      return { status: 403, reason }
    case Code.UNIMPLEMENTED:
    case Code.NOT_FOUND:
      return { status: 404, reason }
    case Code.RESOURCE_EXHAUSTED:
      // A message beyond the server's limit and a proxy's rate limit both have this code.
      return { status: /larger than max|too large|max message size/i.test(reason) ? 413 : 429, reason }
    case Code.UNKNOWN:
      return { status: reason.includes('no org id') ? 401 : 500, reason }
    default:
      return { status: 0, reason: `gRPC code ${code}: ${reason}` }
  }
}
