/** The ways into `otelcol.receiver.otlp`: exports of logs over HTTP and gRPC, decoded, and answered as OTLP says. */
import type { Outcome } from '../../flow/outcome.ts'
import type { PushEntries } from '../../intake/push-intake.ts'
import { decodeBody, inflateBody, type Body } from '../../loki/body.ts'
import { RETRY_AFTER_S, type Decoded, type PushReceiver, type PushResult } from '../../loki/push-receiver.ts'
import { mediaType } from '../../loki/push-request.ts'
import type { GrpcAnswer, GrpcMethod } from '../../net/server/grpc.ts'
import { text, type Answer, type Request, type Route } from '../../net/server/router.ts'
import {
  exportedJson,
  exportedProtobuf,
  GRPC_CODE,
  statusJson,
  statusProtobuf,
  type OtlpStatus,
  type PartialSuccess,
} from '../../otlp/answers.ts'
import { UNCONVERTIBLE } from '../../otlp/carried.ts'
import { decodeOtlpJson } from '../../otlp/otlp-json.ts'
import { decodeOtlpProtobuf } from '../../otlp/otlp-protobuf.ts'
import type { DecodedOtlp, OtlpResource } from '../../otlp/records.ts'

export interface ExportOptions {
  readonly receiver: PushReceiver
  readonly entriesOf: (resources: readonly OtlpResource[]) => PushEntries
  /** Bytes of an export, packed or unpacked. */
  readonly maxBytes: number
}

export interface HttpExportOptions extends ExportOptions {
  readonly path: string
  /** Values of `Content-Encoding` that are taken, of those that are known here. */
  readonly encodings: readonly string[]
}

const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/x-protobuf'

export function exportRoute(options: HttpExportOptions): Route {
  const { path, receiver } = options
  return {
    methods: ['POST'],
    path,
    handle: async (request) => {
      const type = mediaType(request.headers)
      if (type !== JSON_TYPE && type !== PROTOBUF_TYPE)
        return text(
          415,
          `content type "${type ?? ''}" is not supported: send ${PROTOBUF_TYPE} or ${JSON_TYPE}`,
        )
      const rejected = new Rejected()
      const result = await receiver.receive(request, async (packed) => {
        const body = await unpacked(packed, request, options)
        if (!body.ok) return body
        return decoded(
          type === JSON_TYPE ? decodeOtlpJson(body.bytes.toString('utf8')) : decodeOtlpProtobuf(body.bytes),
          body.bytes.length,
          options,
          rejected,
        )
      })
      return httpAnswer(result, rejected, type === JSON_TYPE)
    },
  }
}

export function exportMethods(options: ExportOptions): Record<string, GrpcMethod> {
  return {
    '/opentelemetry.proto.collector.logs.v1.LogsService/Export': async (message) => {
      const rejected = new Rejected()
      const result = await options.receiver.receiveMessage(message, (bytes) =>
        Promise.resolve(decoded(decodeOtlpProtobuf(bytes), bytes.length, options, rejected)),
      )
      return grpcAnswer(result, rejected)
    },
  }
}

async function unpacked(
  packed: Buffer,
  { headers }: Request,
  { encodings, maxBytes }: HttpExportOptions,
): Promise<Body> {
  const encoding = headers['content-encoding'] ?? ''
  const known = encoding === 'identity' ? '' : encoding
  if (!encodings.includes(known) || !KNOWN.includes(known))
    return {
      ok: false,
      status: 415,
      message: `Content-Encoding "${encoding}" is not supported: send gzip, deflate or none`,
    }
  // The collector means zlib's format by both names; Loki means deflate without its header.
  return known === 'zlib' || known === 'deflate'
    ? await inflateBody(packed, maxBytes)
    : await decodeBody(packed, known, maxBytes)
}

const KNOWN: readonly string[] = ['', 'gzip', 'zlib', 'deflate']

function decoded(
  result: DecodedOtlp,
  bytes: number,
  { entriesOf }: ExportOptions,
  rejected: Rejected,
): Decoded {
  if (!result.ok) return { ok: false, status: 400, message: result.error }
  const onEnd = (outcome: Outcome): void => rejected.see(outcome)
  // Attributes and resources stay with the records, beside the lines.
  return { ok: true, push: { ...entriesOf(result.resources), bytes, onEnd } }
}

/** Records that were refused for good: those that no entry can be made of, and those that Loki doesn't take. */
class Rejected {
  #count = 0
  readonly #reasons = new Set<string>()

  see(outcome: Outcome): void {
    if (outcome.state !== 'dead_lettered' && outcome !== UNCONVERTIBLE) return
    this.#count++
    this.#reasons.add(outcome.reason)
  }

  get partial(): PartialSuccess | undefined {
    return this.#count === 0
      ? undefined
      : { rejected: this.#count, message: `refused: ${[...this.#reasons].join(', ')}` }
  }
}

function httpAnswer(result: PushResult, rejected: Rejected, json: boolean): Answer {
  const type = json ? JSON_TYPE : PROTOBUF_TYPE
  const failed = (status: number, of: OtlpStatus): Answer => ({
    status,
    type,
    body: json ? statusJson(of) : statusProtobuf(of),
  })
  switch (result.kind) {
    case 'taken': {
      const { partial } = rejected
      return { status: 200, type, body: json ? exportedJson(partial) : exportedProtobuf(partial) }
    }
    case 'refused':
      return failed(result.status, { message: result.message, code: GRPC_CODE.invalid })
    case 'later':
      return {
        ...failed(503, { message: result.message, code: GRPC_CODE.unavailable }),
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      }
  }
}

function grpcAnswer(result: PushResult, rejected: Rejected): GrpcAnswer {
  switch (result.kind) {
    case 'taken':
      return { message: exportedProtobuf(rejected.partial) }
    case 'refused':
      return { code: GRPC_CODE.invalid, details: result.message }
    case 'later': {
      const status = { message: result.message, code: GRPC_CODE.unavailable, retryAfterS: RETRY_AFTER_S }
      return { code: status.code, details: status.message, status: statusProtobuf(status) }
    }
  }
}
