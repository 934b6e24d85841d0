/** The HTTP routes that take logs: Loki's push API and OpenTelemetry's. */
import { text, type Answer, type Handler, type Request, type Route } from '../../net/server/router.ts'
import type { LogStore } from '../store.ts'
import type { ByteBudget } from '../../intake/byte-budget.ts'
import { decodeBody, readBody, type Body } from '../../loki/body.ts'
import { decodeOtlpJson } from '../../otlp/otlp-json.ts'
import { decodeOtlpProtobuf } from '../../otlp/otlp-protobuf.ts'
import { statusProtobuf } from '../../otlp/answers.ts'
import { otlpStreams } from '../../otlp/loki-streams.ts'
import type { DecodedOtlp } from '../../otlp/records.ts'
import { decodeLokiPush, mediaType, NO_MEDIA_TYPE } from '../../loki/push-request.ts'
import { storePush, type PushAnswer, type PushCounts } from './store-push.ts'

export interface PushRouteOptions {
  readonly store: LogStore
  readonly counts: PushCounts
  /** Bytes of a push, packed or unpacked. */
  readonly maxPushSize: number
  /** Bytes of the pushes that are worked on at the same time. */
  readonly budget: ByteBudget
}

/** The routes of pushing, for a server of one's own. */
export function pushRoutes(options: PushRouteOptions): Route[] {
  const { budget } = options
  const guarded =
    (
      handle: (request: Request) => Promise<Answer>,
      fail: (status: number, message: string) => Answer,
    ): Handler =>
    async (request) => {
      const stated = Number(request.headers['content-length'] ?? NaN)
      const booked = Math.min(Number.isFinite(stated) ? stated : options.maxPushSize, options.maxPushSize)
      // Before the body is read: it would only be thrown away.
      if (options.store.writer.isFull)
        return later(fail(429, 'the store has more to write than it can hold: try again in a moment'))
      if (!budget.take(booked))
        return later(fail(429, 'too many large pushes at once: try again in a moment'))
      try {
        return await handle(request)
      } finally {
        budget.give(booked)
      }
    }
  return [
    // The second is the address of Loki before 1.0, which old shippers still use.
    ...['/loki/api/v1/push', '/api/prom/push'].map((path) => ({
      methods: ['POST'],
      path,
      handle: guarded((request) => lokiPush(request, options), text),
    })),
    {
      methods: ['POST'],
      path: '/otlp/v1/logs',
      handle: guarded((request) => otlpPush(request, options), otlpError),
    },
  ]
}

/** An answer that says when to come back, in seconds. */
function later(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'retry-after': '1' } }
}

async function lokiPush(request: Request, options: PushRouteOptions): Promise<Answer> {
  const type = mediaType(request.headers)
  if (type === undefined) return text(400, NO_MEDIA_TYPE)
  const body = await bodyOf(request, options.maxPushSize)
  if (!body.ok) return text(body.status, adviceFor(body))
  const push = await decodeLokiPush(body.bytes, type, options.maxPushSize)
  if (!push.ok) return text(push.status, adviceFor(push))
  return plainAnswer(await storePush(options.store, push.streams, options.counts))
}

async function otlpPush(request: Request, options: PushRouteOptions): Promise<Answer> {
  const type = mediaType(request.headers)
  if (type !== 'application/json' && type !== 'application/x-protobuf')
    return otlpError(
      400,
      `content type ${type ?? ''} is not supported: send application/json or application/x-protobuf`,
    )
  if (request.headers['content-encoding'] === 'snappy')
    return otlpError(415, 'snappy is not supported for OTLP: send gzip, deflate or no compression')
  const body = await bodyOf(request, options.maxPushSize)
  if (!body.ok) return otlpError(body.status, adviceFor(body))
  const decoded: DecodedOtlp =
    type === 'application/json' ? decodeOtlpJson(body.bytes.toString('utf8')) : decodeOtlpProtobuf(body.bytes)
  if (!decoded.ok) return otlpError(400, decoded.error)
  const answer = await storePush(
    options.store,
    otlpStreams(decoded.resources, BigInt(Date.now()) * 1_000_000n),
    options.counts,
  )
  if (answer.status === 204) return plainAnswer(answer)
  const error = otlpError(answer.status, answer.message)
  return answer.status === 429 ? later(error) : error
}

function otlpError(status: number, message: string): Answer {
  return { status, type: 'application/octet-stream', body: statusProtobuf({ message }) }
}

function adviceFor({ status, message }: { readonly status: number; readonly message: string }): string {
  return status === 413 ? `${message}, or raise max_push_size` : message
}

async function bodyOf(request: Request, limit: number): Promise<Body> {
  const encoding = String(request.headers['content-encoding'] ?? '')
  const body = await readBody(request.raw, limit)
  return body.ok ? await decodeBody(body.bytes, encoding, limit) : body
}

function plainAnswer({ status, message }: PushAnswer): Answer {
  if (status === 204) return { status, body: '' }
  return status === 429 ? later(text(status, message)) : text(status, message)
}
