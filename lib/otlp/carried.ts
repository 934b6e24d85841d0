/** OpenTelemetry records on their way between otelcol components: each is an entry that carries its record. */
import type { Stamps } from '../flow/clock.ts'
import { Entry } from '../flow/entry.ts'
import { EMPTY_LABELS } from '../flow/labels.ts'
import { dropped } from '../flow/outcome.ts'
import { textOf, type OtlpPair, type OtlpRecord, type OtlpResource, type OtlpScope } from './records.ts'

/** A record with what it shares with others of its export. Treated as immutable. */
export interface CarriedRecord {
  readonly resource: readonly OtlpPair[]
  readonly scope: Pick<OtlpScope, 'name' | 'version' | 'attributes'>
  readonly record: OtlpRecord
}

/** How a record ends that can't become an entry of Loki: its client is told. */
export const UNCONVERTIBLE = dropped('otel_unconvertible')

const BILLION = 1_000_000_000n

/** The records as entries, with their own times; `stamps` gives those without one theirs. */
export function carriedEntries(resources: readonly OtlpResource[], stamps: Stamps): Entry[] {
  const entries: Entry[] = []
  stamps.refresh()
  for (const { attributes: resource, scopes } of resources)
    for (const scope of scopes)
      for (const record of scope.records) entries.push(carriedEntry({ resource, scope, record }, stamps))
  return entries
}

function carriedEntry(carried: CarriedRecord, stamps: Stamps): Entry {
  const { time, observed, body } = carried.record
  const at = BigInt.asIntN(64, time === 0n ? observed : time)
  const line = textOf(body, 'standard without html')
  const nanos = ((at % BILLION) + BILLION) % BILLION
  const entry =
    at === 0n
      ? Entry.now(stamps, line, EMPTY_LABELS)
      : new Entry(Number((at - nanos) / BILLION), Number(nanos), line, EMPTY_LABELS)
  entry.record = carried
  return entry
}

/** The record of an entry. One that came without (from standard input, in a test) is a record with the line as its body. */
export function carriedBy(entry: Entry): CarriedRecord {
  if (entry.record !== undefined) return entry.record as CarriedRecord
  return { resource: [], scope: NO_SCOPE, record: plainRecord(entry, []) }
}

const NO_SCOPE: CarriedRecord['scope'] = { name: '', version: '', attributes: [] }

/**
 * The record that `otelcol.receiver.loki` makes of an entry: labels and structured metadata become attributes, and
 * the names of the labels a hint, so that `otelcol.exporter.loki` makes labels of them again.
 */
export function recordOfLoki(entry: Entry): CarriedRecord {
  const labels = entry.labels.entries()
  const attributes = new Map<string, string>()
  const file = entry.labels.get('filename')
  if (file !== undefined) {
    attributes.set('log.file.path', file)
    attributes.set('log.file.name', baseName(file))
  }
  if (labels.length > 0) attributes.set(HINT_ATTRIBUTES, labels.map(([name]) => name).join(','))
  for (const [name, value] of [...labels, ...entry.structuredMetadata]) attributes.set(name, value)
  return { resource: [], scope: NO_SCOPE, record: plainRecord(entry, [...attributes]) }
}

/** A hint: which attributes of the record become labels. */
export const HINT_ATTRIBUTES = 'loki.attribute.labels'

function plainRecord({ seconds, nanos, line }: Entry, attributes: readonly OtlpPair[]): OtlpRecord {
  const time = BigInt.asUintN(64, BigInt(seconds) * BILLION + BigInt(nanos))
  return {
    time,
    observed: time,
    severityNumber: 0,
    severityText: '',
    body: line,
    attributes,
    droppedAttributes: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  }
}

// As Go's path.Base: of "/" it is "/", of "" it is ".".
function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '.' : '/'
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}
