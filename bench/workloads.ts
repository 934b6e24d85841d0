/** The workloads by name: what is read, and the config that reads it. Alloy runs all configs but those marked `extension`. */
import * as inputs from './inputs.ts'
import type { LineSource } from './inputs.ts'

/** Where a config reads and writes. */
export interface Places {
  /** The file, or the pattern of the files. */
  readonly path: string
  /** A free port, for workloads over TCP. */
  readonly port: number
  /** Where to push. */
  readonly url: string
  /** An empty folder. */
  readonly folder: string
}

export interface Workload {
  readonly name: string
  readonly summary: string
  /** How many entries, unless the command line says another number. */
  readonly entries: number
  readonly input: () => LineSource
  /** How lines come in; `pipe` is `logstream pipe` with the file as standard input, `library` is `pipeline.ts`. */
  readonly feed: 'file' | 'pipe' | 'tcp' | 'library'
  /** Over how many files the lines are spread, which a pattern finds; one that is named if left out. */
  readonly files?: number
  /** Lines are written while the program runs, so many a second, and the delays until they arrive are measured. */
  readonly linesPerSecond?: number
  readonly config: (places: Places) => string
  /** How many pushed entries an entry becomes. */
  readonly copies?: number
  /** Components that Alloy doesn't have. */
  readonly extension?: true
  /** Whether `hand-written.ts` does the same job. */
  readonly handWritten?: true
  /** Whether entries stay in the program's own store; nothing is pushed then. */
  readonly stored?: true
}

const write = (url: string, more = '', endpoint = ''): string => `
loki.write "out" {
  endpoint {
    url = "${url}"${endpoint}
  }
${more}}
`

const process = (stages: string, to = 'loki.write.out.receiver'): string => `
loki.process "bench" {
  forward_to = [${to}]
${stages}
}
`

const fileSource = (path: string, to: string): string => `
loki.source.file "in" {
  targets    = [{__path__ = "${path}", job = "template-job"}]
  forward_to = [${to}]
}
`

const throughStages =
  (stages: string) =>
  ({ path, url }: Places): string =>
    fileSource(path, 'loki.process.bench.receiver') + process(stages) + write(url)

const SEED = String.raw`
  stage.static_labels { values = {parse_status = "failed"} }
  stage.regex {
    expression = "^(?P<date>\\S+)\\|(?P<time_start>\\S+)\\|(?P<time_end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$"
  }
  stage.labels { values = {method = "", status = "", code = ""} }
  stage.match {
    selector = "{method=~\".+\"}"
    stage.static_labels { values = {parse_status = "success"} }
    stage.metrics {
      metric.histogram {
        name    = "transaction_latency_ms"
        prefix  = "payment_"
        source  = "latency"
        buckets = [50, 100, 250, 500, 1000, 2500, 5000, 10000]
      }
      metric.counter {
        name   = "success_transactions_total"
        prefix = "payment_"
        source = "status"
        value  = "SUCCESS"
        action = "inc"
      }
      metric.counter {
        name   = "failed_transactions_total"
        prefix = "payment_"
        source = "status"
        value  = "FAILED"
        action = "inc"
      }
    }
  }`

const NGINX = String.raw`
  stage.regex {
    expression = "^(?P<client>\\S+) \\S+ (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] \"(?P<method>\\S+) (?P<path>\\S+) (?P<protocol>[^\"]+)\" (?P<status>\\d+) (?P<bytes>\\d+)"
  }
  stage.timestamp {
    source = "time"
    format = "02/Jan/2006:15:04:05 -0700"
  }
  stage.labels { values = {method = "", status = ""} }`

const JSON_STAGES = `
  stage.json {
    expressions = {time = "", level = "", method = "", status = "", duration = "", msg = ""}
  }
  stage.timestamp {
    source = "time"
    format = "RFC3339Nano"
  }
  stage.labels { values = {level = "", method = ""} }`

const LOGFMT = `
  stage.logfmt {
    mapping = {ts = "", level = "", component = "", status = "", duration = ""}
  }
  stage.timestamp {
    source = "ts"
    format = "RFC3339Nano"
  }
  stage.labels { values = {level = "", component = ""} }`

const MULTILINE = String.raw`
  stage.multiline { firstline = "^\\d{4}-\\d{2}-\\d{2}T" }`

const HEAVY = String.raw`
  stage.json {
    expressions = {time = "", level = "", method = "", status = "", path = "", msg = "", id = "user.id"}
  }
  stage.timestamp {
    source = "time"
    format = "RFC3339Nano"
  }
  stage.drop {
    source     = "path"
    expression = "^/never$"
  }
  stage.template {
    source   = "summary"
    template = "{{ .level | ToUpper }} {{ .method }} {{ .path }}: {{ .msg }}"
  }
  stage.replace {
    source     = "summary"
    expression = "/(\\d+)/"
    replace    = "N"
  }
  stage.regex {
    source     = "path"
    expression = "^/(?P<area>[a-z]*)"
  }
  stage.labels { values = {level = "", area = ""} }
  stage.static_labels { values = {cluster = "bench"} }
  stage.structured_metadata { values = {user_id = "id", status = ""} }
  stage.match {
    selector = "{level=\"error\"}"
    stage.static_labels { values = {page = "true"} }
  }
  stage.output { source = "summary" }`

const USERS = `
  stage.logfmt { mapping = {user = ""} }
  stage.labels { values = {user = ""} }`

