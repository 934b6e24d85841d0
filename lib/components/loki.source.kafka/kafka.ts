/** `loki.source.kafka`: reads topics of Kafka as a member of a consumer group. */
import { defineComponent } from '../../component/component.ts'
import { list, optional, required, text } from '../../component/fields.ts'
import {
  forwardField,
  labelsField,
  maxLineSizeField,
  rulesField,
  timestampField,
} from '../../component/options/source.ts'
import { LogstreamError } from '../../errors.ts'
import { Stamps } from '../../flow/clock.ts'
import type { Assignor } from '../../net/kafka/assignors.ts'
import { authenticationBlock, brokersField, kafkaSettings } from '../../net/kafka/settings.ts'
import { messageEntries } from './message-entries.ts'
import { MessageLabels } from './message-labels.ts'
import { kafkaSource } from './source.ts'
import { Topics } from './topics.ts'

const DEFAULT_GROUP = 'loki.source.kafka'

const fields = {
  brokers: brokersField,
  topics: required(list(text), 'Topics; one that starts with ^ is a pattern.'),
  group_id: optional(text, DEFAULT_GROUP, 'Consumer group. Its members share the partitions.'),
  assignor: optional(text, 'range', 'How the group shares out partitions.', [
    '',
    'range',
    'roundrobin',
    'sticky',
  ]),
  version: optional(
    text,
    '2.2.1',
    'Taken as in Alloy; versions are agreed on with the brokers, from Kafka 2.7 on.',
  ),
  authentication: authenticationBlock,
  use_incoming_timestamp: timestampField,
  labels: labelsField,
  forward_to: forwardField,
  relabel_rules: rulesField,
  max_line_size: maxLineSizeField,
}

/** Offsets are committed when lines are delivered, so a crash loses none. */
export const lokiSourceKafka = defineComponent({
  name: 'loki.source.kafka',
  summary: 'Reads topics of Kafka as a member of a consumer group, without losing messages.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx) => {
    checkVersion(options.version)
    const group = options.group_id === '' ? DEFAULT_GROUP : options.group_id
    const labels = new MessageLabels({
      labels: options.labels ?? new Map<string, string>(),
      rules: options.relabel_rules,
      group,
    })
    return kafkaSource(
      {
        settings: kafkaSettings(options.brokers, options.authentication),
        topics: new Topics(options.topics, 'topics'),
        group,
        assignor: (options.assignor === '' ? 'range' : options.assignor) as Assignor,
        entries: messageEntries({
          labels,
          useIncomingTimestamp: options.use_incoming_timestamp,
          stamps: new Stamps(ctx.clock),
        }),
        maxLineBytes: options.max_line_size,
      },
      ctx,
    )
  },
})

function checkVersion(version: string): void {
  // The converter writes what Promtail leaves out as an empty string; Alloy takes that for its default.
  if (version !== '' && !/^\d+\.\d+\.\d+(?:\.\d+)?$/.test(version))
    throw new LogstreamError('BAD_CONFIG', `version: expected a version such as 2.2.1, found "${version}"`, {
      option: 'version',
    })
}
