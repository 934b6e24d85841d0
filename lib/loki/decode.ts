/**
 * Reads Loki's push request (protobuf): what a refused batch is cut up from, what tests look at, and what a push
 * API takes. Bad bytes give a message, never an exception.
 */
import { NO_METADATA, type StructuredMetadata } from '../flow/entry.ts'
import type { PushEntry } from './encode.ts'

export interface DecodedStream {
  /** As sent, not parsed: `{a="b"}`. */
  readonly labels: string
  readonly entries: PushEntry[]
}

export type DecodedPush =
  | { readonly ok: true; readonly streams: DecodedStream[] }
  | { readonly ok: false; readonly error: string }

interface Cursor {
  readonly bytes: Buffer
  at: number
}

/** Thrown and caught within this file only. */
class Malformed extends Error {}

/** The streams of an uncompressed push request. Unknown fields are skipped, as protobuf wants it. */
// PushRequest = { tag value }; field 1 is a StreamAdapter, everything else is skipped
export function decodePush(bytes: Buffer): DecodedPush {
  const streams: DecodedStream[] = []
  const cursor: Cursor = { bytes, at: 0 }
  try {
    while (cursor.at < bytes.length) {
      const tag = varint(cursor)
      if (tag === 0x0a) streams.push(decodeStream(message(cursor)))
      else skip(cursor, tag)
    }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, error: error.message }
    throw error
  }
  return { ok: true, streams }
}

// StreamAdapter = { 1: labels text | 2: EntryAdapter | 3: hash }
function decodeStream(bytes: Buffer): DecodedStream {
  const cursor: Cursor = { bytes, at: 0 }
  const entries: PushEntry[] = []
  let labels = ''
  while (cursor.at < bytes.length) {
    const tag = varint(cursor)
    if (tag === 0x0a) labels = message(cursor).toString()
    else if (tag === 0x12) entries.push(decodeEntry(message(cursor)))
    else skip(cursor, tag)
  }
  return { labels, entries }
}

// EntryAdapter = { 1: Timestamp | 2: line | 3: LabelPairAdapter | 4: parsed }
function decodeEntry(bytes: Buffer): PushEntry {
  const cursor: Cursor = { bytes, at: 0 }
  let time = { seconds: 0, nanos: 0 }
  let line = ''
  let metadata: [string, string][] | undefined
  while (cursor.at < bytes.length) {
    const tag = varint(cursor)
    if (tag === 0x0a) time = decodeTimestamp(message(cursor))
    else if (tag === 0x12) line = message(cursor).toString()
    else if (tag === 0x1a) (metadata ??= []).push(decodePair(message(cursor)))
    else skip(cursor, tag)
  }
  const structuredMetadata: StructuredMetadata = metadata ?? NO_METADATA
  return { seconds: time.seconds, nanos: time.nanos, line, structuredMetadata }
}

// Timestamp = { 1: seconds (int64) | 2: nanos (int32) }
function decodeTimestamp(bytes: Buffer): { seconds: number; nanos: number } {
  const cursor: Cursor = { bytes, at: 0 }
  let seconds = 0
  let nanos = 0
  while (cursor.at < bytes.length) {
    const tag = varint(cursor)
    if (tag === 0x08) seconds = signed(cursor)
    else if (tag === 0x10) nanos = signed(cursor)
    else skip(cursor, tag)
  }
  return { seconds, nanos }
}

// LabelPairAdapter = { 1: name | 2: value }
function decodePair(bytes: Buffer): [string, string] {
  const cursor: Cursor = { bytes, at: 0 }
  const pair: [string, string] = ['', '']
  while (cursor.at < bytes.length) {
    const tag = varint(cursor)
    if (tag === 0x0a) pair[0] = message(cursor).toString()
    else if (tag === 0x12) pair[1] = message(cursor).toString()
    else skip(cursor, tag)
  }
  return pair
}

// message = length (varint), that many bytes
function message(cursor: Cursor): Buffer {
  const length = varint(cursor)
  const start = cursor.at
  const end = start + length
  if (end > cursor.bytes.length)
    throw new Malformed(`expected ${length} bytes, found the end after ${cursor.bytes.length - start}`)
  cursor.at = end
  return cursor.bytes.subarray(start, end)
}

// varint = { byte with the high bit set }, byte without; seven bits each, lowest first
function varint(cursor: Cursor): number {
  const { bytes } = cursor
  let value = 0
  let scale = 1
  for (let i = 0; i < 10; i++) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw new Malformed('expected the rest of a number, found the end')
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
    scale *= 0x80
  }
  throw new Malformed('expected a number of at most ten bytes, found a longer one')
}

// The same, as an int64 in two's complement. Precise only within 2^53, which no time of a log line leaves.
function signed(cursor: Cursor): number {
  const start = cursor.at
  const value = varint(cursor)
  if (cursor.at - start < 10) return value
  let exact = 0n
  for (let i = cursor.at - 1; i >= start; i--) exact = (exact << 7n) | BigInt(cursor.bytes[i]! & 0x7f)
  return Number(BigInt.asIntN(64, exact))
}

function skip(cursor: Cursor, tag: number): void {
  switch (tag & 7) {
    case 0:
      varint(cursor)
      return
    case 1:
      cursor.at += 8
      break
    case 2:
      message(cursor)
      return
    case 5:
      cursor.at += 4
      break
    default:
      throw new Malformed(`expected a field of wire type 0, 1, 2 or 5, found ${tag & 7}`)
  }
  if (cursor.at > cursor.bytes.length) throw new Malformed('expected the rest of a field, found the end')
}
