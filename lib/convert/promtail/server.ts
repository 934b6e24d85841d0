/** Promtail's server options: Promtail's own server, which is only checked, and the servers of sources that listen. */
import { attribute, block, blockUnlessEmpty, timeAttribute, type Block, type Body } from './alloy-text.ts'
import type { Findings } from './findings.ts'
import { bool, choice, duration, int, maybe, raw, struct, text, type Value } from './read.ts'
import { entryOf } from '../../go/yaml/tree.ts'

const tls = struct({
  cert: text(),
  key: text(),
  client_ca: text(),
  cert_file: text(),
  key_file: text(),
  client_auth_type: text(),
  client_ca_file: text(),
})

type ServerTls = typeof tls.absent

// The defaults are those of a server inside a scrape config, where Promtail forgets to set its usual ones.
const shape = {
  http_listen_network: text(),
  http_listen_address: text(),
  http_listen_port: int(),
  http_listen_conn_limit: int(),
  grpc_listen_network: text(),
  grpc_listen_address: text(),
  grpc_listen_port: int(),
  grpc_listen_conn_limit: int(),
  grpc_collect_max_streams_by_conn: bool(),
  proxy_protocol_enabled: bool(),
  tls_cipher_suites: text(),
  tls_min_version: text(),
  http_tls_config: tls,
  grpc_tls_config: tls,
  register_instrumentation: bool(),
  report_grpc_codes_in_instrumentation_label_enabled: bool(),
  graceful_shutdown_timeout: duration(),
  http_server_read_timeout: duration(),
  http_server_read_header_timeout: duration(),
  http_server_write_timeout: duration(),
  http_server_idle_timeout: duration(),
  http_log_closed_connections_without_response_enabled: bool(),
  grpc_server_max_recv_msg_size: int(),
  grpc_server_max_send_msg_size: int(),
  grpc_server_max_concurrent_streams: int(),
  grpc_server_max_connection_idle: duration(),
  grpc_server_max_connection_age: duration(),
  grpc_server_max_connection_age_grace: duration(),
  grpc_server_keepalive_time: duration(),
  grpc_server_keepalive_timeout: duration(),
  grpc_server_min_time_between_pings: duration(),
  grpc_server_ping_without_stream_allowed: bool(),
  grpc_server_num_workers: int(),
  grpc_server_stats_tracking_enabled: bool(),
  grpc_server_recv_buffer_pools_enabled: bool(),
  grpc_server_read_buffer_size: int(),
  grpc_server_write_buffer_size: int(),
  log_format: text(),
  log_level: choice(['debug', 'info', 'warn', 'error']),
  log_source_ips_enabled: bool(),
  log_source_ips_full: bool(),
  log_source_ips_header: text(),
  log_source_ips_regex: text(),
  log_request_headers: bool(),
  log_request_at_info_level_enabled: bool(),
  log_request_exclude_headers_list: text(),
  trace_request_headers: bool(),
  trace_request_exclude_headers_list: text(),
  http_path_prefix: text(),
  cluster_validation: raw,
  create_new_traces: bool(),
}

/** The server of a source. */
export const sourceServer = struct(shape)

export type SourceServer = Value<typeof shape>

const ownShape = {
  ...shape,
  register_instrumentation: bool(true),
  log_level: choice(['debug', 'info', 'warn', 'error'], 'info'),
  external_url: text(),
  health_check_target: maybe(bool()),
  disable: bool(),
  profiling_enabled: bool(),
  enable_runtime_reload: bool(),
}

/** The top-level `server`. */
export const ownServer = struct(ownShape)

type OwnServer = Value<typeof ownShape>

