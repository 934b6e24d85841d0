/** The HTTP client options that Promtail's clients and discoveries share, read from YAML and written as Alloy blocks. */
import {
  attribute,
  block,
  blockUnlessEmpty,
  expression,
  listAttribute,
  listText,
  mapAttribute,
  objectText,
  type Body,
} from './alloy-text.ts'
import {
  bool,
  choice,
  list,
  map,
  maybe,
  raw,
  struct,
  text,
  texts,
  url,
  type Check,
  type Value,
} from './read.ts'
import { TLS_VERSIONS } from '../../go/tls-names.ts'
import type { Findings } from './findings.ts'
import { entryOf, type MapNode } from '../../go/yaml/tree.ts'

const tlsVersions = [...TLS_VERSIONS.keys()]

/** The fields of a `tls_config`. */
export const tlsShape = {
  ca: text(),
  cert: text(),
  key: text(),
  ca_file: text(),
  cert_file: text(),
  key_file: text(),
  ca_ref: text(),
  cert_ref: text(),
  key_ref: text(),
  server_name: text(),
  insecure_skip_verify: bool(),
  min_version: choice(tlsVersions),
  max_version: choice(tlsVersions),
}

export type Tls = Value<typeof tlsShape>

const atMostOne = (...given: readonly unknown[]): boolean => given.filter(Boolean).length <= 1

export const checkTls: Check<Tls> = (tls, refuse) => {
  for (const name of ['ca', 'cert', 'key'] as const)
    if (!atMostOne(tls[name], tls[`${name}_file`], tls[`${name}_ref`]))
      refuse(`give only one of ${name}, ${name}_file and ${name}_ref`)
  const cert = tls.cert !== '' || tls.cert_file !== '' || tls.cert_ref !== ''
  const key = tls.key !== '' || tls.key_file !== '' || tls.key_ref !== ''
  if (cert && !key) refuse('a client certificate needs a key or key_file')
  if (key && !cert) refuse('a client key needs a cert or cert_file')
}

export const tlsConfig = struct(tlsShape, checkTls)

/** The attributes of a TLS block. */
export function tlsBody(tls: Tls): Body {
  return [
    attribute('ca_pem', tls.ca, ''),
    attribute('ca_file', tls.ca_file, ''),
    attribute('cert_pem', tls.cert, ''),
    attribute('cert_file', tls.cert_file, ''),
    attribute('key_pem', tls.key, ''),
    attribute('key_file', tls.key_file, ''),
    attribute('server_name', tls.server_name, ''),
    attribute('insecure_skip_verify', tls.insecure_skip_verify, false),
    attribute('min_version', tls.min_version, ''),
  ]
}

const proxyShape = {
  proxy_url: url(),
  no_proxy: text(),
  proxy_from_environment: bool(),
  proxy_connect_header: map(list(text())),
}

type Proxy = Value<typeof proxyShape>

function proxyBody(proxy: Proxy): Body {
  const headers = proxy.proxy_connect_header
  const pairs = [...(headers ?? [])].map(([name, values]) => [name, listText(values ?? [])] as const)
  return [
    attribute('proxy_url', proxy.proxy_url, ''),
    attribute('no_proxy', proxy.no_proxy, ''),
    attribute('proxy_from_environment', proxy.proxy_from_environment, false),
    headers === undefined ? undefined : expression('proxy_connect_header', objectText(pairs)),
  ]
}

const checkProxy: Check<Proxy> = (proxy, refuse) => {
  const given = proxy.proxy_url !== ''
  if ((proxy.proxy_connect_header?.size ?? 0) > 0 && !proxy.proxy_from_environment && !given)
    refuse('proxy_connect_header needs a proxy_url or proxy_from_environment')
  if (proxy.proxy_from_environment && given) refuse('give only one of proxy_url and proxy_from_environment')
  if (proxy.proxy_from_environment && proxy.no_proxy !== '')
    refuse('give only one of no_proxy and proxy_from_environment')
  if (!given && proxy.no_proxy !== '') refuse('no_proxy needs a proxy_url')
}

const basicAuth = struct(
  {
    username: text(),
    username_file: text(),
    username_ref: text(),
    password: text(),
    password_file: text(),
    password_ref: text(),
  },
  (auth, refuse) => {
    if (!atMostOne(auth.username, auth.username_file, auth.username_ref))
      refuse('give only one of username, username_file and username_ref')
    if (!atMostOne(auth.password, auth.password_file, auth.password_ref))
      refuse('give only one of password, password_file and password_ref')
  },
)

const authorization = struct(
  { type: text(), credentials: text(), credentials_file: text(), credentials_ref: text() },
  (auth, refuse) => {
    if (!atMostOne(auth.credentials, auth.credentials_file, auth.credentials_ref))
      refuse('give only one of credentials and credentials_file')
    if (auth.type.trim().toLowerCase() === 'basic') refuse('use basic_auth instead of the type "basic"')
  },
)

