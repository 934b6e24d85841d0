/** Pushes over gRPC: `logproto.Pusher/Push`, as a distributor of Loki answers it. */
import { messageOf } from '../../errors.ts'
import { decodeProtobufPush } from '../../loki/push-protobuf.ts'
import { startGrpc, type GrpcServer } from '../../net/server/grpc.ts'
import { listenText, type GrpcListener } from '../listener.ts'
import type { LogStore } from '../store.ts'
import { storePush, type PushAnswer, type PushCounts } from './store-push.ts'

/** Where the entries of a push go. */
export interface PushTarget {
  readonly store: LogStore
  readonly counts: PushCounts
}

/** The target of a push, or the HTTP status and message it's refused with; `header` reads the call's metadata. */
export type ChooseTarget = (header: (name: string) => string) => Promise<PushTarget | PushAnswer>

const UNKNOWN = 2
/** By HTTP status, for a push that is refused before it's read: INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE. */
const REFUSALS: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 503: 14 }

/** Loki's limit of a message. */
const MAX_MESSAGE = 4 * 1024 * 1024

const NOTHING = Buffer.alloc(0)

/** Starts listening. Throws as `startGrpc` does. */
export async function startPusher(options: GrpcListener, targetOf: ChooseTarget): Promise<GrpcServer> {
  return await startGrpc({
    listen: listenText(options),
    tls: options.tls,
    maxMessageBytes: MAX_MESSAGE,
    methods: {
      '/logproto.Pusher/Push': async (bytes, header) => {
        const target = await targetOf(header)
        if ('status' in target) return { code: REFUSALS[target.status] ?? UNKNOWN, details: target.message }
        const { status, message } = await push(bytes, options.add_service_name, target)
        // HTTP statuses outside of gRPC's own codes: so does Loki, and so its clients read them.
        return status === 204 ? { message: NOTHING } : { code: status, details: message }
      },
    },
  })
}

async function push(
  bytes: Buffer,
  addServiceName: boolean,
  { store, counts }: PushTarget,
): Promise<PushAnswer> {
  const decoded = decodeProtobufPush(bytes)
  if (!decoded.ok) return { status: 400, message: decoded.error }
  try {
    return await storePush(store, decoded.streams, counts, addServiceName)
  } catch (error) {
    return { status: 500, message: messageOf(error) }
  }
}
