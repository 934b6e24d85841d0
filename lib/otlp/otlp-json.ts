/** Reads an OTLP export of logs as JSON (opentelemetry.io/docs/specs/otlp, JSON Protobuf Encoding). */
import { Malformed, reading } from '../loki/malformed.ts'
import { limitJsonValues } from '../loki/value-limit.ts'
import {
  idOf,
  MAX_RECORDS,
  type DecodedOtlp,
  type OtlpPair,
  type OtlpRecord,
  type OtlpResource,
  type OtlpScope,
  type OtlpValue,
} from './records.ts'

type Json = Readonly<Record<string, unknown>>

/** The resources of an export; unknown keys are ignored. Never throws. */
export function decodeOtlpJson(text: string): DecodedOtlp {
  return reading(() => {
    limitJsonValues(text)
    const request = objectOf(JSON.parse(text), 'the request')
    const resources = each(request, 'resourceLogs').map(resourceOf)
    limitRecords(resources)
    return { resources }
  }, 'expected an OTLP export as JSON: ')
}

function limitRecords(resources: readonly OtlpResource[]): void {
  let count = 0
  for (const { scopes } of resources) for (const { records } of scopes) count += records.length
  if (count > MAX_RECORDS) throw new Malformed(`more than ${MAX_RECORDS} records`)
}

function resourceOf(logs: Json): OtlpResource {
  const resource = objectOf(logs['resource'] ?? {}, 'resource')
  return { attributes: pairsOf(resource), scopes: each(logs, 'scopeLogs').map(scopeOf) }
}

function scopeOf(logs: Json): OtlpScope {
  const scope = objectOf(logs['scope'] ?? {}, 'scope')
  return {
    name: textIn(scope, 'name'),
    version: textIn(scope, 'version'),
    attributes: pairsOf(scope),
    droppedAttributes: numberIn(scope, 'droppedAttributesCount'),
    records: each(logs, 'logRecords').map(recordOf),
  }
}

function recordOf(record: Json): OtlpRecord {
  return {
    time: integerIn(record, 'timeUnixNano'),
    observed: integerIn(record, 'observedTimeUnixNano'),
    severityNumber: severityOf(record['severityNumber']) ?? numberIn(record, 'severityNumber'),
    severityText: textIn(record, 'severityText'),
    body: valueOf(record['body'], 0),
    attributes: pairsOf(record),
    droppedAttributes: numberIn(record, 'droppedAttributesCount'),
    flags: numberIn(record, 'flags'),
    traceId: idOf(textIn(record, 'traceId').toLowerCase()),
    spanId: idOf(textIn(record, 'spanId').toLowerCase()),
    eventName: textIn(record, 'eventName'),
  }
}

/** `INFO` to `INFO4`. */
const SEVERITIES_A_NAME = 4
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

/** Of the name of a severity, such as `SEVERITY_NUMBER_INFO2`, which OTLP leaves to Protobuf's own JSON. */
function severityOf(value: unknown): number | undefined {
  const [, name = '', step] = /^SEVERITY_NUMBER_([A-Z]+)([2-4]?)$/.exec(String(value)) ?? []
  if (name === 'UNSPECIFIED') return 0
  const index = SEVERITIES.indexOf(name)
  return index === -1 ? undefined : index * SEVERITIES_A_NAME + Number(step || 1)
}

function pairsOf(object: Json): OtlpPair[] {
  return each(object, 'attributes').map((pair) => [textIn(pair, 'key'), valueOf(pair['value'], 0)])
}

const MAX_DEPTH = 100

// value = { "stringValue" | "boolValue" | "intValue" | "doubleValue" | "bytesValue" | "arrayValue" | "kvlistValue": ... }
function valueOf(json: unknown, depth: number): OtlpValue {
  if (json === undefined || json === null) return null
  if (depth > MAX_DEPTH) throw new Malformed(`values are nested more than ${MAX_DEPTH} deep`)
  const value = objectOf(json, 'a value')
  if ('stringValue' in value) return textIn(value, 'stringValue')
  if ('boolValue' in value) return value['boolValue'] === true
  if ('intValue' in value) return integerIn(value, 'intValue')
  if ('doubleValue' in value) return Number(value['doubleValue'])
  if ('bytesValue' in value) return Buffer.from(textIn(value, 'bytesValue'), 'base64')
  if ('arrayValue' in value)
    return each(objectOf(value['arrayValue'] ?? {}, 'arrayValue'), 'values').map((each) =>
      valueOf(each, depth + 1),
    )
  if ('kvlistValue' in value) {
    const list = each(objectOf(value['kvlistValue'] ?? {}, 'kvlistValue'), 'values')
    return { pairs: list.map((pair) => [textIn(pair, 'key'), valueOf(pair['value'], depth + 1)] as const) }
  }
  return null
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`expected an object for ${what}`)
  return value as Json
}

function each(object: Json, key: string): Json[] {
  const list = object[key] ?? object[key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ?? []
  if (!Array.isArray(list)) throw new Malformed(`expected a list for ${key}`)
  return (list as unknown[]).map((item) => objectOf(item, `an item of ${key}`))
}

function textIn(object: Json, key: string): string {
  const value = object[key] ?? ''
  if (typeof value !== 'string') throw new Malformed(`expected a string for ${key}`)
  return value
}

// 64-bit integers travel as strings; some senders write numbers.
function integerIn(object: Json, key: string): bigint {
  const value = object[key] ?? 0
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value)
  throw new Malformed(`expected an integer for ${key}`)
}

function numberIn(object: Json, key: string): number {
  const value = Number(object[key] ?? 0)
  if (!Number.isFinite(value)) throw new Malformed(`expected a number for ${key}`)
  return value
}
