import fc from 'fast-check'
import t from 'tap'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { convertPromtail } from '../../../../lib/convert/promtail/convert.ts'

const tracingOff = 'tracing: {enabled: false}\nserver: {register_instrumentation: false}\n'

function converted(yaml: string): { text: string; findings: string[] } {
  const { text, findings } = convertPromtail({ name: 'promtail.yaml', text: yaml + tracingOff })
  return { text, findings: findings.map(({ severity, message }) => `${severity}: ${message}`) }
}

const job = (fields: string): string =>
  `scrape_configs:\n  - job_name: a\n    ${fields.replaceAll('\n', '\n    ')}\n`

/** The bodies of the components by name, blanks reduced to one. */
function componentsOf(yaml: string): Record<string, string> {
  const { text, findings } = converted(yaml)
  if (findings.length > 0) throw new Error(`${yaml}: ${findings.join()}`)
  const blocks = text.split(/\n\n(?=\S)/).map((block) => /^(\S+ "\S+") \{([^]*)\}\s*$/.exec(block))
  return Object.fromEntries(
    blocks.flatMap((match) => (match === null ? [] : [[match[1], match[2]?.replaceAll(/\s+/g, ' ').trim()]])),
  ) as Record<string, string>
}

void t.test('nothing gives nothing', async (t) => {
  t.same(converted(''), { text: '', findings: [] })
  t.same(converted(job('pipeline_stages: [{cri: }]')), { text: '', findings: [] }, 'a job without a source')
})

void t.test('all clients, the old one last, and the limits of streams', async (t) => {
  const found = componentsOf(
    'client: {url: http://c}\nclients: [{url: http://a, batchsize: 1536, drop_rate_limited_batches: yes}]\nlimits_config: {max_streams: 7}\n',
  )
  t.same(found, {
    'loki.write "default"':
      'endpoint { url = "http://a" batch_size = "1KiB512B" retry_on_http_429 = false } external_labels = {} max_streams = 7',
    'loki.write "default_2"': 'endpoint { url = "http://c" } external_labels = {} max_streams = 7',
  })
})

void t.test('HTTP options of a client', async (t) => {
  const endpoint = (options: string): string | undefined =>
    componentsOf(`clients: [{url: http://a, ${options}}]\n`)['loki.write "default"']?.slice(28, -23)
  const table: [yaml: string, text: string][] = [
    ['bearer_token_file: /t', 'authorization { type = "Bearer" credentials_file = "/t" }'],
    [
      'authorization: {type: " Token ", credentials: x}',
      'authorization { type = "Token" credentials = "x" }',
    ],
    ['basic_auth: {username: u, password_file: /p}', 'basic_auth { username = "u" password_file = "/p" }'],
    ['tls_config: {min_version: TLS12}', 'tls_config { min_version = "TLS12" }'],
    ['tls_config: {}, enable_http2: false', 'enable_http2 = false'],
    [
      'proxy_url: http://p, proxy_connect_header: {X-A: [b]}',
      'proxy_url = "http://p" proxy_connect_header = { "X-A" = ["b"], }',
    ],
    [
      'oauth2: {client_id: i, client_secret: s, token_url: http://t}',
      'oauth2 { client_id = "i" client_secret = "s" token_url = "http://t" tls_config { } }',
    ],
  ]
  for (const [yaml, text] of table) t.equal(endpoint(yaml), text, yaml)
})

void t.test('options that exclude each other, or are missing, are refused', async (t) => {
  const client = (options: string): string => `clients: [{url: http://a, ${options}}]\n`
  const table: [yaml: string, message: RegExp][] = [
    [client('bearer_token: a, bearer_token_file: b'), /only one of bearer_token/],
    [client('bearer_token: a, basic_auth: {username: b}'), /only one of basic_auth, oauth2/],
    [client('basic_auth: {password: a, password_file: b}'), /only one of password/],
    [client('authorization: {type: Basic}'), /use basic_auth/],
    [client('oauth2: {client_id: a}'), /needs a token_url/],
    [client('no_proxy: a'), /no_proxy needs a proxy_url/],
    [client('tls_config: {cert_file: a}'), /needs a key/],
    [client('tls_config: {ca: a, ca_file: b}'), /only one of ca, ca_file/],
    [client('tls_config: {min_version: SSL3}'), /one of TLS10/],
    ['scrape_configs: [{static_configs: []}]\n', /needs a job_name/],
    ['scrape_configs: [{job_name: a}, {job_name: a}]\n', /two scrape configs with the job_name "a"/],
    [job('file_sd_configs: [{files: [a.txt]}]'), /end with \.json/],
    [job('dns_sd_configs: [{names: [a], type: A}]'), /type A needs a port/],
    [job('docker_sd_configs: [{port: 1}]'), /needs a host/],
    [job('kubernetes_sd_configs: [{}]'), /needs a role/],
    [
      job('kubernetes_sd_configs: [{role: pod, selectors: [{role: service}]}]'),
      /takes only selectors of pod, node/,
    ],
    [job('consul_sd_configs: [{server: " "}]'), /needs a server/],
    [job('relabel_configs: [{action: keeep}]'), /no relabelling action "keeep"/],
    [job('relabel_configs: [{regex: "("}]'), /bad regular expression/],
    ['options: {stream_lag_labels: a}\n', /no field "stream_lag_labels"/],
  ]
  for (const [yaml, message] of table) {
    const { text, findings } = converted(yaml)
    t.equal(text, '', yaml)
    t.equal(findings.length, 1, yaml)
    t.match(findings[0], message)
    t.match(findings[0], /^critical: /)
  }
})

