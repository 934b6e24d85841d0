/** What an OTLP receiver answers: success, with what it refused, or a status; in protobuf and in JSON. */

/** Codes of gRPC that OTLP uses (opentelemetry.io/docs/specs/otlp). */
export const GRPC_CODE = { invalid: 3, unavailable: 14 } as const

/** `google.rpc.Status`: why a request failed; `code` is left out where the receiver's HTTP status says it all. */
export interface OtlpStatus {
  readonly message: string
  readonly code?: number
  /** Seconds after which the client should try again. */
  readonly retryAfterS?: number
}

// Status = { 1: code | 2: message | 3: Any { 1: type URL | 2: RetryInfo { 1: Duration { 1: seconds } } } }
export function statusProtobuf({ message, code, retryAfterS }: OtlpStatus): Buffer {
  return Buffer.concat([
    ...(code === undefined ? [] : [number(1, code)]),
    bytes(2, Buffer.from(message)),
    ...(retryAfterS === undefined
      ? []
      : [bytes(3, Buffer.concat([bytes(1, RETRY_INFO), bytes(2, bytes(1, number(1, retryAfterS)))]))]),
  ])
}

const RETRY_INFO = Buffer.from('type.googleapis.com/google.rpc.RetryInfo')

export function statusJson({ message, code }: OtlpStatus): string {
  return JSON.stringify({ code, message })
}

/** What a request that was taken has lost: records, and why. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

// ExportLogsServiceResponse = { 1: ExportLogsPartialSuccess { 1: rejected records | 2: message } }
export function exportedProtobuf(partial: PartialSuccess | undefined): Buffer {
  if (partial === undefined) return Buffer.alloc(0)
  return bytes(1, Buffer.concat([number(1, partial.rejected), bytes(2, Buffer.from(partial.message))]))
}

export function exportedJson(partial: PartialSuccess | undefined): string {
  if (partial === undefined) return '{}'
  // 64-bit integers are strings in the JSON of protobuf.
  const { rejected, message } = partial
  return JSON.stringify({ partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: message } })
}

function number(field: number, value: number): Buffer {
  return Buffer.from([field * 8, ...varint(value)])
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, ...varint(content.length)]), content])
}

// Seven bits a byte, lowest first; all but the last have the high bit set.
function varint(value: number): number[] {
  const all: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) all.push((rest % 0x80) | 0x80)
  return [...all, rest]
}
