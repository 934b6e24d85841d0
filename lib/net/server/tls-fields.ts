/** The `tls` block of an HTTP or gRPC server: that of the admin server and of `loki.store`. */
import { ValueError } from '../../alloy/value.ts'
import {
  list,
  nullable,
  optional,
  secret,
  text,
  type FieldType,
  type OptionsOf,
} from '../../component/fields.ts'
import { CIPHER_SUITES, CURVES, TLS_VERSIONS } from '../../go/tls-names.ts'

/** As in Go's crypto/tls. */
export type ClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert'

export const CLIENT_AUTHS: readonly ClientAuth[] = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
]

const VERSIONS = ['', ...TLS_VERSIONS.keys()]

/** What every server can honour, gRPC included. */
export const certificateFields = {
  cert_pem: optional(text, '', 'Certificate, as PEM.'),
  cert_file: optional(text, '', 'File with the certificate.'),
  key_pem: optional(secret, secret.zero, 'Private key, as PEM.'),
  key_file: optional(text, '', 'File with the private key.'),
  client_ca_pem: optional(text, '', 'CA that client certificates are checked against, as PEM.'),
  client_ca_file: optional(text, '', 'File with that CA.'),
  client_auth_type: optional(
    // The allowed values are checked before anything sees this type.
    text as FieldType<ClientAuth>,
    'NoClientCert',
    'Whether clients must present a certificate.',
    CLIENT_AUTHS,
  ),
  min_version: optional(text, '', 'Lowest TLS version; TLS12 when left out.', VERSIONS),
}

export const serverTlsFields = {
  ...certificateFields,
  cert_file: optional(text, '', 'File with the certificate. A renewed one is picked up without a reload.'),
  cipher_suites: optional(
    nullable(list(oneOf('cipher suite', CIPHER_SUITES))),
    undefined,
    'Allowed cipher suites up to TLS 1.2; those of TLS 1.3 are always on.',
  ),
  curve_preferences: optional(nullable(list(oneOf('curve', CURVES))), undefined, 'Preferred curves.'),
  max_version: optional(text, '', 'Highest TLS version; TLS13 when left out.', VERSIONS),
}

/** A decoded block, with or without what only `serverTlsFields` has. */
export type ServerTls = OptionsOf<typeof certificateFields> & Partial<OptionsOf<typeof serverTlsFields>>

function oneOf(what: string, table: ReadonlyMap<string, string>): FieldType<string> {
  return {
    ...text,
    decode: (value) => {
      const name = text.decode(value)
      if (table.has(name)) return name
      throw new ValueError(`unknown ${what} "${name}": expected one of ${[...table.keys()].join(', ')}`)
    },
  }
}