void t.test('sources that find their lines by themselves', async (t) => {
  const server = 'http { listen_address = "0.0.0.0" } grpc { } graceful_shutdown_timeout = "0s"'
  const table: [field: string, component: string, body: string][] = [
    ['journal: {}', 'journal', 'relabel_rules = null forward_to = [] labels = {}'],
    ['gelf: {}', 'gelf', 'listen_address = "0.0.0.0:12201" relabel_rules = null forward_to = []'],
    [
      'gelf: {listen_address: "127.0.0.1:1"}',
      'gelf',
      'listen_address = "127.0.0.1:1" relabel_rules = null forward_to = []',
    ],
    ['heroku_drain: {}', 'heroku', `${server} labels = {} forward_to = [] relabel_rules = null`],
    [
      'gcplog: {project_id: p, subscription: s}',
      'gcplog',
      'pull { project_id = "p" subscription = "s" labels = {} } forward_to = [] relabel_rules = null',
    ],
    [
      'gcplog: {subscription_type: push, push_timeout: 1s}',
      'gcplog',
      `push { ${server} push_timeout = "1s" labels = {} } forward_to = [] relabel_rules = null`,
    ],
    [
      'loki_push_api: {max_send_msg_size: 104857600}',
      'api',
      `${server} forward_to = [] labels = {} relabel_rules = null`,
    ],
    [
      'syslog: {listen_address: a, listen_protocol: tcp, idle_timeout: 2m, max_message_length: 8192, syslog_format: rfc3164, rfc3164_cisco_components: {hostname: true}}',
      'syslog',
      'listener { address = "a" labels = {} syslog_format = "rfc3164" rfc3164_cisco_components { hostname = true } udp_queue_size = 0 udp_host_cache_size = 0 } forward_to = [] relabel_rules = null',
    ],
    [
      'cloudflare: {api_token: t, zone_id: z, fields_type: default}',
      'cloudflare',
      'api_token = "t" zone_id = "z" labels = {} forward_to = []',
    ],
    [
      'cloudflare: {api_token: t, zone_id: z, workers: 3, pull_range: 1m, fields_type: default}',
      'cloudflare',
      'api_token = "t" zone_id = "z" labels = {} forward_to = []',
    ],
    [
      'windows_events: {xpath_query: "*", poll_interval: 3s, bookmark_path: b}',
      'windowsevent',
      'forward_to = [] labels = {} legacy_bookmark_path = "b"',
    ],
    [
      'azure_event_hubs: {event_hubs: [h], connection_string: c, fully_qualified_namespace: n, group_id: g}',
      'azure_event_hubs',
      'fully_qualified_namespace = "n" event_hubs = ["h"] authentication { mechanism = "connection_string" connection_string = "c" } group_id = "g" relabel_rules = null labels = {} forward_to = []',
    ],
  ]
  for (const [field, component, body] of table)
    t.same(componentsOf(job(field)), { [`loki.source.${component} "a"`]: body }, field)
})

void t.test('discoveries', async (t) => {
  const table: [field: string, component: string, body: string][] = [
    ['dns_sd_configs: [{names: [a]}]', 'dns', 'names = ["a"]'],
    [
      'file_sd_configs: [{files: [a.yml], refresh_interval: 1d}]',
      'file',
      'files = ["a.yml"] refresh_interval = "24h0m0s"',
    ],
    [
      'kubernetes_sd_configs: [{role: node, api_server: http://k, bearer_token: t, namespaces: {names: [n]}, attach_metadata: {node: true}}]',
      'kubernetes',
      'api_server = "http://k" role = "node" authorization { type = "Bearer" credentials = "t" } namespaces { names = ["n"] } attach_metadata { node = true }',
    ],
    ['ec2_sd_configs: [{filters: [{name: n, values: [v]}]}]', 'ec2', 'filter { name = "n" values = ["v"] }'],
    [
      'azure_sd_configs: [{subscription_id: s, authentication_method: ManagedIdentity, client_id: c}]',
      'azure',
      'subscription_id = "s" managed_identity { client_id = "c" }',
    ],
  ]
  for (const [field, component, body] of table) {
    const found = componentsOf(job(field))
    t.equal(found[`discovery.${component} "a"`], body, field)
    t.match(found['loki.source.file "a"'], `targets = discovery.${component}.a.targets`)
  }
})

