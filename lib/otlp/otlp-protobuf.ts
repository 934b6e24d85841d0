/** Reads an OTLP export of logs as protobuf (opentelemetry/proto/logs/v1/logs.proto); unknown fields are skipped. */
import { Malformed, reading } from '../loki/malformed.ts'
import { WireReader } from '../loki/protobuf.ts'
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

/** The resources of an export. Never throws. */
// ExportLogsServiceRequest = { 1: ResourceLogs }
export function decodeOtlpProtobuf(bytes: Buffer): DecodedOtlp {
  return reading(() => {
    const resources: OtlpResource[] = []
    const reader = new WireReader(bytes)
    const count: RecordCount = { records: 0 }
    while (reader.next()) if (reader.field === 1) resources.push(resourceOf(reader.message(), count))
    return { resources }
  }, 'expected an OTLP export as protobuf: ')
}

interface RecordCount {
  records: number
}

// ResourceLogs = { 1: Resource { 1: KeyValue } | 2: ScopeLogs | 3: schema_url }
function resourceOf(reader: WireReader, count: RecordCount): OtlpResource {
  const attributes: OtlpPair[] = []
  const scopes: OtlpScope[] = []
  while (reader.next()) {
    if (reader.field === 1) {
      const resource = reader.message()
      while (resource.next()) if (resource.field === 1) attributes.push(pairOf(resource.message(), 0))
    } else if (reader.field === 2) scopes.push(scopeOf(reader.message(), count))
  }
  return { attributes, scopes }
}

// ScopeLogs = { 1: InstrumentationScope | 2: LogRecord }
// InstrumentationScope = { 1: name | 2: version | 3: KeyValue | 4: dropped attributes }
function scopeOf(reader: WireReader, count: RecordCount): OtlpScope {
  const scope = { name: '', version: '', droppedAttributes: 0 }
  const attributes: OtlpPair[] = []
  const records: OtlpRecord[] = []
  while (reader.next()) {
    if (reader.field === 2) {
      if (++count.records > MAX_RECORDS) throw new Malformed(`more than ${MAX_RECORDS} records`)
      records.push(recordOf(reader.message()))
    }
    if (reader.field !== 1) continue
    const inner = reader.message()
    while (inner.next()) {
      if (inner.field === 1) scope.name = inner.text()
      else if (inner.field === 2) scope.version = inner.text()
      else if (inner.field === 3) attributes.push(pairOf(inner.message(), 0))
      else if (inner.field === 4) scope.droppedAttributes = Number(inner.unsigned())
    }
  }
  return { ...scope, attributes, records }
}

// LogRecord = { 1: time (fixed64) | 2: severity number | 3: severity text | 5: body (AnyValue) | 6: KeyValue
//             | 7: dropped | 8: flags (fixed32) | 9: trace id | 10: span id | 11: observed time (fixed64)
//             | 12: event name }
function recordOf(reader: WireReader): OtlpRecord {
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
    eventName: '',
  }
  const attributes: OtlpPair[] = []
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        record.time = reader.unsigned()
        break
      case 2:
        record.severityNumber = Number(reader.unsigned())
        break
      case 3:
        record.severityText = reader.text()
        break
      case 5:
        record.body = valueOf(reader.message(), 0)
        break
      case 6:
        attributes.push(pairOf(reader.message(), 0))
        break
      case 7:
        record.droppedAttributes = Number(reader.unsigned())
        break
      case 8:
        record.flags = Number(reader.unsigned())
        break
      case 9:
        record.traceId = idOf(reader.bytes().toString('hex'))
        break
      case 10:
        record.spanId = idOf(reader.bytes().toString('hex'))
        break
      case 11:
        record.observed = reader.unsigned()
        break
      case 12:
        record.eventName = reader.text()
        break
      default:
    }
  }
  return { ...record, attributes }
}

// KeyValue = { 1: key | 2: AnyValue }
function pairOf(reader: WireReader, depth: number): OtlpPair {
  let key = ''
  let value: OtlpValue = null
  while (reader.next()) {
    if (reader.field === 1) key = reader.text()
    else if (reader.field === 2) value = valueOf(reader.message(), depth + 1)
  }
  return [key, value]
}

const MAX_DEPTH = 100

// AnyValue = { 1: string | 2: bool | 3: int | 4: double | 5: ArrayValue { 1: AnyValue }
//            | 6: KeyValueList { 1: KeyValue } | 7: bytes }
function valueOf(reader: WireReader, depth: number): OtlpValue {
  if (depth > MAX_DEPTH) throw new Malformed(`values are nested more than ${MAX_DEPTH} deep`)
  let value: OtlpValue = null
  while (reader.next()) value = oneOf(reader, depth) ?? value
  return value
}

function oneOf(reader: WireReader, depth: number): OtlpValue | undefined {
  switch (reader.field) {
    case 1:
      return reader.text()
    case 2:
      return reader.unsigned() !== 0n
    case 3:
      return BigInt.asIntN(64, reader.unsigned())
    case 4:
      return reader.double()
    case 5:
      return listOf(reader.message(), (item) => valueOf(item, depth + 1))
    case 6:
      return { pairs: listOf(reader.message(), (item) => pairOf(item, depth + 1)) }
    case 7:
      return reader.bytes()
    default:
      return undefined
  }
}

// ArrayValue and KeyValueList hold their items in field 1.
function listOf<T>(list: WireReader, read: (item: WireReader) => T): T[] {
  const items: T[] = []
  while (list.next()) if (list.field === 1) items.push(read(list.message()))
  return items
}
