/** The options of Promtail's `kafka` target, and how they read in `loki.source.kafka`. */
import { attribute, block, blockUnlessEmpty, listAttribute, type Body } from './alloy-text.ts'
import { checkTls, tlsBody, tlsConfig, tlsShape } from './http-client.ts'
import { bool, labels, struct, text, texts, type Value } from './read.ts'

const sasl = struct(
  { mechanism: text(), user: text(), password: text(), use_tls: bool(), ...tlsShape },
  checkTls,
)

export const kafkaShape = {
  labels: labels(),
  use_incoming_timestamp: bool(),
  brokers: texts(),
  group_id: text(),
  topics: texts(),
  version: text(),
  assignor: text(),
  authentication: struct({ type: text(), tls_config: tlsConfig, sasl_config: sasl }),
}

type Kafka = Value<typeof kafkaShape>

/** All attributes but those that every source has. */
export function kafkaBody(config: Kafka): Body {
  return [
    listAttribute('brokers', config.brokers ?? []),
    listAttribute('topics', config.topics ?? []),
    attribute('group_id', config.group_id, 'loki.source.kafka'),
    attribute('assignor', config.assignor, 'range'),
    attribute('version', config.version, '2.2.1'),
    block('authentication', authenticationBody(config.authentication)),
    attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
  ]
}

function authenticationBody({ type, tls_config: tls, sasl_config: login }: Kafka['authentication']): Body {
  return [
    attribute('type', type, ''),
    blockUnlessEmpty('tls_config', tlsBody(tls)),
    blockUnlessEmpty('sasl_config', [
      attribute('mechanism', login.mechanism, ''),
      attribute('user', login.user, ''),
      attribute('password', login.password, ''),
      attribute('use_tls', login.use_tls, false),
      blockUnlessEmpty('tls_config', tlsBody(login)),
    ]),
  ]
}
