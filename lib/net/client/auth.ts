/** The credentials of an HTTP client as its Authorization header. They never appear in logs or errors. */
import { readFile } from 'node:fs/promises'
import type { Dispatcher } from 'undici'
import { LogstreamError, reasonOf } from '../../errors.ts'
import type { ClientOptions } from './fields.ts'
import { connectionsTo } from './proxy.ts'
import { tlsSettings } from './tls.ts'

export interface Authorizer {
  /** The header's value, or `undefined` for none. Rejects with IO when a file or the token URL fails. */
  header(): Promise<string | undefined>
  close(): Promise<void>
}

type OAuth2 = NonNullable<ClientOptions['oauth2']>

/**
 * Credentials in a file are read again for each request, so that they can be changed there.
 * Throws BAD_CONFIG for more than one kind of credentials.
 */
export function authorizer(options: ClientOptions, url: URL, now: () => number): Authorizer {
  checkKinds(options)
  const {
    basic_auth: basic,
    authorization,
    oauth2,
    bearer_token: bearer,
    bearer_token_file: bearerFile,
  } = options
  if (oauth2 !== undefined) return oauth2Authorizer(oauth2, now)
  if (basic !== undefined)
    return of(async () =>
      basicValue(basic.username, await secretOf(basic.password.text, basic.password_file)),
    )
  if (authorization !== undefined) {
    const type = authorization.type === '' ? 'Bearer' : authorization.type
    const { credentials, credentials_file: file } = authorization
    return of(async () => `${type} ${await secretOf(credentials.text, file)}`)
  }
  if (bearer.text !== '' || bearerFile !== '')
    return of(async () => `Bearer ${await secretOf(bearer.text, bearerFile)}`)
  if (url.username !== '' || url.password !== '') {
    const value = basicValue(decodeURIComponent(url.username), decodeURIComponent(url.password))
    return of(() => Promise.resolve(value))
  }
  return { header: () => Promise.resolve(undefined), close: () => Promise.resolve() }
}

function of(header: () => Promise<string>): Authorizer {
  return { header, close: () => Promise.resolve() }
}

function checkKinds(options: ClientOptions): void {
  const {
    basic_auth: basic,
    authorization,
    oauth2,
    bearer_token: bearer,
    bearer_token_file: bearerFile,
  } = options
  const kinds = [basic, authorization, oauth2].filter((kind) => kind !== undefined).length
  const tokens = (bearer.text === '' ? 0 : 1) + (bearerFile === '' ? 0 : 1)
  if (kinds + tokens > 1)
    throw bad(
      'more than one kind of credentials: keep one of basic_auth, authorization, oauth2, bearer_token, bearer_token_file',
    )
  if (basic !== undefined && basic.password.text !== '' && basic.password_file !== '')
    throw bad('basic_auth has password and password_file: keep one of them')
  if (authorization !== undefined) {
    if (authorization.credentials.text !== '' && authorization.credentials_file !== '')
      throw bad('authorization has credentials and credentials_file: keep one of them')
    if (authorization.type.trim().toLowerCase() === 'basic')
      throw bad('authorization cannot have the type "basic": use basic_auth')
  }
  if (oauth2 !== undefined) checkOAuth2(oauth2)
}

function checkOAuth2(oauth2: OAuth2): void {
  if (oauth2.client_id === '') throw bad('oauth2 needs a client_id')
  if (!URL.canParse(oauth2.token_url)) throw bad('oauth2 needs a token_url that is a URL')
  if (oauth2.client_secret.text !== '' && oauth2.client_secret_file !== '')
    throw bad('oauth2 has client_secret and client_secret_file: keep one of them')
}

function bad(message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', message)
}

async function secretOf(inline: string, file: string): Promise<string> {
  if (file === '') return inline
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new LogstreamError('IO', `cannot read the credentials in "${file}": ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

function basicValue(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

interface Token {
  readonly value: string
  /** Milliseconds of Unix time. */
  readonly expires: number
}

// A token is renewed this many milliseconds before it expires.
const EARLY = 10_000

/** RFC 6749 section 4.4: a token for client credentials, kept until shortly before it expires. */
function oauth2Authorizer(options: OAuth2, now: () => number): Authorizer {
  const url = new URL(options.token_url)
  const connections = connectionsTo(url, {
    tls: tlsSettings(options.tls_config),
    proxy: options,
    connections: 1,
  })
  let token: Token | undefined
  let pending: Promise<Token> | undefined
  return {
    header: async () => {
      if (token === undefined || now() >= token.expires - EARLY) {
        pending ??= fetchToken(connections, url, options, now).finally(() => (pending = undefined))
        token = await pending
      }
      return token.value
    },
    close: () => connections.destroy(),
  }
}

async function fetchToken(
  connections: Dispatcher,
  url: URL,
  options: OAuth2,
  now: () => number,
): Promise<Token> {
  const secret = await secretOf(options.client_secret.text, options.client_secret_file)
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (options.scopes.length > 0) form.set('scope', options.scopes.join(' '))
  for (const [name, value] of options.endpoint_params) form.set(name, value)
  const basic = basicValue(encodeURIComponent(options.client_id), encodeURIComponent(secret))
  let answer = await askForToken(connections, url, form, basic)
  if (answer.status >= 400 && answer.status < 500) {
    // Servers that don't take basic authentication here want the credentials in the form.
    form.set('client_id', options.client_id)
    form.set('client_secret', secret)
    answer = await askForToken(connections, url, form, undefined)
  }
  const { access_token: value, token_type: type, expires_in: seconds } = answer.fields
  if (answer.status !== 200 || typeof value !== 'string' || value === '')
    throw new LogstreamError(
      'IO',
      `oauth2: expected a token from ${url.origin}${url.pathname}, found status ${answer.status}`,
    )
  const scheme = typeof type === 'string' && type !== '' && type.toLowerCase() !== 'bearer' ? type : 'Bearer'
  const expires = Number(seconds) > 0 ? now() + Number(seconds) * 1000 : Number.POSITIVE_INFINITY
  return { value: `${scheme} ${value}`, expires }
}

async function askForToken(
  connections: Dispatcher,
  url: URL,
  form: URLSearchParams,
  authorization: string | undefined,
): Promise<{ status: number; fields: Readonly<Record<string, unknown>> }> {
  const { statusCode, body } = await connections.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: form.toString(),
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  })
  const text = await body.text()
  try {
    const fields: unknown = JSON.parse(text)
    return { status: statusCode, fields: typeof fields === 'object' && fields !== null ? { ...fields } : {} }
  } catch {
    return { status: statusCode, fields: {} }
  }
}
