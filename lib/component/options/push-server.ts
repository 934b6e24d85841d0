/** Arguments of the servers that pushes come in at, as Alloy's sources have them: of `loki.source.api` and those of cloud senders. */
import {
  block,
  blockWithDefaults,
  duration,
  flag,
  optional,
  secret,
  text,
  unsigned,
  type OptionsOf,
} from '../fields.ts'
import type { Advice } from '../component.ts'
import { numberField } from './source.ts'

/** The longest duration of Go, which stands for "never". */
const NEVER = 9_223_372_036_854.775

const tlsFields = {
  cert_pem: optional(text, '', 'Certificate, as PEM.'),
  key_pem: optional(secret, secret.zero, 'Private key, as PEM.'),
  cert_file: optional(text, '', 'File with the certificate. A renewed one is picked up without a reload.'),
  key_file: optional(text, '', 'File with the private key.'),
  client_auth_type: optional(
    text,
    '',
    'Whether clients must present a certificate: NoClientCert, RequireAndVerifyClientCert, ...',
  ),
  client_ca_file: optional(text, '', 'File with the CA that client certificates are checked against.'),
  client_ca: optional(text, '', 'That CA, as PEM.'),
  cipher_suites: optional(text, '', 'Allowed cipher suites up to TLS 1.2, separated by commas.'),
  min_version: optional(text, '', 'Lowest TLS version: VersionTLS12, which is the default, or VersionTLS13.'),
}

const NO_EFFECT = 'Has no effect: HTTP/1.1 is spoken.'

const http2Fields = {
  enabled: optional(flag, false, 'Has no effect: clients that offer HTTP/2 get HTTP/1.1.'),
  max_handlers: numberField(0, NO_EFFECT),
  max_concurrent_streams: optional(unsigned, 100, NO_EFFECT),
  max_decoder_header_table_size: optional(unsigned, 4096, NO_EFFECT),
  max_encoder_header_table_size: optional(unsigned, 4096, NO_EFFECT),
  max_read_frame_size: optional(unsigned, 0, NO_EFFECT),
  permit_prohibited_ciphers: optional(flag, false, NO_EFFECT),
  idle_timeout: optional(duration, 0, NO_EFFECT),
  read_idle_timeout: optional(duration, 0, NO_EFFECT),
  ping_timeout: optional(duration, 15_000, NO_EFFECT),
  write_byte_timeout: optional(duration, 0, NO_EFFECT),
  max_upload_buffer_per_connection: numberField(0, NO_EFFECT),
  max_upload_buffer_per_stream: numberField(0, NO_EFFECT),
}

export const httpFields = {
  listen_address: optional(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  listen_port: numberField(8080, 'Port to listen on; 0 takes a free one.'),
  conn_limit: numberField(0, 'Most connections at a time; 0: 1000.'),
  server_read_timeout: optional(duration, 30_000, 'Longest time to read a request; 0s: no limit.'),
  server_write_timeout: optional(
    duration,
    30_000,
    'How long a request waits until its entries are safe; then it gets 503. 0s: no limit.',
  ),
  server_idle_timeout: optional(duration, 120_000, 'How long an idle connection is kept.'),
  tls: block(tlsFields, 'TLS of the server.'),
  http2: blockWithDefaults(http2Fields, 'HTTP/2, which is not spoken.'),
}

export const grpcFields = {
  listen_address: optional(text, '', 'Address to listen on; 127.0.0.1 when empty, 0.0.0.0 for all.'),
  listen_port: numberField(0, 'Port to listen on; 0 takes a free one.'),
  conn_limit: numberField(0, 'Has no effect: streams are limited, not connections.'),
  max_connection_age: optional(duration, NEVER, 'Longest life of a connection.'),
  max_connection_age_grace: optional(duration, NEVER, 'Time after it for calls under way.'),
  max_connection_idle: optional(duration, NEVER, 'How long an idle connection is kept.'),
  server_max_recv_msg_size: numberField(
    4_194_304,
    'Largest push, in bytes. More than 16 MiB is never taken.',
  ),
  server_max_send_msg_size: numberField(4_194_304, 'Has no effect: answers are empty.'),
  server_max_concurrent_streams: optional(unsigned, 100, 'Most calls of one connection at a time.'),
  tls: block(tlsFields, 'TLS of the server.'),
}

export const gracefulShutdownField = optional(
  duration,
  30_000,
  'How long requests that are under way are waited for at the end, at most 2 s; then they get 503.',
)

/** Of a source that takes pushes over HTTP only. */
export const httpServerFields = {
  http: blockWithDefaults(httpFields, 'The HTTP server.'),
  grpc: block(grpcFields, 'Has no effect: pushes come over HTTP.'),
  graceful_shutdown_timeout: gracefulShutdownField,
}

/** Says so where a config asks for HTTP/2. */
export function adviseHttp2({ http2 }: PushHttpOptions): readonly Advice[] {
  const message = 'HTTP/2 is not spoken here: clients get HTTP/1.1'
  return http2.enabled ? [{ options: http2, option: 'enabled', message }] : []
}

export type PushHttpOptions = OptionsOf<typeof httpFields>
export type PushGrpcOptions = OptionsOf<typeof grpcFields>
export type PushTlsOptions = OptionsOf<typeof tlsFields>
