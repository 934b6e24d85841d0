/** OpenTelemetry logs as streams of Loki, as its own OTLP endpoint makes them: for the store. */
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { normalName } from '../loki/metadata-names.ts'
import type { PushedEntry, PushedStream } from '../loki/pushed.ts'
import {
  isMap,
  textOf,
  type OtlpRecord,
  type OtlpResource,
  type OtlpScope,
  type OtlpValue,
} from './records.ts'

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

/**
 * The streams of resources, one each. `service_name` is added where streams are stored. `now`, in nanoseconds, is the time of records
 * without one.
 */
export function otlpStreams(resources: readonly OtlpResource[], now: bigint): PushedStream[] {
  return resources.map(({ attributes, scopes }) => {
    const labels: Metadata = []
    const shared: Metadata = []
    for (const [name, value] of attributes) flatten(name, value, LABEL_ATTRIBUTES.has(name) ? labels : shared)
    return { labels: labelsOf(labels), entries: scopes.flatMap((scope) => entriesOf(scope, shared, now)) }
  })
}

function labelsOf(pairs: Metadata): LabelSet {
  return labelSet(pairs.filter(([, value]) => value !== ''))
}

function entriesOf(scope: OtlpScope, resource: Metadata, now: bigint): PushedEntry[] {
  const shared: Metadata = [...resource]
  for (const [name, value] of scope.attributes) flatten(name, value, shared)
  if (scope.name !== '') shared.push(['scope_name', scope.name])
  if (scope.version !== '') shared.push(['scope_version', scope.version])
  if (scope.droppedAttributes > 0)
    shared.push(['scope_dropped_attributes_count', String(scope.droppedAttributes)])
  return scope.records.map((record) => entryOf(record, shared, now))
}

function entryOf(record: OtlpRecord, shared: Metadata, now: bigint): PushedEntry {
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
  add('event_name', record.eventName)
  const time = record.time || record.observed || now
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
