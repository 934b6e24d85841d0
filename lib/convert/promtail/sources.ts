/** Promtail's targets that bring lines in by themselves become `loki.source.*` components. */
import {
  attribute,
  block,
  blockUnlessEmpty,
  expression,
  listAttribute,
  mapAttribute,
  sizeAttribute,
  timeAttribute,
  type Attribute,
  type Body,
} from './alloy-text.ts'
import type { Findings } from './findings.ts'
import { noteLost, tlsBody, tlsConfig } from './http-client.ts'
import {
  bool,
  duration,
  int,
  labels,
  maybe,
  prometheusTime,
  struct,
  text,
  texts,
  type Reader,
} from './read.ts'
import type { Shape, Value } from './read.ts'
import { ALL_ADDRESSES, checkSourceServer, serverBody, sourceServer } from './server.ts'
import { parseDuration } from '../../go/duration.ts'
import { entryOf } from '../../go/yaml/tree.ts'
import { kafkaShape, kafkaBody } from './kafka.ts'

/** The expressions through which a source is joined to the rest of its job. */
export interface Links {
  readonly forwardTo: string
  /** The relabelling rules; `null` if there are none. */
  readonly rules: string
}

/** A kind of target: it becomes the component `loki.source.<component>`. */
export interface SourceKind<T> {
  readonly component: string
  readonly reader: Reader<T | undefined>
  /** Lines are relabelled by the source itself, or by a `loki.relabel` after it. */
  readonly relabels: 'itself' | 'downstream'
  readonly body: (config: T, links: Links, findings: Findings) => Body
}

function sourceKind<S extends Shape>(
  component: string,
  shape: S,
  relabels: 'itself' | 'downstream',
  body: SourceKind<Value<S>>['body'],
): SourceKind<Value<S>> {
  return { component, reader: maybe(struct(shape)), relabels, body }
}

const forwardTo = ({ forwardTo: text }: Links): Attribute => expression('forward_to', text)
const rules = ({ rules: text }: Links): Attribute => expression('relabel_rules', text)

/** Labels are written even when there are none, as Alloy's converter does. */
const labelsOf = (given: ReadonlyMap<string, string> | undefined): Attribute | undefined =>
  mapAttribute('labels', given ?? new Map())

const journal = sourceKind(
  'journal',
  { max_age: text(), json: bool(), labels: labels(), path: text(), matches: text() },
  'itself',
  (config, links, findings) => {
    const age = config.max_age === '' ? 7 * 3600e9 : parseDuration(config.max_age)
    if (age === undefined)
      findings.add(
        'error',
        `max_age must be a duration such as "12h", found "${config.max_age}"; the default of 7h counts`,
        entryOf(config.origin, 'max_age')?.value.range,
      )
    noteLost(config.origin, ['matches'], findings)
    return [
      attribute('format_as_json', config.json, false),
      timeAttribute('max_age', age ?? 7 * 3600e9, 7 * 3600e9),
      attribute('path', config.path, ''),
      rules(links),
      forwardTo(links),
      labelsOf(config.labels),
    ]
  },
)

const ciscoShape = {
  enable_all: bool(),
  message_counter: bool(),
  sequence_number: bool(),
  hostname: bool(),
  second_fractions: bool(),
}

const syslogShape = {
  listen_address: text(),
  listen_protocol: text(),
  idle_timeout: duration(),
  label_structured_data: bool(),
  labels: labels(),
  use_incoming_timestamp: bool(),
  use_rfc5424_message: bool(),
  syslog_format: text(),
  max_message_length: int(),
  tls_config: tlsConfig,
  raw_format_options: maybe(struct({ use_null_terminator_delimiter: bool() })),
  rfc3164_cisco_components: maybe(struct(ciscoShape)),
}

const syslog = sourceKind('syslog', syslogShape, 'itself', (config, links, findings) => {
  if (!['', 'rfc5424', 'rfc3164', 'raw'].includes(config.syslog_format))
    findings.add(
      'critical',
      `syslog_format must be rfc5424, rfc3164 or raw, found "${config.syslog_format}"`,
      entryOf(config.origin, 'syslog_format')?.value.range,
    )
  return [block('listener', listenerBody(config)), forwardTo(links), rules(links)]
})

function listenerBody(config: Value<typeof syslogShape>): Body {
  const { raw_format_options: plain, rfc3164_cisco_components: cisco } = config
  return [
    attribute('address', config.listen_address),
    // An empty protocol would be refused when the config is loaded; without it TCP counts, as in Promtail.
    config.listen_protocol === '' ? undefined : attribute('protocol', config.listen_protocol, 'tcp'),
    timeAttribute('idle_timeout', config.idle_timeout, 120e9),
    attribute('label_structured_data', config.label_structured_data, false),
    labelsOf(config.labels),
    attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
    attribute('use_rfc5424_message', config.use_rfc5424_message, false),
    attribute('max_message_length', config.max_message_length, 8192),
    blockUnlessEmpty('tls_config', tlsBody(config.tls_config)),
    attribute('syslog_format', config.syslog_format || 'rfc5424', 'rfc5424'),
    plain === undefined
      ? undefined
      : block('raw_format_options', [
          attribute('use_null_terminator_delimiter', plain.use_null_terminator_delimiter, false),
        ]),
    cisco === undefined
      ? undefined
      : block(
          'rfc3164_cisco_components',
          Object.keys(ciscoShape).map((name) =>
            attribute(name, cisco[name as keyof typeof ciscoShape], false),
          ),
        ),
    attribute('udp_queue_size', 0),
    attribute('udp_host_cache_size', 0),
  ]
}

