/** `loki.source.kafka`: reads topics of Kafka. Its arguments are known; it does not run yet. */
import { defineComponent } from '../../component/component.ts'
import { LogstreamError } from '../../errors.ts'
import {
  block,
  blockWithDefaults,
  flag,
  list,
  optional,
  required,
  secret,
  text,
} from '../../component/fields.ts'
import type { OptionsOf } from '../../component/fields.ts'
import { tlsFields } from '../../net/client/fields.ts'
import { forwardField, labelsField, rulesField, timestampField } from '../../component/options/source.ts'
import { refuse } from '../unavailable.ts'

const tls = blockWithDefaults(tlsFields, 'TLS towards the brokers.')

const saslFields = {
  mechanism: optional(text, 'PLAIN', 'How to authenticate.', [
    'PLAIN',
    'SCRAM-SHA-256',
    'SCRAM-SHA-512',
    'OAUTHBEARER',
  ]),
  user: optional(text, '', 'User name.'),
  password: optional(secret, { kind: 'secret', text: '', optional: false }, 'Password.'),
  use_tls: optional(flag, false, 'Whether TLS is used too.'),
  tls_config: tls,
  oauth_config: block(
    {
      token_provider: required(text, 'Who gives the token.', ['azure']),
      scopes: required(list(text), 'Scopes of the token.'),
    },
    'OAuth, for OAUTHBEARER.',
  ),
}

const fields = {
  brokers: required(list(text), 'Brokers, as host:port.'),
  topics: required(list(text), 'Topics; one that starts with ^ is a pattern.'),
  group_id: optional(text, 'loki.source.kafka', 'Consumer group.'),
  assignor: optional(text, 'range', 'How partitions are shared out.', ['', 'range', 'roundrobin', 'sticky']),
  version: optional(text, '2.2.1', 'Version of Kafka.'),
  authentication: blockWithDefaults(
    {
      type: optional(text, 'none', 'Kind of authentication.', ['none', 'ssl', 'sasl']),
      tls_config: tls,
      sasl_config: blockWithDefaults(saslFields, 'SASL, for the type "sasl".'),
    },
    'Authentication towards the brokers.',
  ),
  use_incoming_timestamp: timestampField,
  labels: labelsField,
  forward_to: forwardField,
  relabel_rules: rulesField,
}

export const lokiSourceKafka = defineComponent({
  name: 'loki.source.kafka',
  summary: 'Reads topics of Kafka.',
  fields,
  stability: 'generally-available',
  exports: {},
  create: (options) => {
    check(options)
    return refuse('loki.source.kafka')
  },
})

function check({ brokers, topics, version }: OptionsOf<typeof fields>): void {
  if (brokers.length === 0) throw bad('brokers', 'name at least one broker')
  if (topics.length === 0) throw bad('topics', 'name at least one topic')
  // The converter writes what Promtail leaves out as an empty text; Alloy takes that for its default.
  if (version !== '' && !/^\d+\.\d+\.\d+(?:\.\d+)?$/.test(version))
    throw bad('version', `expected a version such as 2.2.1, found "${version}"`)
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
}
