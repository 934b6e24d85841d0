/** Pushes over gRPC: `logproto.Pusher/Push`, as a distributor of Loki answers it. */
import {
  Server,
  ServerCredentials,
  type status as Code,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { LogstreamError, messageOf } from '../../errors.ts'
import { tlsOptions } from '../../net/server/tls.ts'
import { listenText, type GrpcListener } from '../listener.ts'
import type { LogStore } from '../store.ts'
import { decodeProtobufPush } from '../../loki/push-protobuf.ts'
import { storePush, type PushAnswer, type PushCounts } from './store-push.ts'

export interface GrpcServer {
  /** `host:port` that it listens on. */
  readonly address: string
  close(): Promise<void>
}

/** Loki's limit of a message. */
const MAX_MESSAGE = 4 * 1024 * 1024

const NOTHING = Buffer.alloc(0)

const SERVICE: ServiceDefinition = {
  Push: {
    path: '/logproto.Pusher/Push',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
}

/** Starts listening. Throws LISTEN when the address cannot be had, and what `tlsOptions` throws. */
export async function startGrpc(
  options: GrpcListener,
  store: LogStore,
  counts: PushCounts,
): Promise<GrpcServer> {
  const credentials = credentialsOf(options)
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE })
  server.addService(SERVICE, {
    Push: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      void push(call.request, options.add_service_name, store, counts).then(({ status, message }) => {
        if (status === 204) answer(null, NOTHING)
        // HTTP statuses outside of gRPC's own codes: so does Loki, and so its clients read them.
        else answer({ code: status as Code, details: message })
      })
    },
  })
  const port = await bind(server, listenText(options), credentials)
  return {
    address: listenText({ ...options, listen_port: port }),
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  }
}

async function push(
  bytes: Buffer,
  addServiceName: boolean,
  store: LogStore,
  counts: PushCounts,
): Promise<PushAnswer> {
  const decoded = decodeProtobufPush(bytes)
  if (!decoded.ok) return { status: 400, message: decoded.error }
  try {
    return await storePush(store, decoded.streams, counts, addServiceName)
  } catch (error) {
    return { status: 500, message: messageOf(error) }
  }
}

function credentialsOf({ tls }: GrpcListener): ServerCredentials {
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
