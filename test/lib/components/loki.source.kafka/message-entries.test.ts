/** What becomes of a message: labels, relabelling, times, and what `loki.sink.kafka` wrote. */
import t from 'tap'
import { headersOf } from '../../../../lib/components/loki.sink.kafka/message-format.ts'
import { messageEntries } from '../../../../lib/components/loki.source.kafka/message-entries.ts'
import { MessageLabels } from '../../../../lib/components/loki.source.kafka/message-labels.ts'
import { Stamps } from '../../../../lib/flow/clock.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { RELABEL_DEFAULTS, type RelabelRule } from '../../../../lib/formats/relabel.ts'
import type { KafkaRecord } from '../../../../lib/net/kafka/record-batch.ts'
import { StepClock } from '../../../support/step-clock.ts'

const rule = (source: string, target: string, more: Partial<RelabelRule> = {}): RelabelRule => ({
  ...RELABEL_DEFAULTS,
  source_labels: [source],
  target_label: target,
  ...more,
})

const record = (changes: Partial<KafkaRecord> = {}): KafkaRecord => ({
  offset: 42,
  timestamp: 1_700_000_000_123,
  key: Buffer.from('k1'),
  value: Buffer.from('hello'),
  headers: [],
  ...changes,
})

function made(
  {
    labels = {},
    rules,
    incoming = false,
  }: { labels?: Record<string, string>; rules?: RelabelRule[]; incoming?: boolean },
  message = record(),
): Entry | string {
  const result = messageEntries({
    labels: new MessageLabels({ labels: new Map(Object.entries(labels)), rules, group: 'g' }),
    useIncomingTimestamp: incoming,
    stamps: new Stamps(new StepClock(Date.UTC(2026, 0, 1))),
  })(
    { topic: 'orders', partition: 7 },
    'member-1',
  )(message)
  return 'reason' in result ? result.reason : result[0]!
}

const labelsOf = (entry: Entry | string): unknown =>
  typeof entry === 'string' ? entry : entry.labels.toObject()

void t.test('labels of the partition and of the message, by rules', (tap) => {
  const rules = [
    'topic',
    'partition',
    'member_id',
    'group_id',
    'message_key',
    'message_offset',
    'header_trace_id',
  ].map((name) => rule(`__meta_kafka_${name}`, name))
  const headers = [['trace-id', Buffer.from('abc')]] as const
  tap.same(labelsOf(made({ labels: { job: 'j' }, rules }, record({ headers }))), {
    job: 'j',
    topic: 'orders',
    partition: '7',
    member_id: 'member-1',
    group_id: 'g',
    message_key: 'k1',
    message_offset: '42',
    header_trace_id: 'abc',
  })
  tap.same(labelsOf(made({ rules: [rule('__meta_kafka_message_key', 'key')] }, record({ key: undefined }))), {
    key: 'none',
  })
  tap.same(labelsOf(made({ labels: { job: 'j', __hidden: 'x' } })), { job: 'j' })
  tap.end()
})

void t.test('a partition can be dropped by a rule, a message only by having no labels', (tap) => {
  const drop = rule('__meta_kafka_topic', '', { action: 'drop', regex: 'orders' })
  tap.equal(made({ labels: { job: 'j' }, rules: [drop] }), 'relabel_rule')
  const dropKey = rule('__meta_kafka_message_key', '', { action: 'drop', regex: 'k1' })
  tap.same(labelsOf(made({ labels: { job: 'j' }, rules: [dropKey] })), { job: 'j' }, 'as in Alloy')
  tap.equal(made({}), 'relabel_no_labels')
  tap.end()
})

void t.test('times, and a message without a value', (tap) => {
  tap.match(made({ labels: { job: 'j' } }), { line: 'hello', seconds: Date.UTC(2026, 0, 1) / 1000 })
  tap.match(made({ labels: { job: 'j' }, incoming: true }), { seconds: 1_700_000_000, nanos: 123_000_000 })
  tap.match(made({ labels: { job: 'j' }, incoming: true }, record({ timestamp: -1 })), {
    seconds: -1,
    nanos: 999e6,
  })
  tap.match(made({ labels: { job: 'j' } }, record({ value: undefined })), { line: '' })
  tap.end()
})

void t.test('what loki.sink.kafka wrote is the same entry again, and other labels are added', (tap) => {
  const sent = {
    labels: '{app="web", job="edge"}',
    seconds: 1_600_000_000,
    nanos: 5,
    structuredMetadata: [['k', 'v']] as const,
  }
  const headers = headersOf(sent, 'team').map(([name, value]) => [name, Buffer.from(value)] as const)
  const entry = made({ labels: { job: 'j', site: 's' } }, record({ headers }))
  tap.match(entry, { seconds: 1_600_000_000, nanos: 5, structuredMetadata: [['k', 'v']] })
  tap.same(labelsOf(entry), { app: 'web', job: 'edge', site: 's', __tenant_id__: 'team' })
  tap.same(
    labelsOf(made({}, record({ headers }))),
    { app: 'web', job: 'edge', __tenant_id__: 'team' },
    'no labels needed',
  )
  tap.end()
})
