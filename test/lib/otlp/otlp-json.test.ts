/** OTLP as JSON. */
import t from 'tap'
import { decodeOtlpJson } from '../../../lib/otlp/otlp-json.ts'

const values = [
  '{"stringValue":"s"}',
  '{"boolValue":true}',
  '{"intValue":"-9007199254740993"}',
  '{"intValue":5}',
  '{"doubleValue":1.5}',
  '{"bytesValue":"aGk="}',
  '{"arrayValue":{"values":[{"intValue":1}]}}',
  '{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}',
  '{"other":1}',
  'null',
]
const decoded = decodeOtlpJson(
  `{"resourceLogs":[{"resource":{"attributes":[{"key":"r","value":{"stringValue":"x"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"5","traceId":"AB","attributes":[${values.map((value) => `{"key":"a","value":${value}}`).join(',')}]}]}]}]}`,
)
t.ok(decoded.ok)
if (decoded.ok) {
  const [resource] = decoded.resources
  t.same(resource?.attributes, [['r', 'x']])
  const [record] = resource!.scopes[0]!.records
  t.match(record, { time: 5n, observed: 0n, body: null, traceId: 'ab' })
  t.same(
    record?.attributes.map(([, value]) => value),
    [
      's',
      true,
      -9_007_199_254_740_993n,
      5n,
      1.5,
      Buffer.from('hi'),
      [1n],
      { pairs: [['k', 'v']] },
      null,
      null,
    ],
  )
}
const named = decodeOtlpJson(
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${[
    '{"severityNumber":"SEVERITY_NUMBER_INFO","traceId":"00000000000000000000000000000000"}',
    '{"severityNumber":"SEVERITY_NUMBER_FATAL4","eventName":"paid"}',
    '{"severityNumber":"SEVERITY_NUMBER_UNSPECIFIED","spanId":"0000000000000001"}',
    '{"severityNumber":"17"}',
  ].join(',')}]}]}]}`,
)
t.match(named.ok ? named.resources[0]!.scopes[0]!.records : [], [
  { severityNumber: 9, traceId: '', eventName: '' },
  { severityNumber: 24, eventName: 'paid' },
  { severityNumber: 0, spanId: '0000000000000001' },
  { severityNumber: 17 },
])
t.same(decodeOtlpJson('{}'), { ok: true, resources: [] })
const deep = `{"body":${'{"arrayValue":{"values":['.repeat(200)}{}${']}}'.repeat(200)}}`
const inLogs = (record: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`
for (const bad of [
  '',
  '[]',
  '{"resourceLogs":3}',
  inLogs('3'),
  inLogs('{"timeUnixNano":"x"}'),
  inLogs('{"severityText":3}'),
  inLogs('{"severityNumber":"SEVERITY_NUMBER_LOUD"}'),
  inLogs(deep),
])
  t.match(decodeOtlpJson(bad), { ok: false, error: /^expected an OTLP export as JSON/ }, bad.slice(0, 60))
