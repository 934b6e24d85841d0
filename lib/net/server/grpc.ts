/** A gRPC server of unary methods. Messages are bytes here; what serves a method reads and writes their protobuf. */
import {
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type sendUnaryData,
  type ServerInterceptor,
  type ServerUnaryCall,
  type status as Code,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { ServerTls } from './tls-fields.ts'
import { tlsOptions } from './tls.ts'

/** What a method answers: a message, or a code with its reason and what else the status carries. */
export type GrpcAnswer =
  | { readonly message: Buffer }
  | { readonly code: number; readonly details: string; readonly status?: Buffer }

/** `header` returns a value of the call's metadata, '' without one. */
export type GrpcMethod = (request: Buffer, header: (name: string) => string) => Promise<GrpcAnswer>

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string
  readonly tls?: ServerTls
  /** Larger messages are refused with RESOURCE_EXHAUSTED, packed or unpacked. */
  readonly maxMessageBytes: number
  /** Calls of one connection at a time; gRPC's own default if left out. */
  readonly maxStreams?: number
  /** Milliseconds after which connections end; left out or 0: never. */
  readonly connections?: { readonly idleMs?: number; readonly ageMs?: number; readonly graceMs?: number }
  /** By path: `/logproto.Pusher/Push`. */
  readonly methods: Readonly<Record<string, GrpcMethod>>
}

export interface GrpcServer {
  /** `host:port` that it listens on. */
  readonly address: string
  /** Takes no more calls and waits for those under way, then cuts them off after `graceMs`. */
  close(graceMs?: number): Promise<void>
}

const GRACE_MS = 2000

/** Messages that are arriving hold this at most, all connections together; calls beyond it are put off. */
const MAX_ARRIVING_BYTES = 128 * 1024 * 1024

const UNAVAILABLE = 14
const INTERNAL = 13

/** The metadata that holds a `google.rpc.Status` with more than code and reason. */
const STATUS_DETAILS = 'grpc-status-details-bin'

/** Starts listening. Throws LISTEN when the address cannot be had, and what `tlsOptions` throws. */
export async function startGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const { listen, tls, maxMessageBytes, maxStreams, connections = {}, methods } = options
  const credentials = credentialsOf(tls)
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    interceptors: [admission(Math.max(1, Math.floor(MAX_ARRIVING_BYTES / maxMessageBytes)))],
    ...(maxStreams === undefined ? {} : { 'grpc.max_concurrent_streams': maxStreams }),
    ...milliseconds('grpc.max_connection_idle_ms', connections.idleMs),
    ...milliseconds('grpc.max_connection_age_ms', connections.ageMs),
    ...milliseconds('grpc.max_connection_age_grace_ms', connections.graceMs),
  })
  for (const [path, method] of Object.entries(methods)) addMethod(server, path, method)
  const host = listen.slice(0, listen.lastIndexOf(':'))
  const port = await bind(server, listen, credentials)
  return { address: `${host}:${port}`, close: (graceMs = GRACE_MS) => close(server, graceMs) }
}

// The library takes any number of messages at once; how large one is isn't known before it has come.
function admission(most: number): ServerInterceptor {
  let arriving = 0
  return (_method, call) => {
    let counted = false
    const arrived = (): void => {
      if (counted) arriving--
      counted = false
    }
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, take) => {
            if (arriving >= most)
              return call.sendStatus({ code: UNAVAILABLE, details: 'too many messages at once: try again' })
            arriving++
            counted = true
            take(metadata)
          },
          onReceiveMessage: (message, take) => {
            arrived()
            take(message)
          },
          onCancel: arrived,
        })
      },
      sendStatus: (status, next) => {
        arrived()
        next(status)
      },
    })
  }
}

// gRPC counts in 32 bits; Go's "never" is far beyond.
function milliseconds(name: string, ms: number | undefined): Record<string, number> {
  return ms === undefined || ms === 0 || ms > 0x7fffffff ? {} : { [name]: ms }
}

function addMethod(server: Server, path: string, method: GrpcMethod): void {
  const same = (bytes: Buffer): Buffer => bytes
  const handle = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
    const header = (name: string): string => String(call.metadata.get(name)[0] ?? '')
    method(call.request, header)
      .catch((error: unknown): GrpcAnswer => ({ code: INTERNAL, details: messageOf(error) }))
      .then(
        (given) => {
          if ('message' in given) return answer(null, given.message)
          const metadata = new Metadata()
          if (given.status !== undefined) metadata.set(STATUS_DETAILS, given.status)
          answer({ code: given.code as Code, details: given.details, metadata })
        },
        () => undefined,
      )
  }
  server.addService(
    {
      method: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    { method: handle as UntypedHandleCall },
  )
}

function credentialsOf(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const { cert, key, ca } = tlsOptions(tls) as { cert: string; key: string; ca?: string }
  return ServerCredentials.createSsl(
    ca === undefined ? null : Buffer.from(ca),
    [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }],
    tls.client_auth_type === 'RequireAndVerifyClientCert',
  )
}

async function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port)
      else
        reject(
          new LogstreamError(
            'LISTEN',
            `cannot listen for gRPC on ${address}: ${error.message}. See who has the port with: ss -ltnp, or choose another one`,
            { cause: error, option: 'grpc' },
          ),
        )
    })
  })
}

async function close(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), graceMs)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(timer)
}
