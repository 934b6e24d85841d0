/** Reads an OTLP export of logs as protobuf (opentelemetry/proto/logs/v1/logs.proto); unknown fields are skipped. */
import { fieldsOf, Malformed, type WireField } from '../loki/protobuf.ts'
import type { DecodedOtlp, OtlpPair, OtlpRecord, OtlpResource, OtlpScope, OtlpValue } from './otlp.ts'

/** The resources of an export. Never throws. */
// ExportLogsServiceRequest = { 1: ResourceLogs }
export function decodeOtlpProtobuf(bytes: Buffer): DecodedOtlp {
  try {
    const resources: OtlpResource[] = []
    for (const field of fieldsOf(bytes)) if (field.number === 1) resources.push(resourceOf(field.bytes))
    return { ok: true, resources }
  } catch (error) {
    if (error instanceof Malformed)
      return { ok: false, error: `expected an OTLP export as protobuf: ${error.message}` }
    throw error
  }
}

// ResourceLogs = { 1: Resource { 1: KeyValue } | 2: ScopeLogs | 3: schema_url }
function resourceOf(bytes: Buffer): OtlpResource {
  const attributes: OtlpPair[] = []
  const scopes: OtlpScope[] = []
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) {
      for (const inner of fieldsOf(field.bytes)) if (inner.number === 1) attributes.push(pairOf(inner, 0))
    } else if (field.number === 2) scopes.push(scopeOf(field.bytes))
  }
  return { attributes, scopes }
}

// ScopeLogs = { 1: InstrumentationScope { 1: name | 2: version | 3: KeyValue | 4: dropped } | 2: LogRecord }
function scopeOf(bytes: Buffer): OtlpScope {
  const scope = { name: '', version: '', droppedAttributes: 0 }
  const attributes: OtlpPair[] = []
  const records: OtlpRecord[] = []
  for (const field of fieldsOf(bytes)) {
    if (field.number === 2) records.push(recordOf(field.bytes))
    if (field.number !== 1) continue
    for (const inner of fieldsOf(field.bytes)) {
      if (inner.number === 1) scope.name = inner.bytes.toString()
      else if (inner.number === 2) scope.version = inner.bytes.toString()
      else if (inner.number === 3) attributes.push(pairOf(inner, 0))
      else if (inner.number === 4) scope.droppedAttributes = Number(inner.integer)
    }
  }
  return { ...scope, attributes, records }
}

// LogRecord = { 1: time (fixed64) | 2: severity number | 3: severity text | 5: body (AnyValue) | 6: KeyValue
//             | 7: dropped | 8: flags (fixed32) | 9: trace id | 10: span id | 11: observed time (fixed64) }
function recordOf(bytes: Buffer): OtlpRecord {
  const record = {
    time: 0n,
    observed: 0n,
    severityNumber: 0,
    severityText: '',
    body: null as OtlpValue,
    droppedAttributes: 0,
    flags: 0,
    traceId: '',
    spanId: '',
  }
  const attributes: OtlpPair[] = []
  for (const field of fieldsOf(bytes)) {
    switch (field.number) {
      case 1:
        record.time = field.integer
        break
      case 2:
        record.severityNumber = Number(field.integer)
        break
      case 3:
        record.severityText = field.bytes.toString()
        break
      case 5:
        record.body = valueOf(field.bytes, 0)
        break
      case 6:
        attributes.push(pairOf(field, 0))
        break
      case 7:
        record.droppedAttributes = Number(field.integer)
        break
      case 8:
        record.flags = Number(field.integer)
        break
      case 9:
        record.traceId = idOf(field)
        break
      case 10:
        record.spanId = idOf(field)
        break
      case 11:
        record.observed = field.integer
        break
      default:
    }
  }
  return { ...record, attributes }
}

// All zeros mean that there is none.
function idOf({ bytes }: WireField): string {
  return bytes.every((byte) => byte === 0) ? '' : bytes.toString('hex')
}

// KeyValue = { 1: key | 2: AnyValue }
function pairOf({ bytes }: WireField, depth: number): OtlpPair {
  let key = ''
  let value: OtlpValue = null
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) key = field.bytes.toString()
    else if (field.number === 2) value = valueOf(field.bytes, depth + 1)
  }
  return [key, value]
}

const MAX_DEPTH = 100

// AnyValue = { 1: string | 2: bool | 3: int | 4: double | 5: ArrayValue { 1: AnyValue }
//            | 6: KeyValueList { 1: KeyValue } | 7: bytes }
function valueOf(bytes: Buffer, depth: number): OtlpValue {
  if (depth > MAX_DEPTH) throw new Malformed(`values are nested more than ${MAX_DEPTH} deep`)
  let value: OtlpValue = null
  for (const field of fieldsOf(bytes)) value = oneOf(field, depth) ?? value
  return value
}

function oneOf(field: WireField, depth: number): OtlpValue | undefined {
  switch (field.number) {
    case 1:
      return field.bytes.toString()
    case 2:
      return field.integer !== 0n
    case 3:
      return BigInt.asIntN(64, field.integer)
    case 4:
      return field.double
    case 5:
      return [...fieldsOf(field.bytes)].map((item) => valueOf(item.bytes, depth + 1))
    case 6:
      return { pairs: [...fieldsOf(field.bytes)].map((item) => pairOf(item, depth + 1)) }
    case 7:
      return field.bytes
    default:
      return undefined
  }
}
