/**
 * How an entry travels through Kafka: the line is the message, and everything else is in headers, so that `loki.source.kafka`
 * makes the same entry of it again, and any other reader sees the plain line.
 */
import type { StructuredMetadata } from '../../flow/entry.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { parseLabels } from '../../formats/label-text.ts'
import type { RecordHeader } from '../../net/kafka/record-batch.ts'
import type { Instant } from '../../go/rfc3339.ts'
import { Lru } from '../../lru.ts'

/** The labels, as `{job="api"}`. Its presence marks the format. */
const LABELS = 'logstream.labels'
/** Nanoseconds of Unix time, as decimal digits. Kafka's own times are milliseconds. */
const TIMESTAMP = 'logstream.timestamp'
/** A JSON list of names and values; left out when there are none. */
const METADATA = 'logstream.metadata'
/** Left out for the default tenant. */
const TENANT = 'logstream.tenant'

const TENANT_LABEL = '__tenant_id__'
/** Parsed label sets, by their text. */
const KNOWN_SETS = 4096

/** What the headers say of an entry. */
export interface Carried {
  /** With the tenant as `__tenant_id__`, where there is one. */
  readonly labels: LabelSet
  readonly time: Instant
  readonly metadata: StructuredMetadata
}

export interface CarriedBy extends Instant {
  /** `{a="b"}` */
  readonly labels: string
  readonly structuredMetadata: StructuredMetadata
}

/** The headers of the message that an entry becomes. */
export function headersOf(entry: CarriedBy, tenant: string): [name: string, value: string][] {
  const headers: [string, string][] = [
    [LABELS, entry.labels],
    [TIMESTAMP, String(BigInt(entry.seconds) * 1_000_000_000n + BigInt(entry.nanos))],
  ]
  if (entry.structuredMetadata.length > 0) headers.push([METADATA, JSON.stringify(entry.structuredMetadata)])
  if (tenant !== '') headers.push([TENANT, tenant])
  return headers
}

/** Reads what `headersOf` wrote. */
export class HeaderReader {
  readonly #sets = new Lru<string, LabelSet | null>(KNOWN_SETS)

  /** `undefined` for a message that `loki.sink.kafka` didn't write, or whose headers were damaged on the way. */
  read(headers: readonly RecordHeader[]): Carried | undefined {
    let labels: string | undefined
    let timestamp = ''
    let metadata = ''
    let tenant = ''
    for (const [name, value] of headers) {
      if (name === LABELS) labels = value.toString('utf8')
      else if (name === TIMESTAMP) timestamp = value.toString('latin1')
      else if (name === METADATA) metadata = value.toString('utf8')
      else if (name === TENANT) tenant = value.toString('utf8')
    }
    if (labels === undefined) return undefined
    const set = this.#labels(labels)
    const time = instantOf(timestamp)
    const pairs = metadataOf(metadata)
    if (set === undefined || time === undefined || pairs === undefined) return undefined
    return { labels: tenant === '' ? set : set.with(TENANT_LABEL, tenant), time, metadata: pairs }
  }

  #labels(text: string): LabelSet | undefined {
    const known = this.#sets.get(text)
    if (known !== undefined) return known ?? undefined
    const pairs = parseLabels(text)
    const set = pairs === undefined ? null : labelSet(pairs.filter(([name]) => !name.startsWith('__')))
    this.#sets.set(text, set)
    return set ?? undefined
  }
}

function instantOf(text: string): Instant | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined
  const time = BigInt(text)
  const nanos = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { seconds: Number((time - nanos) / 1_000_000_000n), nanos: Number(nanos) }
}

function metadataOf(text: string): StructuredMetadata | undefined {
  if (text === '') return []
  try {
    const pairs: unknown = JSON.parse(text)
    const isPair = (pair: unknown): pair is readonly [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === 'string')
    return Array.isArray(pairs) && pairs.every(isPair) ? pairs : undefined
  } catch {
    return undefined
  }
}
