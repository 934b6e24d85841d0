/** The ways into `loki.source.api`: HTTP routes and gRPC methods, each with what it decodes and how it answers. */
import type { IncomingHttpHeaders } from 'node:http'
import { decodeBody } from '../../loki/body.ts'
import { decodeProtobufPush } from '../../loki/push-protobuf.ts'
import { pushAnswer } from '../../loki/push-answer.ts'
import type { Decoded, PushResult } from '../../loki/push-receiver.ts'
import { decodeLokiPush, mediaType, NO_MEDIA_TYPE } from '../../loki/push-request.ts'
import type { PushWays } from '../../loki/push-source.ts'
import type { GrpcAnswer, GrpcMethod } from '../../net/server/grpc.ts'
import type { Route } from '../../net/server/router.ts'
import type { EntryMaker } from './push-entries.ts'

type Decode = (unpacked: Buffer, headers: IncomingHttpHeaders) => Promise<Decoded>

export function apiRoutes({ receiver, maker, maxBytes }: PushWays<EntryMaker>): Route[] {
  const post = (path: string, decode: Decode): Route => ({
    methods: ['POST'],
    path,
    handle: async (request) => {
      const { headers } = request
      const result = await receiver.receive(request, async (packed) => {
        const unpacked = await decodeBody(packed, headers['content-encoding'] ?? '', maxBytes)
        return unpacked.ok ? await decode(unpacked.bytes, headers) : unpacked
      })
      return pushAnswer(result)
    },
  })
  const push: Decode = async (bytes, headers) => {
    const type = mediaType(headers)
    if (type === undefined) return { ok: false, status: 400, message: NO_MEDIA_TYPE }
    let error: string | undefined
    const decoded = await decodeLokiPush(bytes, type, maxBytes, (bad) => (error ??= bad))
    if (!decoded.ok) return decoded
    const tenant = String(headers['x-scope-orgid'] ?? '')
    return { ok: true, push: maker().ofStreams(decoded.streams, tenant), error: partly(error) }
  }
  const raw: Decode = (bytes) => Promise.resolve({ ok: true, push: maker().ofLines(bytes.toString('utf8')) })
  return [
    ...['/loki/api/v1/push', '/api/v1/push'].map((path) => post(path, push)),
    ...['/loki/api/v1/raw', '/api/v1/raw'].map((path) => post(path, raw)),
    { methods: ['GET'], path: '/ready', handle: () => ({ status: 200, body: 'ready' }) },
  ]
}

/** `logproto.Pusher/Push`, as a distributor of Loki has it. */
export function apiMethods({ receiver, maker }: PushWays<EntryMaker>): Record<string, GrpcMethod> {
  return {
    '/logproto.Pusher/Push': async (message, header) =>
      grpcAnswer(
        await receiver.receiveMessage(message, (bytes) => {
          let error: string | undefined
          const decoded = decodeProtobufPush(bytes, (bad) => (error ??= bad))
          if (!decoded.ok) return Promise.resolve({ ok: false, status: 400, message: decoded.error })
          const push = maker().ofStreams(decoded.streams, header('x-scope-orgid'))
          return Promise.resolve({ ok: true, push, error: partly(error) })
        }),
      ),
  }
}

function partly(error: string | undefined): string | undefined {
  return error === undefined ? undefined : `${error}; streams with readable labels were taken`
}

function grpcAnswer(result: PushResult): GrpcAnswer {
  const { status, body } = pushAnswer(result)
  // HTTP statuses outside of gRPC's own codes: so does Loki, and so its clients read them.
  return status === 204 ? { message: NOTHING } : { code: status, details: String(body).trimEnd() }
}

const NOTHING = Buffer.alloc(0)