void t.test('findings about what is converted otherwise, or not at all', async (t) => {
  const files = 'static_configs: [{labels: {__path__: /x}}]\n'
  const table: [yaml: string, findings: readonly RegExp[]][] = [
    ['wal: {enabled: true}\n', [/^error: the write-ahead log/]],
    ['target_config: {stdin: true}\n', [/^error: stdin/]],
    ['limits_config: {readline_rate_enabled: true}\n', [/^warning: readline_rate/]],
    [job('journal: {max_age: 12 hours}'), [/^error: max_age/]],
    [job('journal: {matches: a=b}'), [/^info: matches is left out/]],
    [job('gelf: {labels: {a: b}}'), [/^info: labels is left out/]],
    [job('gcplog: {subscription_type: both}'), [/^error: subscription_type/]],
    [job('syslog: {syslog_format: rfc1}'), [/^critical: syslog_format/]],
    [
      job('loki_push_api: {server: {log_level: info, http_path_prefix: /a}}'),
      [/^error: log_level/, /^error: http_path_prefix/],
    ],
    [job('consulagent_sd_configs: [{node_meta: {a: b}}]'), [/^warning: node_meta/]],
    [job('digitalocean_sd_configs: [{bearer_token: a}]'), [/^error: bearer_token/]],
    [job('ec2_sd_configs: [{tls_config: {max_version: TLS12}}]'), [/^error: max_version/]],
    [
      `scrape_configs:\n  - {job_name: a-b, ${files.trim()}}\n  - {job_name: a.b, ${files.trim()}}\n`,
      [/^critical: two components .* loki\.source\.file\.a_b/],
    ],
  ]
  for (const [yaml, expected] of table) t.match(converted(yaml).findings, expected, yaml)
})

void t.test('warnings about the server stand where its fields do', async (t) => {
  const text = 'server:\n  log_level: warn\n  profiling_enabled: true\n  health_check_target: false\n'
  const { findings } = convertPromtail({ name: 'p', text })
  t.same(
    findings.map(({ severity, range }) => [
      severity,
      range === undefined ? '' : text.slice(range.start, range.end),
    ]),
    [
      ['warning', ''],
      ['warning', 'profiling_enabled'],
      ['warning', ''],
      ['warning', 'log_level'],
      ['warning', 'health_check_target'],
    ],
  )
})

void t.test('limits, watching and relabelling reach the files of a job', async (t) => {
  const found = componentsOf(
    `global: {file_watch_config: {max_poll_frequency: 5s}}
positions: {filename: /p.yaml}
target_config: {sync_period: 1m}
limits_config: {max_line_size: 1M}
${job('static_configs: [{targets: [h], labels: {"a b": 1}}]\nrelabel_configs: [{source_labels: [], regex: "", action: KEEP}]')}`,
  )
  t.same(found, {
    'loki.process "a"': 'forward_to = [] stage.drop { longer_than = "1MiB" }',
    'discovery.relabel "a"':
      'targets = [{ __address__ = "h", "a b" = "1", }] rule { regex = "" action = "keep" }',
    'loki.source.file "a"':
      'targets = discovery.relabel.a.output forward_to = [loki.process.a.receiver] file_watch { max_poll_frequency = "5s" } file_match { enabled = true sync_period = "1m0s" } legacy_positions_file = "/p.yaml"',
  })
})

void t.test('whatever the text, the result parses or is refused', async (t) => {
  const piece = fc.constantFrom(
    ...[
      'scrape_configs:\n',
      '- job_name: a\n',
      '  static_configs: [{targets: [x]}]\n',
      '  pipeline_stages:\n',
    ],
    ...[
      '  - cri:\n',
      '  - labels: {a: }\n',
      '  - match: {selector: x, stages: [{docker: }]}\n',
      'clients: [{url: u}]\n',
    ],
    ...['  journal: {}\n', '  encoding: "\\u0001"\n', '~', '- ', ': ', '\n'],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const { text, findings } = convertPromtail({ name: 'p', text: pieces.join('') })
      const refused = findings.some(({ severity }) => severity === 'critical')
      return refused ? text === '' : parseFile({ name: 'p', text }).diagnostics.length === 0
    }),
  )
  t.pass()
})
