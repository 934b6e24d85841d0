/**
 * Reads Loki's push request (protobuf): for the push API, for cutting up a batch that was refused, and for tests.
 * Unknown fields are skipped, as protobuf demands.
 */
import { NO_METADATA } from '../flow/entry.ts'
import { reading, type Read } from './malformed.ts'
import { WireReader } from './protobuf.ts'
import type { PushedEntry } from './pushed.ts'

export interface DecodedStream {
  /** As sent, not parsed: `{a="b"}`. */
  readonly labels: string
  readonly entries: PushedEntry[]
}

/** The streams of an uncompressed push request. Never throws. */
// PushRequest = { 1: StreamAdapter }
export function decodePush(bytes: Buffer): Read<{ readonly streams: DecodedStream[] }> {
  return reading(() => {
    const streams: DecodedStream[] = []
    const reader = new WireReader(bytes)
    while (reader.next()) {
      if (reader.field === 1) streams.push(decodeStream(reader.message()))
    }
    return { streams }
  })
}

// StreamAdapter = { 1: labels text | 2: EntryAdapter | 3: hash }
function decodeStream(reader: WireReader): DecodedStream {
  const entries: PushedEntry[] = []
  let labels = ''
  while (reader.next()) {
    if (reader.field === 1) labels = reader.text()
    else if (reader.field === 2) entries.push(decodeEntry(reader.message()))
  }
  return { labels, entries }
}

// EntryAdapter = { 1: Timestamp | 2: line | 3: LabelPairAdapter | 4: parsed }
function decodeEntry(reader: WireReader): PushedEntry {
  let time = { seconds: 0, nanos: 0 }
  let line = ''
  let metadata: [string, string][] | undefined
  while (reader.next()) {
    if (reader.field === 1) time = decodeTimestamp(reader.message())
    else if (reader.field === 2) line = reader.text()
    else if (reader.field === 3) (metadata ??= []).push(decodePair(reader.message()))
  }
  const { seconds, nanos } = time
  return { seconds, nanos, line, structuredMetadata: metadata ?? NO_METADATA }
}

// Timestamp = { 1: seconds (int64) | 2: nanos (int32) }
function decodeTimestamp(reader: WireReader): { seconds: number; nanos: number } {
  let seconds = 0
  let nanos = 0
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.integer()
    else if (reader.field === 2) nanos = reader.integer()
  }
  return { seconds, nanos }
}

// LabelPairAdapter = { 1: name | 2: value }
function decodePair(reader: WireReader): [string, string] {
  const pair: [string, string] = ['', '']
  while (reader.next()) {
    if (reader.field === 1) pair[0] = reader.text()
    else if (reader.field === 2) pair[1] = reader.text()
  }
  return pair
}
