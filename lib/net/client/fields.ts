/** The arguments that every HTTP client of the language has: credentials, proxy, TLS. */
import {
  block,
  blockWithDefaults,
  flag,
  list,
  map,
  optional,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import type { Secret } from '../../alloy/value.ts'
import { TLS_VERSIONS } from '../../go/tls-names.ts'

const optionalSecret = (doc: string) => optional(secret, secret.zero, doc)
const optionalString = (doc: string) => optional(text, '', doc)

export const tlsFields = {
  ca_pem: optionalString('CA certificate (PEM) that the server is verified with.'),
  ca_file: optionalString('File with such a certificate.'),
  cert_pem: optionalString('Client certificate (PEM).'),
  cert_file: optionalString('File with the client certificate.'),
  key_pem: optionalSecret('Key of the client certificate (PEM).'),
  key_file: optionalString('File with that key.'),
  server_name: optionalString('Name expected in the server certificate; left out: the host of the URL.'),
  insecure_skip_verify: optional(flag, false, 'Accepts any server certificate.'),
  min_version: optional(text, '', 'Lowest TLS version.', ['', ...TLS_VERSIONS.keys()]),
}

export const proxyFields = {
  proxy_url: optionalString('HTTP proxy to send through.'),
  no_proxy: optionalString('Comma-separated hosts, domains and networks that are reached directly.'),
  proxy_from_environment: optional(flag, false, 'Takes the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.'),
  proxy_connect_header: optional(
    map(list(secret)),
    new Map<string, readonly Secret[]>(),
    'Headers for the proxy.',
  ),
}

export const clientFields = {
  basic_auth: block(
    {
      username: optionalString('User name.'),
      password: optionalSecret('Password.'),
      password_file: optionalString('File with the password.'),
    },
    'HTTP basic authentication.',
  ),
  authorization: block(
    {
      type: optionalString('Authorization scheme; left out: Bearer.'),
      credentials: optionalSecret('What follows the scheme.'),
      credentials_file: optionalString('File with the credentials.'),
    },
    'Any Authorization header.',
  ),
  oauth2: block(
    {
      client_id: optionalString('Client id.'),
      client_secret: optionalSecret('Client secret.'),
      client_secret_file: optionalString('File with the client secret.'),
      scopes: optional(list(text), [], 'Scopes to ask for.'),
      token_url: optionalString('Where the token comes from.'),
      endpoint_params: optional(
        map(text),
        new Map<string, string>(),
        'Parameters added to the token request.',
      ),
      ...proxyFields,
      tls_config: block(tlsFields, 'TLS towards the token URL.'),
    },
    'OAuth 2.0 with client credentials.',
  ),
  bearer_token: optionalSecret('Bearer token.'),
  bearer_token_file: optionalString('File with the bearer token.'),
  ...proxyFields,
  tls_config: blockWithDefaults(tlsFields, 'TLS towards the endpoint.'),
  follow_redirects: optional(flag, true, 'Follows redirects; pushes to Loki never do.'),
  enable_http2: optional(flag, true, 'Accepted as in Alloy; HTTP/1.1 is used.'),
  http_headers: optional(
    map(list(secret)),
    new Map<string, readonly Secret[]>(),
    'Headers with secret values.',
  ),
}

export type TlsOptions = OptionsOf<typeof tlsFields>
export type ProxyOptions = OptionsOf<typeof proxyFields>
export type ClientOptions = OptionsOf<typeof clientFields>
