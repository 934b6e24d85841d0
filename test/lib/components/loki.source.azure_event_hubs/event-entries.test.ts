/** What becomes of an event: the cases of Alloy's parser_test.go, in words of our own. */
import t from 'tap'
import { eventEntries } from '../../../../lib/components/loki.source.azure_event_hubs/event-entries.ts'
import { MessageLabels } from '../../../../lib/components/loki.source.kafka/message-labels.ts'
import { Stamps } from '../../../../lib/flow/clock.ts'
import { RELABEL_DEFAULTS } from '../../../../lib/formats/relabel.ts'
import { StepClock } from '../../../support/step-clock.ts'

const SENT = Date.UTC(2021, 2, 17, 8, 44, 3)
const category = {
  ...RELABEL_DEFAULTS,
  source_labels: ['__azure_event_hubs_category'],
  target_label: 'category',
}

type Options = {
  readonly disallow?: boolean
  readonly incoming?: boolean
  readonly labels?: Record<string, string>
}

function parse(
  text: string,
  { disallow = false, incoming = true, labels = { job: 'hubs' } }: Options = {},
): unknown {
  const entries = eventEntries({
    labels: new MessageLabels({ labels: new Map(Object.entries(labels)), rules: [category], group: 'g' }),
    useIncomingTimestamp: incoming,
    disallowCustomMessages: disallow,
    stamps: new Stamps(new StepClock()),
  })({ topic: 't', partition: 0 }, 'm')
  const found = entries({ offset: 1, timestamp: SENT, key: undefined, value: Buffer.from(text), headers: [] })
  if ('reason' in found) return found.reason
  return found.map(({ line, seconds, nanos, labels: set }) => [
    line,
    seconds * 1000 + nanos / 1e6,
    set.get('category'),
  ])
}

const record = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  time: '2023-03-17T08:44:02.8921579Z',
  category: 'Audit',
  resourceId: '/R',
  operationName: 'op',
  ...more,
})
const event = (...records: readonly unknown[]): string => JSON.stringify({ records }, undefined, 1)

void t.test('resource logs are an entry each, as they were written, with their time and category', (tap) => {
  const text =
    '{"records": [ {"time": "2023-03-17T08:44:02Z", "category":"A","resourceId":"r", "operationName":"o"},\n' +
    '{"timeStamp":"2024-09-18T00:45:09+00:00","category":"B","resourceId":"r","operationName":"o"}]}'
  tap.same(parse(text), [
    [
      '{"time": "2023-03-17T08:44:02Z", "category":"A","resourceId":"r", "operationName":"o"}',
      Date.UTC(2023, 2, 17, 8, 44, 2),
      'A',
    ],
    [
      '{"timeStamp":"2024-09-18T00:45:09+00:00","category":"B","resourceId":"r","operationName":"o"}',
      Date.UTC(2024, 8, 18, 0, 45, 9),
      'B',
    ],
  ])
  tap.same(parse(text.replaceAll('"', "'")), parse(text), 'Azure Functions quote in single quotes')
  tap.same(
    (parse(text, { incoming: false }) as [string, number][]).map(([, time]) => Math.floor(time)),
    [Date.UTC(2026, 0, 2, 3, 4, 5), Date.UTC(2026, 0, 2, 3, 4, 5)],
  )
  tap.end()
})

void t.test('anything else is one entry as it is, or dropped where that is wanted', (tap) => {
  for (const text of [
    'plain "text" `',
    '{"json":"valid"}',
    '{"records":"a text"}',
    '{"records":[]}',
    '',
    "it's",
  ]) {
    tap.same(parse(text), [[text, SENT, undefined]], text)
    tap.equal(parse(text, { disallow: true }), 'custom_message', text)
  }
  const mixed = event(record(), { time: 'SOME-ERROR', category: 'mine' }, 'text')
  tap.same(
    (parse(mixed) as [string, number, string?][]).map(([, time, name]) => [Math.floor(time), name]),
    [
      [Date.UTC(2023, 2, 17, 8, 44, 2, 892), 'Audit'],
      [SENT, undefined],
      [SENT, undefined],
    ],
  )
  tap.equal(parse(mixed, { disallow: true }), 'custom_message')
  tap.same((parse(event(record({ time: 'no time' }))) as [string, number][])[0]![1], SENT)
  tap.equal(parse('text', { labels: {} }), 'relabel_no_labels')
  tap.end()
})

void t.test('deep and endless nesting', (tap) => {
  const deep = `{"records":${'['.repeat(200_000)}`
  tap.same(parse(deep), [[deep, SENT, undefined]])
  tap.end()
})
