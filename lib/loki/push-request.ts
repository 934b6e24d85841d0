/** From the body of a push to its streams, whichever way it was encoded: for everything that speaks Loki's push API. */
import type { IncomingHttpHeaders } from 'node:http'
import { unsnappy } from './body.ts'
import { decodeJsonPush } from './push-json.ts'
import { decodeProtobufPush } from './push-protobuf.ts'
import type { OnBadLabels, PushedStream } from './pushed.ts'

/** The streams, or what to answer. */
export type PushRequest =
  | { readonly ok: true; readonly streams: readonly PushedStream[] }
  | { readonly ok: false; readonly status: number; readonly message: string }

/** The media type without parameters, in lower case; `undefined` without a valid one. */
// media type = token "/" token, then parameters, which don't matter here
export function mediaType(headers: IncomingHttpHeaders): string | undefined {
  const match = /^\s*([\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?)\s*(?:;|$)/.exec(
    headers['content-type'] ?? '',
  )
  return match?.[1]?.toLowerCase()
}

/** What Loki answers to a push without a media type. */
export const NO_MEDIA_TYPE =
  'mime: no media type: set Content-Type to application/json or application/x-protobuf'

/** Decodes a body from which `Content-Encoding` has been removed; a snappy block may unpack to `limit` bytes. */
export async function decodeLokiPush(
  bytes: Buffer,
  type: string,
  limit: number,
  onBadLabels?: OnBadLabels,
): Promise<PushRequest> {
  if (type === 'application/json') {
    if (bytes.length === 0) return bad('expected JSON, found an empty body')
    const decoded = decodeJsonPush(bytes.toString('utf8'), onBadLabels)
    return decoded.ok ? decoded : bad(decoded.error)
  }
  // Any other type is read as protobuf, as Loki does.
  const block = await unsnappy(bytes, limit)
  if (!block.ok) return block
  const decoded = decodeProtobufPush(block.bytes, onBadLabels)
  return decoded.ok ? decoded : bad(decoded.error)
}

function bad(message: string): PushRequest {
  return { ok: false, status: 400, message }
}
