/** Reads Loki's push request as JSON, exactly as lenient as Loki: what Loki takes from a shipper is taken here. */
import { NO_METADATA, type StructuredMetadata } from '../flow/entry.ts'
import { labelSet } from '../flow/labels.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'
import { Malformed, reading } from './malformed.ts'
import type { DecodedPush, OnBadLabels, PushedEntry, PushedStream } from './pushed.ts'
import { limitJsonValues } from './value-limit.ts'

/**
 * The streams of a push. Text after the object is ignored. A single bad label name refuses all of it, unless
 * `onBadLabels` is given. Never throws.
 */
// push = { "streams": [ { "stream": { name: value }, "values": [ entry ] } ] }
export function decodeJsonPush(text: string, onBadLabels?: OnBadLabels): DecodedPush {
  return reading(() => ({ streams: streamsOf(parseLeading(text), onBadLabels) }))
}

function streamsOf(push: unknown, onBadLabels?: OnBadLabels): PushedStream[] {
  if (push === null) return []
  if (!isObject(push)) throw new Malformed('expected an object with "streams"')
  // In letters of any case, unlike the names within: .NET, for one, writes `Streams`.
  const [, streams] = Object.entries(push).findLast(([name]) => name.toLowerCase() === 'streams') ?? []
  if (streams === undefined || streams === null) return []
  if (!Array.isArray(streams)) throw new Malformed('expected a list for "streams"')
  return (streams as unknown[]).flatMap((stream, i) => streamOf(stream, `streams[${i}]`, onBadLabels) ?? [])
}

function streamOf(
  stream: unknown,
  at: string,
  onBadLabels: OnBadLabels | undefined,
): PushedStream | undefined {
  if (!isObject(stream)) throw new Malformed(`expected an object for ${at}`)
  const { stream: labels = {}, values = [] } = stream
  if (!isObject(labels)) throw new Malformed(`expected an object of labels for ${at}.stream`)
  if (values !== null && !Array.isArray(values)) throw new Malformed(`expected a list for ${at}.values`)
  const pairs: [string, string][] = []
  for (const [name, value] of Object.entries(labels)) {
    if (!validLegacyLabelName(name)) {
      const error = `${at}: ${JSON.stringify(name)} isn't a valid label name: use letters, digits and underscores, with no digit first`
      if (onBadLabels === undefined) throw new Malformed(error)
      onBadLabels(error)
      return undefined
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text !== '') pairs.push([name, text])
  }
  const entries = ((values ?? []) as unknown[]).map((value, i) => entryOf(value, `${at}.values[${i}]`))
  return { labels: labelSet(pairs), entries }
}

// entry = [ nanoseconds as text, line [, { name: value } ] ]
function entryOf(value: unknown, at: string): PushedEntry {
  if (!Array.isArray(value)) throw new Malformed(`expected a list for ${at}`)
  const [time, line = '', metadata] = value as unknown[]
  if (typeof time !== 'string' || !/^-?\d{1,19}$/.test(time))
    throw new Malformed(`expected nanoseconds of Unix time, as a string of digits, for ${at}[0]`)
  if (typeof line !== 'string') throw new Malformed(`expected a string for the line ${at}[1]`)
  const { seconds, nanos } = splitNanos(time)
  return { seconds, nanos, line, structuredMetadata: metadataOf(metadata, at) }
}

function metadataOf(metadata: unknown, at: string): StructuredMetadata {
  if (metadata === undefined) return NO_METADATA
  if (!isObject(metadata)) throw new Malformed(`expected an object of structured metadata for ${at}[2]`)
  const pairs = Object.entries(metadata)
  for (const [name, value] of pairs)
    if (typeof value !== 'string')
      throw new Malformed(`expected a string for the structured metadata "${name}" of ${at}`)
  return pairs.length === 0 ? NO_METADATA : (pairs as [string, string][])
}

/** Seconds and nanoseconds of a decimal number of nanoseconds. */
export function splitNanos(digits: string): { readonly seconds: number; readonly nanos: number } {
  if (!digits.startsWith('-')) {
    const cut = digits.length - 9
    return cut <= 0
      ? { seconds: 0, nanos: Number(digits) }
      : { seconds: Number(digits.slice(0, cut)), nanos: Number(digits.slice(cut)) }
  }
  const { seconds, nanos } = splitNanos(digits.slice(1))
  return nanos === 0
    ? { seconds: -seconds, nanos: 0 }
    : { seconds: -seconds - 1, nanos: 1_000_000_000 - nanos }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseLeading(text: string): unknown {
  limitJsonValues(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    const end = objectEnd(text)
    if (end > 0 && end < text.length) {
      try {
        return JSON.parse(text.slice(0, end))
      } catch {
        // The first message is the better one.
      }
    }
    throw new Malformed(`expected JSON: ${(error as Error).message}`)
  }
}

// The index after the brace that closes the first one; 0 without one.
function objectEnd(text: string): number {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x7b) depth++
    else if (code === 0x7d && --depth === 0) return at + 1
  }
  return 0
}