/** Tells what becomes of Promtail's own server. */
export function checkOwnServer(server: OwnServer, findings: Findings): void {
  const range = (key: string) => entryOf(server.origin, key)?.keyRange
  if (server.profiling_enabled)
    findings.add(
      'warning',
      'profiling_enabled has no counterpart: Node has its own profilers (node --inspect)',
      range('profiling_enabled'),
    )
  if (server.register_instrumentation)
    findings.add(
      'warning',
      "the metrics have other names than Promtail's: adapt dashboards and alerts that use promtail_*",
      range('register_instrumentation'),
    )
  if (server.log_level !== 'info')
    findings.add(
      'warning',
      `log_level is not converted: write logging { level = "${server.log_level || 'info'}" } into the new config`,
      range('log_level'),
    )
  if (server.http_path_prefix !== '')
    findings.add('error', 'http_path_prefix has no counterpart: leave it out', range('http_path_prefix'))
  if (server.health_check_target === false)
    findings.add('warning', 'health_check_target cannot be switched off', range('health_check_target'))
}

const withoutCounterpart = [
  'http_listen_network',
  'grpc_listen_network',
  'tls_cipher_suites',
  'tls_min_version',
  'register_instrumentation',
  'graceful_shutdown_timeout',
  'grpc_server_keepalive_time',
  'grpc_server_keepalive_timeout',
  'grpc_server_min_time_between_pings',
  'grpc_server_ping_without_stream_allowed',
  'log_format',
  'log_level',
  'log_source_ips_enabled',
  'log_source_ips_header',
  'log_source_ips_regex',
  'log_request_at_info_level_enabled',
  'http_path_prefix',
] as const

/** An error for each given option of a source's server that can't be converted. */
export function checkSourceServer(server: SourceServer, findings: Findings): void {
  for (const key of withoutCounterpart)
    if (server[key] !== shape[key].absent)
      findings.add(
        'error',
        `${key} of this server has no counterpart: leave it out`,
        entryOf(server.origin, key)?.keyRange,
      )
}

/** Where Promtail listens without an address. Always written, since left out it's 127.0.0.1 here. */
export const ALL_ADDRESSES = '0.0.0.0'

/** What a source that listens takes of its server. */
export function serverBody(server: SourceServer): Body {
  return [
    block('http', [
      attribute('listen_address', server.http_listen_address || ALL_ADDRESSES),
      attribute('listen_port', server.http_listen_port, 0),
      attribute('conn_limit', server.http_listen_conn_limit, 0),
      timeAttribute('server_read_timeout', server.http_server_read_timeout, 0),
      timeAttribute('server_write_timeout', server.http_server_write_timeout, 0),
      timeAttribute('server_idle_timeout', server.http_server_idle_timeout, 0),
      tlsBlock(server.http_tls_config),
    ]),
    block('grpc', [
      attribute('listen_address', server.grpc_listen_address, ''),
      attribute('listen_port', server.grpc_listen_port, 0),
      attribute('conn_limit', server.grpc_listen_conn_limit, 0),
      timeAttribute('max_connection_age', server.grpc_server_max_connection_age, 0),
      timeAttribute('max_connection_age_grace', server.grpc_server_max_connection_age_grace, 0),
      timeAttribute('max_connection_idle', server.grpc_server_max_connection_idle, 0),
      attribute('server_max_recv_msg_size', server.grpc_server_max_recv_msg_size, 0),
      attribute('server_max_send_msg_size', server.grpc_server_max_send_msg_size, 0),
      attribute('server_max_concurrent_streams', server.grpc_server_max_concurrent_streams, 0),
      tlsBlock(server.grpc_tls_config),
    ]),
    timeAttribute('graceful_shutdown_timeout', server.graceful_shutdown_timeout, 30e9),
  ]
}

function tlsBlock(config: ServerTls): Block | undefined {
  if (config.cert === '' && config.cert_file === '') return undefined
  return blockUnlessEmpty('tls', [
    attribute('cert_pem', config.cert, ''),
    attribute('key_pem', config.key, ''),
    attribute('cert_file', config.cert_file, ''),
    attribute('key_file', config.key_file, ''),
    attribute('client_auth_type', config.client_auth_type, ''),
    attribute('client_ca_file', config.client_ca_file, ''),
    attribute('client_ca', config.client_ca, ''),
  ])
}
