/** OpenTelemetry's logs as streams of Loki; a recorded export is in the test of the routes. */
import t from 'tap'
import { otlpStreams } from '../../../lib/otlp/loki-streams.ts'
import { textOf, type OtlpRecord, type OtlpResource, type OtlpValue } from '../../../lib/otlp/records.ts'

const record = (changes: Partial<OtlpRecord> = {}): OtlpRecord => ({
  time: 1_000_000_002n,
  observed: 0n,
  severityNumber: 0,
  severityText: '',
  body: 'line',
  attributes: [],
  droppedAttributes: 0,
  flags: 0,
  traceId: '',
  spanId: '',
  eventName: '',
  ...changes,
})

void t.test('labels, metadata, lines', (t) => {
  const resources = [
    {
      attributes: [
        ['service.name', 'shop'],
        ['k8s.pod.name', ''],
        ['host.name', 'h'],
      ],
      scopes: [
        {
          name: 's',
          version: '1',
          attributes: [['x.y', true]],
          droppedAttributes: 2,
          records: [
            record({
              attributes: [
                [
                  'a',
                  {
                    pairs: [
                      ['b', 1n],
                      ['c.d', [1.5, null]],
                    ],
                  },
                ],
              ],
              droppedAttributes: 1,
            }),
            record({ time: 0n, observed: 5n }),
            record({
              ...{ observed: 5n, flags: 1, traceId: 'ab', severityNumber: 9, severityText: 'Info' },
              eventName: 'paid',
            }),
            record({ time: 0n }),
          ],
        },
      ],
    },
  ] satisfies OtlpResource[]
  const [stream] = otlpStreams(resources, 7_000_000_008n)
  t.equal(stream?.labels.text, '{service_name="shop"}')
  const shared = [
    ['host_name', 'h'],
    ['x_y', 'true'],
    ['scope_name', 's'],
    ['scope_version', '1'],
    ['scope_dropped_attributes_count', '2'],
  ]
  t.same(
    stream?.entries.map(({ seconds, nanos }) => [seconds, nanos]),
    [
      [1, 2],
      [0, 5],
      [1, 2],
      [7, 8],
    ],
  )
  t.same(
    stream?.entries.map(({ structuredMetadata }) => structuredMetadata.slice(shared.length)),
    [
      [
        ['a_b', '1'],
        ['a_c_d', '[1.5,null]'],
        ['dropped_attributes_count', '1'],
      ],
      [],
      [
        ['observed_timestamp', '5'],
        ['severity_number', '9'],
        ['severity_text', 'Info'],
        ['flags', '1'],
        ['trace_id', 'ab'],
        ['event_name', 'paid'],
      ],
      [],
    ],
  )
  t.same(stream?.entries[1]?.structuredMetadata, shared)
  t.end()
})

void t.test('values as text', (t) => {
  const cases: readonly (readonly [OtlpValue, string])[] = [
    [null, ''],
    ['x', 'x'],
    [false, 'false'],
    [-3n, '-3'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Buffer.from('hi'), 'aGk='],
    [-Infinity, '-Infinity'],
    [['x', Infinity, Buffer.alloc(0)], '["x","Infinity",null]'],
    [['x', 2n, Buffer.from('hi')], '["x",2,"aGk="]'],
    [
      {
        pairs: [
          ['b', 1n],
          ['a', 'x'],
          ['__proto__', 2n],
        ],
      },
      '{"__proto__":2,"a":"x","b":1}',
    ],
  ]
  for (const [value, text] of cases) t.equal(textOf(value), text)
  t.end()
})
