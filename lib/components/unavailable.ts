/** What Alloy has and logstream doesn't: each with what to use instead, which `validate`, `run` and `logstream docs` say. */

/** Components and what to use instead of any of them. */
export interface Unavailable {
  /** Full names, or everything that starts with a name that ends in a dot. */
  readonly names: readonly string[]
  readonly instead: string
}

const OTHER_SIGNALS = 'logstream only handles logs: run Alloy for the rest'

export const unavailable: readonly Unavailable[] = [
  {
    names: ['loki.source.windowsevent'],
    instead: 'let a forwarder push to loki.source.api, or write files for loki.source.file',
  },
  {
    names: ['loki.rules.kubernetes'],
    instead: 'mount the rules as files, from a ConfigMap for example, for the block rules of loki.store',
  },
  {
    names: [
      'azure',
      'consul',
      'consulagent',
      'digitalocean',
      'dns',
      'dockerswarm',
      'ec2',
      'eureka',
      'gce',
      'hetzner',
      'http',
      'ionos',
      'kubelet',
      'kuma',
      'lightsail',
      'linode',
      'marathon',
      'nerve',
      'nomad',
      'openstack',
      'ovhcloud',
      'process',
      'puppetdb',
      'scaleway',
      'serverset',
      'triton',
      'uyuni',
    ].map((name) => `discovery.${name}`),
    instead: 'list the targets, or write them to a file for discovery.file',
  },
  {
    names: ['remote.s3', 'remote.vault'],
    instead: 'fetch the value before the start and read it with local.file or sys.env',
  },
  {
    names: ['remotecfg'],
    instead: 'keep the config in a file, and parts from elsewhere in import.git or import.http',
  },
  {
    names: ['prometheus.'],
    instead: `${OTHER_SIGNALS}; what stage.metrics counts is scraped at /metrics`,
  },
  {
    names: ['otelcol.exporter.otlp', 'otelcol.exporter.otlphttp'],
    instead: 'send logs to Loki with otelcol.exporter.loki and loki.write; run Alloy for other signals',
  },
  {
    names: ['otelcol.'],
    instead:
      'of otelcol only receiver.otlp, receiver.loki, processor.batch and exporter.loki run here, for logs. ' +
      'Change records with loki.process after exporter.loki; run Alloy for other signals',
  },
  {
    names: ['beyla.', 'database_observability.', 'faro.', 'mimir.', 'pyroscope.'],
    instead: OTHER_SIGNALS,
  },
]

/** The refusal of a component that has a definition and is listed by its full name; prefixes don't count. */
export function notYet(name: string): string | undefined {
  return unavailable.some(({ names }) => names.includes(name)) ? refusal(name) : undefined
}

/** Why a component can't be used and what to do, or `undefined` where nothing is known against it. */
export function refusal(name: string): string | undefined {
  const found = unavailable.find(({ names }) =>
    names.some((each) => (each.endsWith('.') ? name.startsWith(each) : name === each)),
  )
  return found === undefined ? undefined : `logstream does not have ${name}: ${found.instead}`
}
