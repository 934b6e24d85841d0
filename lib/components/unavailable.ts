/** Components that Alloy has and logstream has not, each with what to use in its place. */

const FILES_OR_API =
  'let its agent or a small forwarder push to loki.source.api, or write files for loki.source.file'

/** Beginnings of names, each with what to do. */
export const refused: readonly (readonly [prefix: string, instead: string])[] = [
  ['loki.source.awsfirehose', 'send the delivery stream to an HTTP endpoint that pushes to loki.source.api'],
  ['loki.source.azure_event_hubs', 'Event Hubs speaks the Kafka protocol: use loki.source.kafka'],
  ['loki.source.cloudflare', 'use Cloudflare Logpush to an HTTP endpoint that pushes to loki.source.api'],
  [
    'loki.source.gcplog',
    'export the sink through Pub/Sub to an HTTP endpoint that pushes to loki.source.api',
  ],
  ['loki.source.heroku', 'use a Heroku syslog drain with loki.source.syslog over TLS'],
  ['loki.source.gelf', 'send syslog to loki.source.syslog, or JSON lines to loki.source.tcp'],
  [
    'loki.source.kubernetes',
    'tail /var/log/pods/*/*/*.log with local.file_match and loki.source.file, then stage.cri',
  ],
  [
    'loki.source.podlogs',
    'tail /var/log/pods/*/*/*.log with local.file_match and loki.source.file, then stage.cri',
  ],
  ['loki.source.windowsevent', FILES_OR_API],
  ['discovery.process', 'list the targets, or write them to a file for discovery.file'],
  [
    'prometheus.',
    'logstream is about logs: metrics made by stage.metrics are scraped at /metrics, run Alloy for the rest',
  ],
  [
    'otelcol.',
    'logstream is about logs over the Loki protocol: run Alloy or the OpenTelemetry Collector beside it',
  ],
  ['pyroscope.', 'logstream is about logs: run Alloy beside it'],
  ['mimir.', 'logstream is about logs: run Alloy beside it'],
  ['beyla.', 'logstream is about logs: run Alloy beside it'],
  ['faro.', 'logstream is about logs: run Alloy beside it'],
]

/** Why a component of Alloy is refused and what to do, or `undefined` for a name that is simply unknown. */
export function refusal(name: string): string | undefined {
  const found = refused.find(([prefix]) => name.startsWith(prefix))
  return found === undefined ? undefined : `logstream does not have ${name}: ${found[1]}`
}
