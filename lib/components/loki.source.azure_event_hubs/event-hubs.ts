/** `loki.source.azure_event_hubs`: reads event hubs over their Kafka endpoint. */
import { defineComponent } from '../../component/component.ts'
import {
  flag,
  list,
  map,
  nullable,
  optional,
  required,
  requiredBlock,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { blame } from '../../component/origin.ts'
import { forwardField, maxLineSizeField, rulesField, timestampField } from '../../component/options/source.ts'
import { LogstreamError } from '../../errors.ts'
import { Stamps } from '../../flow/clock.ts'
import type { Assignor } from '../../net/kafka/assignors.ts'
import { addressesOf, noOauth, type KafkaSettings } from '../../net/kafka/settings.ts'
import { MessageLabels } from '../loki.source.kafka/message-labels.ts'
import { kafkaSource } from '../loki.source.kafka/source.ts'
import { Topics } from '../loki.source.kafka/topics.ts'
import { eventEntries } from './event-entries.ts'

const NAME = 'loki.source.azure_event_hubs'

const authenticationFields = {
  mechanism: required(text, 'How to authenticate; oauth is not supported.', ['connection_string', 'oauth']),
  scopes: optional(nullable(list(text)), undefined, 'Scopes of the token, for oauth.'),
  connection_string: optional(secret, secret.zero, 'Connection string of the namespace, or of an event hub.'),
}

const fields = {
  fully_qualified_namespace: required(text, 'Namespace, as NAME.servicebus.windows.net:9093.'),
  event_hubs: required(list(text), 'Event hubs; one that starts with ^ is a pattern.'),
  authentication: requiredBlock(authenticationFields, 'Authentication towards Azure.'),
  group_id: optional(text, NAME, 'Consumer group. Its members share the partitions.'),
  use_incoming_timestamp: timestampField,
  disallow_custom_messages: optional(
    flag,
    false,
    "Drops messages that aren't resource logs of Azure Monitor, instead of taking them as they are.",
  ),
  relabel_rules: rulesField,
  labels: optional(map(text), new Map([['job', NAME]]), 'Labels of all entries.'),
  assignor: optional(text, 'range', 'How the group shares out partitions.', [
    'range',
    'roundrobin',
    'sticky',
  ]),
  forward_to: forwardField,
  max_line_size: maxLineSizeField,
}

type HubOptions = OptionsOf<typeof fields>

/** Azure's name for a login that is a connection string. */
const USER = '$ConnectionString'

export const lokiSourceAzureEventHubs = defineComponent({
  name: NAME,
  summary: 'Reads Azure event hubs over Kafka, without losing messages.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options, ctx) => {
    const { group_id: group, relabel_rules: rules } = options
    return kafkaSource(
      {
        settings: settingsOf(options),
        topics: new Topics(options.event_hubs, 'event_hubs'),
        group,
        assignor: options.assignor as Assignor,
        entries: eventEntries({
          labels: new MessageLabels({ labels: options.labels, rules, group }),
          useIncomingTimestamp: options.use_incoming_timestamp,
          disallowCustomMessages: options.disallow_custom_messages,
          stamps: new Stamps(ctx.clock),
        }),
        maxLineBytes: options.max_line_size,
      },
      ctx,
    )
  },
})

function settingsOf({ fully_qualified_namespace: namespace, authentication }: HubOptions): KafkaSettings {
  const { mechanism, connection_string: secretText } = authentication
  if (mechanism === 'oauth') throw blame(noOauth('mechanism'), authentication)
  if (secretText.text === '')
    throw blame(
      new LogstreamError(
        'BAD_CONFIG',
        'connection_string: it is needed with the mechanism "connection_string"',
        {
          option: 'mechanism',
        },
      ),
      authentication,
    )
  return {
    brokers: addressesOf([namespace], 'fully_qualified_namespace'),
    tls: { rejectUnauthorized: true },
    sasl: { mechanism: 'PLAIN', username: USER, password: secretText.text },
  }
}