const files = (name: string, count: number): Workload => ({
  name,
  summary: count === 1 ? 'one file, to compare with files' : `${count.toLocaleString('en')} files, no stages`,
  entries: 4_000_000,
  input: inputs.transactions,
  feed: 'file',
  files: count,
  config: ({ path, url }) => `
local.file_match "in" {
  path_targets = [{__path__ = "${path}", job = "template-job"}]
}

loki.source.file "in" {
  targets    = local.file_match.in.targets
  forward_to = [loki.write.out.receiver]
}
${write(url)}`,
})

const streams = (name: string, count: number): Workload => ({
  name,
  summary: `a label of ${count.toLocaleString('en')} values${count > 1 ? ': as many streams' : ', to compare with streams'}`,
  entries: 1_000_000,
  input: inputs.users(count),
  feed: 'file',
  config: throughStages(USERS),
})

const tcpSource = ({ port }: Places): string => `
loki.source.tcp "in" {
  listen_port = ${port}
  labels      = {job = "template-job"}
  forward_to  = [loki.write.out.receiver]
}
`

const latency = (name: string, feed: 'file' | 'tcp', source: (places: Places) => string): Workload => ({
  name,
  summary: `20,000 lines a second, ${feed === 'file' ? 'into a file' : 'over TCP'}, batch_wait of 100 ms, no stages`,
  entries: 200_000,
  input: inputs.transactions,
  feed,
  linesPerSecond: 20_000,
  extension: true,
  config: (places) => source(places) + write(places.url, '', '\n    batch_wait = "100ms"'),
})

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'raw',
    summary: 'no stages',
    entries: 1_000_000,
    input: inputs.transactions,
    feed: 'file',
    config: ({ path, url }) => fileSource(path, 'loki.write.out.receiver') + write(url),
  },
  {
    name: 'seed',
    summary: 'the transactions job: regex with eight groups, labels, match, a histogram and two counters',
    entries: 1_000_000,
    input: inputs.transactions,
    feed: 'file',
    config: throughStages(SEED),
    handWritten: true,
  },
  {
    name: 'nginx',
    summary: 'regex, timestamp, labels',
    entries: 1_000_000,
    input: inputs.nginx,
    feed: 'file',
    config: throughStages(NGINX),
  },
  {
    name: 'json',
    summary: 'five fields and the time of JSON lines, two labels',
    entries: 1_000_000,
    input: inputs.json,
    feed: 'file',
    config: throughStages(JSON_STAGES),
  },
  {
    name: 'logfmt',
    summary: 'four fields and the time, two labels',
    entries: 1_000_000,
    input: inputs.logfmt,
    feed: 'file',
    config: throughStages(LOGFMT),
  },
  {
    name: 'multiline',
    summary: 'Java stack traces',
    entries: 400_000,
    input: inputs.traces,
    feed: 'file',
    config: throughStages(MULTILINE),
  },
  {
    name: 'cri',
    summary: "Kubernetes' container logs",
    entries: 1_000_000,
    input: inputs.cri,
    feed: 'file',
    config: throughStages('\n  stage.cri { }'),
  },
  {
    name: 'heavy',
    summary: 'eleven stages, template and replace among them',
    entries: 400_000,
    input: inputs.json,
    feed: 'file',
    config: throughStages(HEAVY),
  },
  files('files', 1000),
  files('one-file', 1),
  streams('streams', 50_000),
  streams('one-stream', 1),
  {
    name: 'fan-out',
    summary: 'two endpoints of their own components, no stages',
    entries: 500_000,
    input: inputs.transactions,
    feed: 'file',
    copies: 2,
    config: ({ path, url }) =>
      fileSource(path, 'loki.write.out.receiver, loki.write.second.receiver') +
      write(url) +
      write(url, '  external_labels = {copy = "2"}\n').replace('"out"', '"second"'),
  },
  {
    name: 'syslog',
    summary: 'RFC 5424 over TCP, one connection',
    entries: 1_000_000,
    input: inputs.syslog,
    feed: 'tcp',
    config: ({ port, url }) => `
loki.source.syslog "in" {
  listener {
    address = "127.0.0.1:${port}"
    labels  = {job = "template-job"}
  }
  forward_to = [loki.write.out.receiver]
}
${write(url)}`,
  },
  {
    name: 'tcp',
    summary: 'lines over TCP, one connection',
    entries: 1_000_000,
    input: inputs.transactions,
    feed: 'tcp',
    extension: true,
    config: (places) => tcpSource(places) + write(places.url),
  },
  latency('latency-file', 'file', ({ path }) => fileSource(path, 'loki.write.out.receiver')),
  latency('latency-tcp', 'tcp', tcpSource),
  {
    name: 'pipe',
    summary: 'the transactions job from standard input',
    entries: 400_000,
    input: inputs.transactions,
    feed: 'pipe',
    extension: true,
    config: throughStages(SEED),
  },
  {
    name: 'library',
    summary: 'the transactions job by the library',
    entries: 400_000,
    input: inputs.transactions,
    feed: 'library',
    extension: true,
    handWritten: true,
    config: () => '',
  },
  {
    name: 'long-lines',
    summary: 'lines of 10 kB, no stages',
    entries: 20_000,
    input: inputs.long,
    feed: 'file',
    config: ({ path, url }) => fileSource(path, 'loki.write.out.receiver') + write(url),
  },
  {
    name: 'store',
    summary: 'the transactions job into the embedded store',
    entries: 400_000,
    input: inputs.transactions,
    feed: 'file',
    extension: true,
    stored: true,
    config: ({ path, folder }) =>
      fileSource(path, 'loki.process.bench.receiver') +
      process(SEED, 'loki.store.out.receiver') +
      `
loki.store "out" {
  path = "${folder}/store"
  http { listen_port = 0 }
}
`,
  },
]
