/** Exports of logs, as clients send them in JSON and in protobuf. */
import { bytesField, varintField } from './push-request.ts'

const TIME = 1_700_000_000_000_000_001n

/** Each line is the body of a record with these attributes; all have one resource. */
export function otlpJson(
  lines: readonly string[],
  attributes: Readonly<Record<string, string>> = {},
  resource: Readonly<Record<string, string>> = { 'service.name': 'shop' },
): string {
  const pairs = (of: Readonly<Record<string, string>>): object[] =>
    Object.entries(of).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  const logRecords = lines.map((stringValue) => ({
    timeUnixNano: String(TIME),
    severityNumber: 9,
    body: { stringValue },
    attributes: pairs(attributes),
  }))
  return JSON.stringify({
    resourceLogs: [{ resource: { attributes: pairs(resource) }, scopeLogs: [{ logRecords }] }],
  })
}

export function otlpProtobuf(
  lines: readonly string[],
  attributes: Readonly<Record<string, string>> = {},
): Buffer {
  const time = Buffer.alloc(9, 0x09)
  time.writeBigUInt64LE(TIME, 1)
  const records = lines.map((line) =>
    bytesField(
      2,
      Buffer.concat([
        time,
        varintField(2, 9),
        bytesField(5, bytesField(1, line)),
        ...Object.entries(attributes).map(([key, value]) => pair(6, key, value)),
      ]),
    ),
  )
  const resource = bytesField(1, pair(1, 'service.name', 'shop'))
  return bytesField(1, Buffer.concat([resource, bytesField(2, Buffer.concat(records))]))
}

function pair(field: number, key: string, value: string): Buffer {
  return bytesField(field, Buffer.concat([bytesField(1, key), bytesField(2, bytesField(1, value))]))
}