const push = sourceKind(
  'api',
  { server: sourceServer, labels: labels(), use_incoming_timestamp: bool(), max_send_msg_size: int() },
  'itself',
  (config, links, findings) => {
    checkSourceServer(config.server, findings)
    return [
      ...serverBody(config.server),
      forwardTo(links),
      labelsOf(config.labels),
      rules(links),
      attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
      sizeAttribute('max_send_message_size', config.max_send_msg_size, 100 * 1024 ** 2),
    ]
  },
)

const gcplogShape = {
  project_id: text(),
  subscription: text(),
  labels: labels(),
  use_incoming_timestamp: bool(),
  subscription_type: text(),
  push_timeout: duration(),
  server: sourceServer,
  use_full_line: bool(),
}

const gcplog = sourceKind('gcplog', gcplogShape, 'itself', (config, links, findings) => {
  const pull = ['', 'pull'].includes(config.subscription_type)
  const pushed = config.subscription_type === 'push'
  if (!pull && !pushed)
    findings.add(
      'error',
      `subscription_type must be pull or push, found "${config.subscription_type}"`,
      entryOf(config.origin, 'subscription_type')?.value.range,
    )
  if (pushed) checkSourceServer(config.server, findings)
  const common = [
    labelsOf(config.labels),
    attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
    attribute('use_full_line', config.use_full_line, false),
  ]
  const head = [attribute('project_id', config.project_id), attribute('subscription', config.subscription)]
  return [
    pull ? block('pull', [...head, ...common]) : undefined,
    pushed
      ? block('push', [
          ...serverBody(config.server),
          timeAttribute('push_timeout', config.push_timeout, 0),
          ...common,
        ])
      : undefined,
    forwardTo(links),
    rules(links),
  ]
})

const windowsEvents = sourceKind(
  'windowsevent',
  {
    locale: int(),
    eventlog_name: text(),
    xpath_query: text(),
    use_incoming_timestamp: bool(),
    bookmark_path: text(),
    poll_interval: duration(),
    exclude_event_data: bool(),
    exclude_event_message: bool(),
    exclude_user_data: bool(),
    labels: labels(),
  },
  'downstream',
  (config, links) => [
    attribute('locale', config.locale, 0),
    attribute('eventlog_name', config.eventlog_name, ''),
    attribute('xpath_query', config.xpath_query, '*'),
    timeAttribute('poll_interval', config.poll_interval, 3e9),
    attribute('exclude_event_data', config.exclude_event_data, false),
    attribute('exclude_user_data', config.exclude_user_data, false),
    attribute('exclude_event_message', config.exclude_event_message, false),
    attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
    forwardTo(links),
    labelsOf(config.labels),
    attribute('legacy_bookmark_path', config.bookmark_path, ''),
  ],
)

const kafka = sourceKind('kafka', kafkaShape, 'itself', (config, links) => [
  ...kafkaBody(config),
  labelsOf(config.labels),
  forwardTo(links),
  rules(links),
])

const azureEventHubs = sourceKind(
  'azure_event_hubs',
  {
    labels: labels(),
    use_incoming_timestamp: bool(),
    event_hubs: texts(),
    connection_string: text(),
    fully_qualified_namespace: text(),
    group_id: text(),
    disallow_custom_messages: bool(),
  },
  'itself',
  (config, links) => [
    attribute('fully_qualified_namespace', config.fully_qualified_namespace),
    listAttribute('event_hubs', config.event_hubs ?? []),
    // Promtail knows only this way to log in; Alloy refuses an empty one, and an empty assignor.
    block('authentication', [
      attribute('mechanism', 'connection_string'),
      attribute('connection_string', config.connection_string, ''),
    ]),
    attribute('group_id', config.group_id, 'loki.source.azure_event_hubs'),
    attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
    attribute('disallow_custom_messages', config.disallow_custom_messages, false),
    rules(links),
    labelsOf(config.labels),
    forwardTo(links),
  ],
)

const gelf = sourceKind(
  'gelf',
  { listen_address: text(), labels: labels(), use_incoming_timestamp: bool() },
  'itself',
  (config, links, findings) => {
    noteLost(config.origin, ['labels'], findings)
    return [
      attribute('listen_address', config.listen_address || `${ALL_ADDRESSES}:12201`),
      attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
      rules(links),
      forwardTo(links),
    ]
  },
)

const cloudflare = sourceKind(
  'cloudflare',
  {
    api_token: text(),
    zone_id: text(),
    labels: labels(),
    workers: int(),
    pull_range: prometheusTime(),
    fields_type: text(),
    additional_fields: texts(),
  },
  'downstream',
  (config, links, findings) => {
    noteLost(config.origin, ['additional_fields'], findings)
    return [
      attribute('api_token', config.api_token),
      attribute('zone_id', config.zone_id),
      labelsOf(config.labels),
      // Promtail takes its defaults for zeros, which can't be loaded.
      attribute('workers', config.workers || 3, 3),
      timeAttribute('pull_range', config.pull_range || 60e9, 60e9),
      attribute('fields_type', config.fields_type, 'default'),
      forwardTo(links),
    ]
  },
)

const heroku = sourceKind(
  'heroku',
  { server: sourceServer, labels: labels(), use_incoming_timestamp: bool() },
  'itself',
  (config, links) => [
    ...serverBody(config.server),
    labelsOf(config.labels),
    attribute('use_incoming_timestamp', config.use_incoming_timestamp, false),
    forwardTo(links),
    rules(links),
  ],
)

/** The kinds by their field of a scrape config, in the order in which their components are written. */
export const sources = {
  cloudflare,
  journal,
  loki_push_api: push,
  syslog,
  gcplog,
  windows_events: windowsEvents,
  kafka,
  azure_event_hubs: azureEventHubs,
  gelf,
  heroku_drain: heroku,
} as const