const oauth2 = struct(
  {
    client_id: text(),
    client_secret: text(),
    client_secret_file: text(),
    client_secret_ref: text(),
    client_certificate_key_id: text(),
    client_certificate_key: text(),
    client_certificate_key_file: text(),
    client_certificate_key_ref: text(),
    grant_type: text(),
    signature_algorithm: text(),
    iss: text(),
    audience: text(),
    claims: raw,
    scopes: texts(),
    token_url: text(),
    endpoint_params: map(text()),
    tls_config: tlsConfig,
    ...proxyShape,
  },
  (auth, refuse) => {
    if (auth.client_id === '') refuse('oauth2 needs a client_id')
    if (auth.token_url === '') refuse('oauth2 needs a token_url')
    if (!atMostOne(auth.client_secret, auth.client_secret_file, auth.client_secret_ref))
      refuse('give only one of client_secret and client_secret_file')
    checkProxy(auth, refuse)
  },
)

/** The fields of an HTTP client, spread into the shape of what holds them. */
export const httpShape = {
  basic_auth: maybe(basicAuth),
  authorization: maybe(authorization),
  oauth2: maybe(oauth2),
  bearer_token: text(),
  bearer_token_file: text(),
  tls_config: tlsConfig,
  follow_redirects: bool(true),
  enable_http2: bool(true),
  ...proxyShape,
  http_headers: raw,
}

export type HttpClient = Value<typeof httpShape>

/** The ways to log in exclude each other. */
export const checkHttp: Check<HttpClient> = (client, refuse) => {
  const bearer = client.bearer_token !== '' || client.bearer_token_file !== ''
  if (client.bearer_token !== '' && client.bearer_token_file !== '')
    refuse('give only one of bearer_token and bearer_token_file')
  if (!atMostOne(client.basic_auth, client.oauth2, client.authorization, bearer))
    refuse('give only one of basic_auth, oauth2, authorization, bearer_token and bearer_token_file')
  checkProxy(client, refuse)
}

/** Whether nothing was given that changes how requests are made. */
export function isPlainHttp(client: HttpClient): boolean {
  return httpBody(client).every((item) => item === undefined)
}

/** The attributes and blocks of an HTTP client; a bearer token becomes an `authorization` block. */
export function httpBody(client: HttpClient): Body {
  const { basic_auth: basic, tls_config: tls } = client
  return [
    basic === undefined
      ? undefined
      : block('basic_auth', [
          attribute('username', basic.username, ''),
          attribute('password', basic.password, ''),
          attribute('password_file', basic.password_file, ''),
        ]),
    ...authorizationBody(client),
    client.oauth2 === undefined ? undefined : block('oauth2', oauth2Body(client.oauth2)),
    ...proxyBody(client),
    blockUnlessEmpty('tls_config', tlsBody(tls)),
    attribute('follow_redirects', client.follow_redirects, true),
    attribute('enable_http2', client.enable_http2, true),
  ]
}

function authorizationBody(client: HttpClient): Body {
  const given = client.authorization
  const bearer = client.bearer_token !== '' || client.bearer_token_file !== ''
  if (given === undefined && !bearer) return []
  return [
    block('authorization', [
      attribute('type', given?.type.trim() || 'Bearer', ''),
      attribute('credentials', given?.credentials ?? client.bearer_token, ''),
      attribute('credentials_file', given?.credentials_file ?? client.bearer_token_file, ''),
    ]),
  ]
}

function oauth2Body(auth: NonNullable<HttpClient['oauth2']>): Body {
  return [
    attribute('client_id', auth.client_id, ''),
    attribute('client_secret', auth.client_secret, ''),
    attribute('client_secret_file', auth.client_secret_file, ''),
    listAttribute('scopes', auth.scopes),
    attribute('token_url', auth.token_url, ''),
    mapAttribute('endpoint_params', auth.endpoint_params),
    ...proxyBody(auth),
    block('tls_config', tlsBody(auth.tls_config)),
  ]
}

const lostOfClient = ['http_headers']
const lostOfBasicAuth = ['username_file', 'username_ref', 'password_ref']

/** Tells of options of an HTTP client that have no counterpart in the converted config. */
export function noteLostHttp(client: HttpClient, findings: Findings): void {
  noteLost(client.origin, lostOfClient, findings)
  if (client.basic_auth !== undefined) noteLost(client.basic_auth.origin, lostOfBasicAuth, findings)
}

/** A discovery can't do without a highest TLS version that was asked for. */
export function refuseMaxVersion(client: HttpClient, findings: Findings): void {
  const entry = entryOf(client.tls_config.origin, 'max_version')
  if (entry === undefined || client.tls_config.max_version === '') return
  findings.add('error', 'max_version of a tls_config cannot be converted: leave it out', entry.keyRange)
}

/** An info for each of these fields that is given: it isn't in the converted config. */
export function noteLost(node: MapNode, keys: readonly string[], findings: Findings): void {
  for (const key of keys) {
    const entry = entryOf(node, key)
    if (entry !== undefined)
      findings.add('info', `${key} is left out: the converter has no place for it`, entry.keyRange)
  }
}
