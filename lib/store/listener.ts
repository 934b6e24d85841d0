/** Where the store listens: the `http` and `grpc` blocks of `loki.store`, and what they mean for the servers. */
import type { Secret } from '../alloy/value.ts'
import {
  block,
  flag,
  integer,
  list,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../component/fields.ts'
import type { HttpSettings } from '../net/server/server.ts'
import type { ClientAuth, TlsSettings } from '../net/server/tls.ts'

const CLIENT_AUTHS: readonly ClientAuth[] = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
]

const NO_SECRET: Secret = { kind: 'secret', text: '', optional: false }

const tlsFields = {
  cert_pem: optional(text, '', 'Certificate, as PEM.'),
  cert_file: optional(text, '', 'File with the certificate.'),
  key_pem: optional(secret, NO_SECRET, 'Private key, as PEM.'),
  key_file: optional(text, '', 'File with the private key.'),
  client_ca_pem: optional(text, '', 'CA that client certificates are checked with, as PEM.'),
  client_ca_file: optional(text, '', 'File with that CA.'),
  client_auth_type: optional(text, 'NoClientCert', 'Whether clients must show a certificate.', CLIENT_AUTHS),
  min_version: optional(text, '', 'Lowest TLS version; left out: TLS12.', [
    '',
    'TLS10',
    'TLS11',
    'TLS12',
    'TLS13',
  ]),
}

export const httpListenerFields = {
  listen_address: optional(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  listen_port: optional(integer, 3100, 'Port; 0 takes a free one.'),
  allowed_hosts: optional(
    list(text),
    [],
    'Host names that clients may use, beyond IP addresses and the names of this machine.',
  ),
  basic_auth: block(
    { username: required(text, 'User name.'), password: required(secret, 'Password.') },
    'Basic authentication; without it everyone who can reach the port may push and read.',
  ),
  tls: block(tlsFields, 'TLS of the listener.'),
}

export const grpcListenerFields = {
  listen_address: optional(text, '127.0.0.1', 'Address to listen on; 0.0.0.0 for all.'),
  listen_port: optional(integer, 9095, 'Port; 0 takes a free one.'),
  add_service_name: optional(
    flag,
    false,
    'Whether streams without service_name get one; over gRPC Loki does not add it.',
  ),
  tls: block(tlsFields, 'TLS of the listener.'),
}

export type HttpListener = OptionsOf<typeof httpListenerFields>
export type GrpcListener = OptionsOf<typeof grpcListenerFields>

/** `host:port`, as servers take it. */
export function listenText(options: {
  readonly listen_address: string
  readonly listen_port: number
}): string {
  const { listen_address: host, listen_port: port } = options
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function httpSettings({ basic_auth: basic, tls }: HttpListener): HttpSettings {
  return {
    auth:
      basic === undefined
        ? undefined
        : { basic: { username: basic.username, password: basic.password.text } },
    tls: tls === undefined ? undefined : tlsSettings(tls),
  }
}

export function tlsSettings(tls: OptionsOf<typeof tlsFields>): TlsSettings {
  return {
    certPem: tls.cert_pem,
    certFile: tls.cert_file,
    keyPem: tls.key_pem.text,
    keyFile: tls.key_file,
    clientCaPem: tls.client_ca_pem,
    clientCaFile: tls.client_ca_file,
    clientAuth: tls.client_auth_type as ClientAuth,
    cipherSuites: undefined,
    curves: undefined,
    minVersion: tls.min_version,
    maxVersion: '',
  }
}
