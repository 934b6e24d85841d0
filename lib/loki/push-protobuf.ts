/** Reads Loki's push request as protobuf, and its labels, which travel as text. */
import { labelSet } from '../flow/labels.ts'
import { parseLabels, type LabelPair } from '../formats/label-text.ts'
import { decodePush } from './decode.ts'
import type { DecodedPush, OnBadLabels, PushedStream } from './pushed.ts'

/**
 * The streams of an uncompressed request. A single unreadable label set refuses all of it, unless `onBadLabels` is
 * given. Never throws.
 */
export function decodeProtobufPush(bytes: Buffer, onBadLabels?: OnBadLabels): DecodedPush {
  const decoded = decodePush(bytes)
  if (!decoded.ok) return decoded
  const streams: PushedStream[] = []
  for (const { labels, entries } of decoded.streams) {
    const pairs = parseLabels(labels)
    const error = pairs === undefined ? notLabels(labels) : twice(labels, pairs)
    if (pairs !== undefined && error === undefined)
      streams.push({ labels: labelSet(pairs.filter(([, value]) => value !== '')), entries })
    else if (onBadLabels === undefined) return { ok: false, error: error! }
    else onBadLabels(error!)
  }
  return { ok: true, streams }
}

function notLabels(labels: string): string {
  return `expected labels such as {job="a"}, found ${JSON.stringify(labels.slice(0, 200))}`
}

function twice(labels: string, pairs: readonly LabelPair[]): string | undefined {
  const names = new Set<string>()
  for (const [name] of pairs) {
    if (names.has(name)) return `stream ${labels} has the label "${name}" twice: send each name once`
    names.add(name)
  }
  return undefined
}
