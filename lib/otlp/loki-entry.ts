/**
 * What `otelcol.exporter.loki` makes of a record: labels by hints in its attributes, and the rest as the line. The
 * rules are those of the collector's pkg/translator/loki, which Alloy uses.
 */
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { jsonString, marshalSorted } from '../go/json/writer.ts'
import { normalName } from '../loki/metadata-names.ts'
import { attributeAt, attributesOf, type Attributes } from './attributes.ts'
import { HINT_ATTRIBUTES, type CarriedRecord } from './carried.ts'
import { logfmtLine, type LineParts } from './logfmt-line.ts'
import { plainPairs, plainValue, textOf, type OtlpValue } from './records.ts'

/** A record that can't become an entry says why. */
export type LokiEntry =
  | { readonly ok: true; readonly labels: LabelSet; readonly line: string }
  | { readonly ok: false; readonly reason: string }

const HINT_RESOURCES = 'loki.resource.labels'
const HINT_TENANT = 'loki.tenant'
const HINT_FORMAT = 'loki.format'
const HINTS: readonly string[] = [HINT_ATTRIBUTES, HINT_RESOURCES, HINT_TENANT, HINT_FORMAT]

const LEVEL = 'level'

export function lokiEntry(carried: CarriedRecord): LokiEntry {
  const { record } = carried
  const attributes = attributesOf(record.attributes)
  const resource = attributesOf(carried.resource)
  addLevel(attributes, record.severityNumber)
  const format = String(textOf(resource.get(HINT_FORMAT) ?? attributes.get(HINT_FORMAT) ?? 'json'))
  const promoted = promotedLabels(attributes, resource)
  for (const name of [...HINTS, ...promoted.keys()]) {
    attributes.delete(name)
    resource.delete(name)
  }
  const labels: [string, string][] = []
  for (const [name, value] of promoted) {
    const valid = normalName(name)
    if (valid === undefined) return bad(`no label name can be made of the attribute "${name}"`)
    // Loki drops labels without a value.
    if (value !== '') labels.push([valid, value])
  }
  const line = lineOf(format, { record, scope: carried.scope, attributes, resource })
  if (!line.ok) return line
  return { ok: true, labels: labelSet(labels), line: line.text }
}

/** The severity as a label, unless the record has an attribute of that name, which then is the label. */
function addLevel(attributes: Attributes, severity: number): void {
  if (severity === 0) return
  const hint = attributes.get(HINT_ATTRIBUTES)
  if (hint === undefined) attributes.set(HINT_ATTRIBUTES, LEVEL)
  else if (typeof hint === 'string') attributes.set(HINT_ATTRIBUTES, `${hint},${LEVEL}`)
  else if (isList(hint)) attributes.set(HINT_ATTRIBUTES, [...hint, LEVEL])
  if (!attributes.has(LEVEL)) attributes.set(LEVEL, severityName(severity))
}

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

// 1 is TRACE, 2 is TRACE2, 5 is DEBUG, 24 is FATAL4.
function severityName(severity: number): string {
  const name = SEVERITIES[Math.floor((severity - 1) / 4)]
  const grade = ((severity - 1) % 4) + 1
  return name === undefined ? '' : `${name}${grade === 1 ? '' : grade}`
}

function promotedLabels(attributes: Attributes, resource: Attributes): Map<string, string> {
  const labels = new Map([['exporter', 'OTLP']])
  const service = resource.get('service.name')
  if (service !== undefined) {
    const namespace = resource.get('service.namespace')
    labels.set('job', namespace === undefined ? text(service) : `${text(namespace)}/${text(service)}`)
  }
  const instance = resource.get('service.instance.id')
  if (instance !== undefined) labels.set('instance', text(instance))
  promote(resource, resource.get(HINT_RESOURCES), labels)
  promote(resource, attributes.get(HINT_RESOURCES), labels)
  promote(attributes, attributes.get(HINT_ATTRIBUTES), labels)
  return labels
}

function promote(from: Attributes, hint: OtlpValue | undefined, into: Map<string, string>): void {
  if (hint === undefined) return
  for (const name of new Set(namesIn(hint))) {
    const value = attributeAt(from, name)
    if (value !== undefined) into.set(name, text(value))
  }
}

function namesIn(hint: OtlpValue): string[] {
  const names = isList(hint) ? hint.map(text) : typeof hint === 'string' ? hint.split(',') : [text(hint)]
  return names.map((name) => name.trim())
}

function isList(value: OtlpValue): value is readonly OtlpValue[] {
  return Array.isArray(value)
}

function text(value: OtlpValue): string {
  return textOf(value, 'standard without html')
}

type Line = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

function lineOf(format: string, rest: LineParts): Line {
  switch (format) {
    case 'raw':
      return { ok: true, text: text(rest.record.body) }
    case 'logfmt': {
      const line = logfmtLine(rest)
      return line === undefined
        ? bad('an attribute has no name that logfmt allows')
        : { ok: true, text: line }
    }
    case 'json': {
      const line = jsonLine(rest)
      return line === undefined ? bad('JSON has no NaN and no infinity') : { ok: true, text: line }
    }
    default:
      return bad(`${HINT_FORMAT} is "${format}": expected json, logfmt or raw`)
  }
}

// The order of the keys is that of the translator's struct; those without a value are left out.
function jsonLine({ record, scope, attributes, resource }: LineParts): string | undefined {
  const parts: string[] = []
  let failed = false
  const add = (key: string, json: string | undefined): void => {
    if (json === undefined) failed = true
    else parts.push(`${jsonString(key, 'standard')}:${json}`)
  }
  const addText = (key: string, value: string): void => {
    if (value !== '') add(key, jsonString(value, 'standard'))
  }
  const addMap = (key: string, pairs: Attributes): void => {
    if (pairs.size > 0) add(key, marshalSorted(plainPairs(pairs)))
  }
  if (record.body !== null) add('body', marshalSorted(plainValue(record.body)))
  addText('traceid', record.traceId)
  addText('spanid', record.spanId)
  addText('severity', record.severityText)
  if (record.flags !== 0) add('flags', String(record.flags))
  addMap('attributes', attributes)
  addMap('resources', resource)
  if (scope.name !== '') add('instrumentation_scope', scopeJson(scope))
  return failed ? undefined : `{${parts.join(',')}}`
}

function scopeJson({ name, version, attributes }: CarriedRecord['scope']): string | undefined {
  const known = attributesOf(attributes)
  const inner = known.size === 0 ? undefined : marshalSorted(plainPairs(known))
  if (inner === undefined && known.size > 0) return undefined
  return `{${[
    `"name":${jsonString(name, 'standard')}`,
    ...(version === '' ? [] : [`"version":${jsonString(version, 'standard')}`]),
    ...(inner === undefined ? [] : [`"attributes":${inner}`]),
  ].join(',')}}`
}

function bad(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
