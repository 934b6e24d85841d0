/** Pushes over gRPC: `logproto.Pusher/Push`, as a distributor of Loki answers it. */
import { messageOf } from '../../errors.ts'
import { decodeProtobufPush } from '../../loki/push-protobuf.ts'
import { startGrpc, type GrpcServer } from '../../net/server/grpc.ts'
import { listenText, type GrpcListener } from '../listener.ts'
import type { LogStore } from '../store.ts'
import { storePush, type PushAnswer, type PushCounts } from './store-push.ts'

/** Loki's limit of a message. */
const MAX_MESSAGE = 4 * 1024 * 1024

const NOTHING = Buffer.alloc(0)

/** Starts listening. Throws as `startGrpc` does. */
export async function startPusher(
  options: GrpcListener,
  store: LogStore,
  counts: PushCounts,
): Promise<GrpcServer> {
  return await startGrpc({
    listen: listenText(options),
    tls: options.tls,
    maxMessageBytes: MAX_MESSAGE,
    methods: {
      '/logproto.Pusher/Push': async (bytes) => {
        const { status, message } = await push(bytes, options.add_service_name, store, counts)
        // HTTP statuses outside of gRPC's own codes: so does Loki, and so its clients read them.
        return status === 204 ? { message: NOTHING } : { code: status, details: message }
      },
    },
  })
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
