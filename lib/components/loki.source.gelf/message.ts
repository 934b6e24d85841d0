/** A GELF message (go2docs.graylog.org, "GELF"): unpacked, read, and written again as Alloy writes it. */
import { gunzipSync, inflateSync } from 'node:zlib'
import { parseJson } from '../../go/json/parse.ts'
import type { JsonValue } from '../../go/json/iterator-reader.ts'
import { jsonNumber, jsonString, marshalSorted } from '../../go/json/writer.ts'
import { hasZlibHeader } from '../../loki/body.ts'

/** A message unpacks to this at most: 128 datagrams can't hold more without compression. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024

export interface GelfMessage {
  readonly version: string
  readonly host: string
  readonly facility: string
  /** Seconds since 1970; 0 without one. */
  readonly timestamp: number
  readonly level: number
  /** The message as JSON: the fields of GELF in their order, then additional ones, sorted. */
  readonly line: string
}

/** Why a message is refused: a short name for counting. */
export type MessageFault = 'bad_gzip' | 'bad_zlib' | 'too_large' | 'bad_json' | 'bad_field'

export type ReadMessage = GelfMessage | MessageFault

export function readMessage(packed: Buffer): ReadMessage {
  const unpacked = unpack(packed)
  if (typeof unpacked === 'string') return unpacked
  // Some senders end a message with a zero byte, as they would over TCP.
  const fields = parseJson(unpacked.toString('utf8').replace(/[\0\s]+$/, ''))
  if (fields === undefined || fields === null) return 'bad_json'
  return messageOf(fields)
}

function unpack(packed: Buffer): Buffer | MessageFault {
  const gzip = packed[0] === 0x1f && packed[1] === 0x8b
  if (!gzip && !hasZlibHeader(packed)) return packed.length > MAX_MESSAGE_BYTES ? 'too_large' : packed
  try {
    return (gzip ? gunzipSync : inflateSync)(packed, { maxOutputLength: MAX_MESSAGE_BYTES })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') return 'too_large'
    return gzip ? 'bad_gzip' : 'bad_zlib'
  }
}

// As in Alloy, other fields without an underscore are left out; those of GELF must have the right type.
function messageOf(fields: Readonly<Record<string, JsonValue>>): ReadMessage {
  const text = (name: string): string | undefined => ofType(fields[name], '', 'string') as string | undefined
  const number = (name: string): number | undefined => ofType(fields[name], 0, 'number') as number | undefined
  const version = text('version')
  const host = text('host')
  const short = text('short_message')
  const full = text('full_message')
  const facility = text('facility')
  const timestamp = number('timestamp')
  const exact = number('level')
  if (
    version === undefined ||
    host === undefined ||
    short === undefined ||
    full === undefined ||
    facility === undefined ||
    timestamp === undefined ||
    exact === undefined
  )
    return 'bad_field'
  const level = int32(exact)
  const line = [
    `"version":${json(version)}`,
    `"host":${json(host)}`,
    `"short_message":${json(short)}`,
    ...(full === '' ? [] : [`"full_message":${json(full)}`]),
    `"timestamp":${jsonNumber(timestamp, 'standard')}`,
    ...(level === 0 ? [] : [`"level":${level}`]),
    ...(facility === '' ? [] : [`"facility":${json(facility)}`]),
    ...additional(fields),
  ]
  return { version, host, facility, timestamp, level, line: `{${line.join(',')}}` }
}

// As Go converts a float on amd64: what doesn't fit becomes the lowest number.
function int32(value: number): number {
  const whole = Math.trunc(value) + 0
  return whole >= -0x80000000 && whole <= 0x7fffffff ? whole : -0x80000000
}

function additional(fields: Readonly<Record<string, JsonValue>>): string[] {
  const extra = Object.create(null) as Record<string, JsonValue>
  let some = false
  for (const name of Object.keys(fields)) {
    if (!name.startsWith('_')) continue
    extra[name] = fields[name]!
    some = true
  }
  return some ? [marshalSorted(extra)!.slice(1, -1)] : []
}

function ofType(value: JsonValue | undefined, missing: string | number, type: string): JsonValue | undefined {
  if (value === undefined) return missing
  return typeof value === type ? value : undefined
}

function json(text: string): string {
  return jsonString(text, 'standard')
}
