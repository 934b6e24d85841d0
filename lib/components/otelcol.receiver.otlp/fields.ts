/** The arguments of `otelcol.receiver.otlp`, as Alloy has them. */
import {
  block,
  blockWithDefaults,
  capsule,
  duration,
  flag,
  integer,
  list,
  nullable,
  optional,
  secret,
  size,
  text,
  unsigned,
  type OptionsOf,
} from '../../component/fields.ts'
import { debugMetricsField, outputField } from '../../component/options/otelcol.ts'

const NO_EFFECT = 'Has no effect.'

const authField = optional(
  capsule('auth.Handler'),
  undefined,
  'Not supported: no component here exports one.',
)
const metadataField = optional(flag, false, 'Has no effect: no component here uses the metadata of clients.')

const VERSIONS = ['', '1.0', '1.1', '1.2', '1.3']

const tlsFields = {
  ca_pem: optional(text, '', 'Has no effect on a server.'),
  ca_file: optional(text, '', 'Has no effect on a server.'),
  cert_pem: optional(text, '', 'Certificate, as PEM.'),
  cert_file: optional(
    text,
    '',
    'File with the certificate. Over HTTP a renewed one is picked up without a reload.',
  ),
  key_pem: optional(secret, secret.zero, 'Private key, as PEM.'),
  key_file: optional(text, '', 'File with the private key.'),
  min_version: optional(text, '', 'Lowest TLS version; 1.2 when left out.', VERSIONS),
  max_version: optional(text, '', 'Highest TLS version; 1.3 when left out.', VERSIONS),
  reload_interval: optional(duration, 0, NO_EFFECT),
  cipher_suites: optional(nullable(list(text)), undefined, 'Allowed cipher suites up to TLS 1.2.'),
  include_insecure_cipher_suites: optional(flag, false, NO_EFFECT),
  include_system_ca_certs_pool: optional(flag, false, 'Has no effect on a server.'),
  curve_preferences: optional(nullable(list(text)), undefined, 'Preferred curves: X25519, P256, P384, P521.'),
  tpm: block(
    {
      enabled: optional(flag, false, 'Must be false: keys in a TPM are not supported.'),
      path: optional(text, '', NO_EFFECT),
      owner_auth: optional(text, '', NO_EFFECT),
      auth: optional(text, '', NO_EFFECT),
    },
    'Keys in a TPM, which are not supported.',
  ),
  client_ca_file: optional(
    text,
    '',
    'File with the CA of client certificates. Clients must then present one signed by it.',
  ),
}

const keepaliveFields = {
  server_parameters: blockWithDefaults(
    {
      max_connection_idle: optional(duration, 0, 'How long an idle connection is kept; 0s: no limit.'),
      max_connection_age: optional(duration, 0, 'Longest life of a connection; 0s: no limit.'),
      max_connection_age_grace: optional(duration, 0, 'Time after it for calls under way; 0s: no limit.'),
      time: optional(duration, 0, NO_EFFECT),
      timeout: optional(duration, 0, NO_EFFECT),
    },
    'How long connections live.',
  ),
  enforcement_policy: blockWithDefaults(
    {
      min_time: optional(duration, 0, NO_EFFECT),
      permit_without_stream: optional(flag, false, NO_EFFECT),
    },
    'Has no effect.',
  ),
}

const grpcFields = {
  endpoint: optional(text, '127.0.0.1:4317', 'Address to listen on; `0.0.0.0:4317` for all.'),
  transport: optional(text, 'tcp', 'Only tcp is supported.', ['tcp']),
  max_recv_msg_size: optional(size, 0, 'Largest export; 0: 4MiB. More than 16MiB is never taken.'),
  max_concurrent_streams: optional(unsigned, 0, 'Most calls of one connection at a time; 0: 100.'),
  read_buffer_size: optional(size, 512 * 1024, NO_EFFECT),
  write_buffer_size: optional(size, 0, NO_EFFECT),
  include_metadata: metadataField,
  auth: authField,
  tls: block(tlsFields, 'TLS of the server.'),
  keepalive: blockWithDefaults(keepaliveFields, 'How long connections live.'),
}

const httpFields = {
  endpoint: optional(text, '127.0.0.1:4318', 'Address to listen on; `0.0.0.0:4318` for all.'),
  logs_url_path: optional(text, '/v1/logs', 'Path that takes logs.'),
  metrics_url_path: optional(text, '/v1/metrics', 'Has no effect: metrics get 404.'),
  traces_url_path: optional(text, '/v1/traces', 'Has no effect: traces get 404.'),
  max_request_body_size: optional(
    size,
    0,
    'Largest export, packed or unpacked; 0: 16MiB, and more is never taken.',
  ),
  compression_algorithms: optional(
    list(text),
    ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4'],
    'Values of Content-Encoding to take; others get 415, and so do zstd, snappy and lz4 in any case.',
  ),
  include_metadata: metadataField,
  keep_alives_enabled: optional(nullable(flag), undefined, 'Has no effect: connections stay open.'),
  idle_timeout: optional(duration, 60_000, 'How long an idle connection is kept.'),
  read_timeout: optional(duration, 0, 'Longest time to read a request; 0s: 30s.'),
  write_timeout: optional(
    duration,
    30_000,
    'How long a request waits until its records are safe; then it gets 503. 0s: no limit. That of gRPC too.',
  ),
  read_header_timeout: optional(duration, 60_000, 'Has no effect: headers must come within 10 s.'),
  auth: authField,
  tls: block(tlsFields, 'TLS of the server.'),
  cors: blockWithDefaults(
    {
      allowed_origins: optional(list(text), [], 'Must be empty: pages of other sites are kept out.'),
      allowed_headers: optional(list(text), [], NO_EFFECT),
      exposed_headers: optional(list(text), [], NO_EFFECT),
      max_age: optional(integer, 0, NO_EFFECT),
    },
    'Access for web pages, which is not supported.',
  ),
}

export const otlpFields = {
  grpc: block(grpcFields, 'Takes exports over gRPC; left out: it does not listen.'),
  http: block(httpFields, 'Takes exports over HTTP, as protobuf or JSON; left out: it does not listen.'),
  output: outputField,
  debug_metrics: debugMetricsField,
}

export type OtlpOptions = OptionsOf<typeof otlpFields>
export type OtlpTls = OptionsOf<typeof tlsFields>
