/** Loki's limits on streams and entries, with its defaults and its reasons for refusing. */
import { longerThan } from '../go/strings/bytes.ts'
import type { StructuredMetadata } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import { SERVICE_NAME } from './service-name.ts'
import type { StreamRecord } from './stream-table.ts'
import { plural } from '../formats/plural.ts'

/** Lengths in bytes, times in milliseconds; 0 means no limit where it says so. */
export interface Limits {
  /** Labels of a stream, without `service_name`. */
  readonly maxLabelNames: number
  readonly maxLabelNameLength: number
  readonly maxLabelValueLength: number
  /** 0: none. */
  readonly maxLineSize: number
  readonly maxMetadataCount: number
  readonly maxMetadataSize: number
  /** How far in the future an entry may lie. */
  readonly creationGracePeriod: number
  /** An entry older than the newest of its stream by more than half of this is refused. 0: no limit. */
  readonly maxChunkAge: number
  readonly rejectOldSamples: boolean
  readonly rejectOldSamplesMaxAge: number
  /** Streams that were written to in the last two hours. 0: none. */
  readonly maxStreams: number
}

export const DEFAULT_LIMITS: Limits = {
  maxLabelNames: 15,
  maxLabelNameLength: 1024,
  maxLabelValueLength: 2048,
  maxLineSize: 256 * 1024,
  maxMetadataCount: 128,
  maxMetadataSize: 64 * 1024,
  creationGracePeriod: 10 * 60_000,
  maxChunkAge: 2 * 3_600_000,
  rejectOldSamples: false,
  rejectOldSamplesMaxAge: 168 * 3_600_000,
  maxStreams: 5000,
}

/** Why something was refused. `reason` is the label value in Loki's metrics. */
export interface Refusal {
  readonly reason: string
  readonly message: string
  readonly status: 400 | 429
}

function refusal(reason: string, message: string, status: 400 | 429 = 400): Refusal {
  return { reason, message, status }
}

/** Returns what is wrong with the labels of a stream, if anything. */
export function checkLabels(labels: LabelSet, limits: Limits): Refusal | undefined {
  if (labels.size === 0)
    return refusal('missing_labels', 'a stream needs at least one label, found none: add one, such as job')
  const count = labels.size - (labels.has(SERVICE_NAME) ? 1 : 0)
  if (count > limits.maxLabelNames)
    return refusal(
      'max_label_names_per_series',
      `stream ${labels.text} has ${plural(count, 'label')}, the limit is ${limits.maxLabelNames}: move some to structured metadata, or raise max_label_names_per_series`,
    )
  for (const [i, name] of labels.names.entries()) {
    if (longerThan(name, limits.maxLabelNameLength))
      return refusal(
        'label_name_too_long',
        `stream ${labels.text} has a label name of more than ${limits.maxLabelNameLength} bytes: ${name}`,
      )
    if (longerThan(labels.values[i]!, limits.maxLabelValueLength))
      return refusal(
        'label_value_too_long',
        `the label ${name} of stream ${labels.text} has a value of more than ${limits.maxLabelValueLength} bytes: move it to structured metadata`,
      )
  }
  return undefined
}

export function tooManyStreams(labels: LabelSet, limits: Limits): Refusal {
  return refusal(
    'stream_limit',
    `stream ${labels.text} would be one more than the ${limits.maxStreams} that may be active: use fewer label values, or raise max_streams`,
    429,
  )
}

/** What of a stream its entries are measured by. */
export type StreamTimes = Pick<StreamRecord, 'labels' | 'newestSeconds' | 'newestNanos'>

/** Returns what is wrong with an entry, if anything. `now` in milliseconds; the stream's newest time is from before it. */
export function checkEntry(
  stream: StreamTimes,
  entry: {
    readonly seconds: number
    readonly nanos: number
    readonly line: string
    readonly structuredMetadata: StructuredMetadata
  },
  limits: Limits,
  now: number,
): Refusal | undefined {
  const { seconds, nanos } = entry
  const at = seconds * 1000 + nanos / 1e6
  if (at > now + limits.creationGracePeriod)
    return refusal(
      'too_far_in_future',
      `an entry of stream ${stream.labels.text} lies in the future: ${iso(at)}. Check the clock of the sender and the time zone of stage.timestamp`,
    )
  if (limits.rejectOldSamples && at < now - limits.rejectOldSamplesMaxAge)
    return refusal(
      'greater_than_max_sample_age',
      `an entry of stream ${stream.labels.text} is too old: ${iso(at)}, the oldest that is taken is ${iso(now - limits.rejectOldSamplesMaxAge)}`,
    )
  const behind = (stream.newestSeconds - seconds) * 1000 + (stream.newestNanos - nanos) / 1e6
  if (limits.maxChunkAge > 0 && behind > limits.maxChunkAge / 2)
    return refusal(
      'too_far_behind',
      `an entry of stream ${stream.labels.text} is too far behind its newest one: ${iso(at)}, the oldest that is taken is ${iso(at + behind - limits.maxChunkAge / 2)}`,
    )
  if (limits.maxLineSize > 0 && longerThan(entry.line, limits.maxLineSize))
    return refusal(
      'line_too_long',
      `a line of stream ${stream.labels.text} has ${plural(Buffer.byteLength(entry.line), 'byte')}, the limit is ${limits.maxLineSize}: cut it with stage.truncate, or raise max_line_size`,
    )
  return entry.structuredMetadata.length === 0 ? undefined : checkMetadata(stream, entry, limits)
}

function checkMetadata(
  stream: StreamTimes,
  { structuredMetadata }: { readonly structuredMetadata: StructuredMetadata },
  limits: Limits,
): Refusal | undefined {
  let bytes = 0
  for (const [name, value] of structuredMetadata) bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  if (bytes > limits.maxMetadataSize)
    return refusal(
      'structured_metadata_too_large',
      `an entry of stream ${stream.labels.text} has ${plural(bytes, 'byte')} of structured metadata, the limit is ${limits.maxMetadataSize}`,
    )
  if (structuredMetadata.length > limits.maxMetadataCount)
    return refusal(
      'structured_metadata_too_many',
      `an entry of stream ${stream.labels.text} has ${structuredMetadata.length} pairs of structured metadata, the limit is ${limits.maxMetadataCount}`,
    )
  return undefined
}

function iso(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString()
}
