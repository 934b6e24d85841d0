/** Reads Loki's push request as protobuf, and its labels, which travel as text. */
import { labelSet } from '../flow/labels.ts'
import { parseLabels } from '../formats/label-text.ts'
import { decodePush } from './decode.ts'
import type { DecodedPush, PushedStream } from './pushed.ts'

/** The streams of an uncompressed request; a single unreadable label set refuses all of it. Never throws. */
export function decodeProtobufPush(bytes: Buffer): DecodedPush {
  const decoded = decodePush(bytes)
  if (!decoded.ok) return decoded
  const streams: PushedStream[] = []
  for (const { labels, entries } of decoded.streams) {
    const pairs = parseLabels(labels)
    if (pairs === undefined)
      return {
        ok: false,
        error: `expected labels such as {job="a"}, found ${JSON.stringify(labels.slice(0, 200))}`,
      }
    const twice = pairs.find(([name], i) => pairs.some(([other], j) => j < i && other === name))
    if (twice !== undefined)
      return { ok: false, error: `stream ${labels} has the label "${twice[0]}" twice: send each name once` }
    streams.push({ labels: labelSet(pairs.filter(([, value]) => value !== '')), entries })
  }
  return { ok: true, streams }
}
