/** OpenTelemetry logs as streams of Loki: which attributes become labels, which structured metadata, and what the line is. */
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { marshalSorted } from '../go/json/writer.ts'
import { normalName } from '../loki/metadata-names.ts'
import type { Read } from '../loki/malformed.ts'
import type { PushedEntry, PushedStream } from '../loki/pushed.ts'

/** A value of OTLP: integers are bigints, doubles numbers, maps `OtlpMap`s. */
export type OtlpValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly OtlpValue[]
  | OtlpMap

export interface OtlpMap {
  readonly pairs: readonly OtlpPair[]
}

export type OtlpPair = readonly [name: string, value: OtlpValue]

export interface OtlpRecord {
  /** Nanoseconds; 0n: not set. */
  readonly time: bigint
  readonly observed: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly body: OtlpValue
  readonly attributes: readonly OtlpPair[]
  readonly droppedAttributes: number
  readonly flags: number
  /** Hexadecimal; '': not set. */
  readonly traceId: string
  readonly spanId: string
}

export interface OtlpScope {
  readonly name: string
  readonly version: string
  readonly attributes: readonly OtlpPair[]
  readonly droppedAttributes: number
  readonly records: readonly OtlpRecord[]
}

export interface OtlpResource {
  readonly attributes: readonly OtlpPair[]
  readonly scopes: readonly OtlpScope[]
}

export type DecodedOtlp = Read<{ readonly resources: OtlpResource[] }>

/** The resource attributes that become labels: Loki's default of `otlp_config`. */
const LABEL_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['service.name', 'service.namespace', 'service.instance.id', 'deployment.environment'],
  ...['deployment.environment.name', 'cloud.region', 'cloud.availability_zone', 'k8s.cluster.name'],
  ...['k8s.namespace.name', 'k8s.pod.name', 'k8s.container.name', 'container.name', 'k8s.replicaset.name'],
  ...[
    'k8s.deployment.name',
    'k8s.statefulset.name',
    'k8s.daemonset.name',
    'k8s.cronjob.name',
    'k8s.job.name',
  ],
])

type Metadata = [name: string, value: string][]

/** The streams of resources, one each. `service_name` is added where streams are stored. */
export function otlpStreams(resources: readonly OtlpResource[]): PushedStream[] {
  return resources.map(({ attributes, scopes }) => {
    const labels: Metadata = []
    const shared: Metadata = []
    for (const [name, value] of attributes) flatten(name, value, LABEL_ATTRIBUTES.has(name) ? labels : shared)
    return { labels: labelsOf(labels), entries: scopes.flatMap((scope) => entriesOf(scope, shared)) }
  })
}

function labelsOf(pairs: Metadata): LabelSet {
  return labelSet(pairs.filter(([, value]) => value !== ''))
}

function entriesOf(scope: OtlpScope, resource: Metadata): PushedEntry[] {
  const shared: Metadata = [...resource]
  for (const [name, value] of scope.attributes) flatten(name, value, shared)
  if (scope.name !== '') shared.push(['scope_name', scope.name])
  if (scope.version !== '') shared.push(['scope_version', scope.version])
  if (scope.droppedAttributes > 0)
    shared.push(['scope_dropped_attributes_count', String(scope.droppedAttributes)])
  return scope.records.map((record) => entryOf(record, shared))
}

function entryOf(record: OtlpRecord, shared: Metadata): PushedEntry {
  const own: Metadata = []
  for (const [name, value] of record.attributes) flatten(name, value, own)
  const add = (name: string, value: string | number): void => {
    if (value !== '' && value !== 0) own.push([name, String(value)])
  }
  add('dropped_attributes_count', record.droppedAttributes)
  // Without a time the observed time is the entry's own.
  if (record.time !== 0n && record.observed !== 0n) own.push(['observed_timestamp', String(record.observed)])
  add('severity_number', record.severityNumber)
  add('severity_text', record.severityText)
  add('flags', record.flags)
  add('trace_id', record.traceId)
  add('span_id', record.spanId)
  const time = record.time === 0n ? record.observed : record.time
  const seconds = time / 1_000_000_000n
  return {
    seconds: Number(seconds),
    nanos: Number(time - seconds * 1_000_000_000n),
    line: textOf(record.body),
    structuredMetadata: [...shared, ...own],
  }
}

/** Maps nested deeper than this become JSON text. */
const MAX_DEPTH = 32

// A map becomes one pair per value, with joined names.
function flatten(name: string, value: OtlpValue, into: Metadata, depth = 0): void {
  if (isMap(value) && depth < MAX_DEPTH) {
    for (const [key, inner] of value.pairs) flatten(`${name}_${key}`, inner, into, depth + 1)
    return
  }
  into.push([normalName(name) ?? name, textOf(value)])
}

function isMap(value: OtlpValue): value is OtlpMap {
  return typeof value === 'object' && value !== null && 'pairs' in value
}

/** The text of a value: bytes as base64, maps and lists as JSON. */
export function textOf(value: OtlpValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return marshalSorted(plain(value)) ?? String(value as number)
}

function plain(value: OtlpValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (isMap(value)) {
    const object = Object.create(null) as Record<string, unknown>
    for (const [key, inner] of value.pairs) object[key] = plain(inner)
    return object
  }
  return Array.isArray(value) ? (value as readonly OtlpValue[]).map(plain) : value
}

/** The answer of an OTLP receiver to a mistake: google.rpc.Status with the message in field 2. */
export function otlpStatus(message: string): Buffer {
  const text = Buffer.from(message)
  const length: number[] = []
  let rest = text.length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) length.push((rest & 0x7f) | 0x80)
  length.push(rest)
  return Buffer.concat([Buffer.from([0x12, ...length]), text])
}
