/** `loki.source.api`: takes pushes of other agents over HTTP. Its arguments are known; it does not run yet. */
import { defineComponent } from '../../component/component.ts'
import {
  block,
  blockWithDefaults,
  duration,
  flag,
  optional,
  secret,
  size,
  text,
  unsigned,
} from '../../component/fields.ts'
import {
  forwardField,
  labelsField,
  numberField,
  rulesField,
  timestampField,
} from '../../component/options/source.ts'
import { refuse } from '../unavailable.ts'

/** The longest duration of Go, which stands for "never". */
const NEVER = 9_223_372_036_854.775

const tlsFields = {
  cert_pem: optional(text, '', 'Certificate, as PEM.'),
  key_pem: optional(secret, { kind: 'secret', text: '', optional: false }, 'Private key, as PEM.'),
  cert_file: optional(text, '', 'File with the certificate.'),
  key_file: optional(text, '', 'File with the private key.'),
  client_auth_type: optional(text, '', 'Whether clients must show a certificate.'),
  client_ca_file: optional(text, '', 'File with the CA that client certificates are checked with.'),
  client_ca: optional(text, '', 'That CA, as PEM.'),
  cipher_suites: optional(text, '', 'Allowed cipher suites, comma-separated.'),
  min_version: optional(text, '', 'Lowest TLS version.'),
}

const http2Fields = {
  enabled: optional(flag, false, 'Whether HTTP/2 is spoken.'),
  max_handlers: numberField(0, 'Most handlers at a time.'),
  max_concurrent_streams: optional(unsigned, 100, 'Most streams of one connection.'),
  max_decoder_header_table_size: optional(unsigned, 4096, 'Size of the header table for reading.'),
  max_encoder_header_table_size: optional(unsigned, 4096, 'Size of the header table for writing.'),
  max_read_frame_size: optional(unsigned, 0, 'Largest frame.'),
  permit_prohibited_ciphers: optional(flag, false, 'Whether weak ciphers are taken.'),
  idle_timeout: optional(duration, 0, 'How long an idle connection is kept.'),
  read_idle_timeout: optional(duration, 0, 'Time without a frame before a ping.'),
  ping_timeout: optional(duration, 15_000, 'How long to wait for the answer to it.'),
  write_byte_timeout: optional(duration, 0, 'How long a write may stand still.'),
  max_upload_buffer_per_connection: numberField(0, 'Bytes taken ahead, per connection.'),
  max_upload_buffer_per_stream: numberField(0, 'Bytes taken ahead, per stream.'),
}

const httpFields = {
  listen_address: optional(text, '', 'Address to listen on.'),
  listen_port: numberField(8080, 'Port to listen on.'),
  conn_limit: numberField(0, 'Most connections at a time; 0: no limit.'),
  server_read_timeout: optional(duration, 30_000, 'Longest time to read a request.'),
  server_write_timeout: optional(duration, 30_000, 'Longest time to write an answer.'),
  server_idle_timeout: optional(duration, 120_000, 'How long an idle connection is kept.'),
  tls: block(tlsFields, 'TLS of the server.'),
  http2: blockWithDefaults(http2Fields, 'HTTP/2.'),
}

const grpcFields = {
  listen_address: optional(text, '', 'Address to listen on.'),
  listen_port: numberField(0, 'Port to listen on.'),
  conn_limit: numberField(0, 'Most connections at a time; 0: no limit.'),
  max_connection_age: optional(duration, NEVER, 'Longest life of a connection.'),
  max_connection_age_grace: optional(duration, NEVER, 'Time after it for what is under way.'),
  max_connection_idle: optional(duration, NEVER, 'How long an idle connection is kept.'),
  server_max_recv_msg_size: numberField(4_194_304, 'Largest message to take, in bytes.'),
  server_max_send_msg_size: numberField(4_194_304, 'Largest message to send, in bytes.'),
  server_max_concurrent_streams: optional(unsigned, 100, 'Most streams of one connection.'),
  tls: block(tlsFields, 'TLS of the server.'),
}

export const lokiSourceApi = defineComponent({
  name: 'loki.source.api',
  summary: 'Takes log entries that others push over HTTP.',
  fields: {
    http: blockWithDefaults(httpFields, 'The HTTP server.'),
    grpc: blockWithDefaults(grpcFields, 'The gRPC server.'),
    graceful_shutdown_timeout: optional(duration, 30_000, 'Time for requests under way at the end.'),
    forward_to: forwardField,
    labels: labelsField,
    relabel_rules: rulesField,
    use_incoming_timestamp: timestampField,
    max_send_message_size: optional(size, 100 * 1024 * 1024, 'Largest request, unpacked.'),
  },
  stability: 'generally-available',
  exports: {},
  create: () => refuse('loki.source.api'),
})
