/** The `http` block: its fields, what they mean for the server, and what is wrong with them before anything is changed. */
import type { Secret } from '../../alloy/value.ts'
import { blame } from '../../component/decode.ts'
import {
  block,
  flag,
  list,
  nullable,
  optional,
  required,
  secret,
  text,
  type FieldType,
  type OptionsOf,
} from '../../component/fields.ts'
import { ValueError } from '../../alloy/value.ts'
import type { HttpSettings } from '../../net/server/server.ts'
import { CIPHERS, CURVES, tlsOptions, type ClientAuth, type TlsSettings } from '../../net/server/tls.ts'

const CLIENT_AUTHS: readonly ClientAuth[] = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
]
const VERSIONS = ['', 'TLS10', 'TLS11', 'TLS12', 'TLS13']

const NO_SECRET: Secret = { kind: 'secret', text: '', optional: false }

const tlsFields = {
  cert_pem: optional(text, '', 'Certificate, as PEM.'),
  cert_file: optional(text, '', 'File with the certificate; a renewed one is taken without a reload.'),
  key_pem: optional(secret, NO_SECRET, 'Private key, as PEM.'),
  key_file: optional(text, '', 'File with the private key.'),
  client_ca_pem: optional(text, '', 'CA that client certificates are checked with, as PEM.'),
  client_ca_file: optional(text, '', 'File with that CA.'),
  client_auth_type: optional(text, 'NoClientCert', 'Whether clients must show a certificate.', CLIENT_AUTHS),
  cipher_suites: optional(
    nullable(list(oneOf('cipher suite', CIPHERS))),
    undefined,
    'Allowed cipher suites up to TLS 1.2.',
  ),
  curve_preferences: optional(nullable(list(oneOf('curve', CURVES))), undefined, 'Preferred curves.'),
  min_version: optional(text, '', 'Lowest TLS version; left out: TLS12.', VERSIONS),
  max_version: optional(text, '', 'Highest TLS version; left out: TLS13.', VERSIONS),
}

export const httpFields = {
  auth: block(
    {
      basic: block(
        { username: required(text, 'User name.'), password: required(secret, 'Password.') },
        'Basic authentication.',
      ),
      filter: block(
        {
          paths: optional(list(text), [], 'Path prefixes.'),
          authenticate_matching_paths: optional(
            flag,
            true,
            'Whether only (true) or all but (false) these paths ask. Without paths `true` means that nothing asks.',
          ),
        },
        'Which paths ask for authentication; without this block all of them.',
      ),
    },
    'Authentication of the HTTP server.',
  ),
  tls: block(tlsFields, 'TLS of the HTTP server.'),
}

type HttpOptions = OptionsOf<typeof httpFields>

/** What the decoded block (`undefined`: there is none) says to the server. */
export function httpSettings(options: Readonly<Record<string, unknown>> | undefined): HttpSettings {
  if (options === undefined) return {}
  const { auth, tls } = options as HttpOptions
  return {
    auth: auth === undefined ? undefined : authSettings(auth),
    tls: tls === undefined ? undefined : tlsSettings(tls),
  }
}

/** Throws what `tlsOptions` throws, with the place of the `tls` block. */
export function checkHttp(options: Readonly<Record<string, unknown>>): void {
  const { tls } = options as HttpOptions
  if (tls === undefined) return
  try {
    tlsOptions(tlsSettings(tls))
  } catch (error) {
    throw blame(error, tls)
  }
}

function authSettings({ basic, filter }: NonNullable<HttpOptions['auth']>): HttpSettings['auth'] {
  return {
    basic: basic === undefined ? undefined : { username: basic.username, password: basic.password.text },
    filter:
      filter === undefined
        ? undefined
        : { paths: filter.paths, authenticateMatchingPaths: filter.authenticate_matching_paths },
  }
}

function tlsSettings(tls: NonNullable<HttpOptions['tls']>): TlsSettings {
  return {
    certPem: tls.cert_pem,
    certFile: tls.cert_file,
    keyPem: tls.key_pem.text,
    keyFile: tls.key_file,
    clientCaPem: tls.client_ca_pem,
    clientCaFile: tls.client_ca_file,
    clientAuth: tls.client_auth_type as ClientAuth,
    cipherSuites: tls.cipher_suites,
    curves: tls.curve_preferences,
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
  }
}

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
