/** Fetches text over HTTP: what `remote.http` and `import.http` do at the start and at each poll. */
import type { Dispatcher } from 'undici'
import { LogstreamError, messageOf } from '../../errors.ts'
import {
  blockWithDefaults,
  duration,
  map,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { trimSpace } from '../../go/strings/space.ts'
import { VERSION } from '../../version.ts'
import { authorizer, type Authorizer } from './auth.ts'
import { clientFields } from './fields.ts'
import { checkHeaders, headersOf } from './headers.ts'
import { connectionsTo } from './proxy.ts'
import { tlsSettings } from './tls.ts'

/** The arguments that both have. */
export const fetchFields = {
  url: required(text, 'Where the text is: an http or https URL.'),
  poll_frequency: optional(duration, 60_000, 'Time between two polls.'),
  poll_timeout: optional(duration, 10_000, 'Longest time for one poll; less than poll_frequency.'),
  method: optional(text, 'GET', 'HTTP method.'),
  headers: optional(map(text), new Map<string, string>(), 'Headers of the request.'),
  body: optional(text, '', 'Body of the request.'),
  client: blockWithDefaults(clientFields, 'Credentials, proxy and TLS.'),
}

export type FetchOptions = OptionsOf<typeof fetchFields>

export interface TextFetcher {
  /** Resolves with the text, trimmed. Rejects with IO for anything but status 200. */
  read(): Promise<string>
  close(): Promise<void>
}

const MAX_BYTES = 64 * 1024 * 1024
const MAX_REDIRECTS = 10
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Throws BAD_CONFIG or IO (naming the option) for arguments that can't work. */
export function textFetcher(options: FetchOptions, now: () => number): TextFetcher {
  const url = checkedUrl(options)
  checkTimes(options)
  const { client } = options
  checkHeaders({ headers: options.headers, http_headers: client.http_headers })
  const tls = tlsSettings(client.tls_config)
  const open = (to: URL): Dispatcher => connectionsTo(to, { tls, proxy: client, connections: 1 })
  // Opened once here, so that settings that exclude each other are reported at once.
  const first = open(url)
  const credentials = authorizer(client, url, now)
  return {
    read: () => fetchText(options, url, { first, open, credentials }),
    close: async () => {
      await Promise.all([first.destroy(), credentials.close()])
    },
  }
}

function checkedUrl({ url, method }: FetchOptions): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:'))
    throw bad('url', 'expected an http or https URL, found something else')
  if (method !== '' && !METHOD.test(method)) throw bad('method', `"${method}" isn't an HTTP method`)
  return parsed
}

function checkTimes({ poll_frequency: every, poll_timeout: timeout }: FetchOptions): void {
  if (every <= 0) throw bad('poll_frequency', 'must be greater than 0')
  if (timeout <= 0) throw bad('poll_timeout', 'must be greater than 0')
  if (timeout >= every) throw bad('poll_timeout', 'must be less than poll_frequency')
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
}

interface Connections {
  readonly first: Dispatcher
  readonly open: (to: URL) => Dispatcher
  readonly credentials: Authorizer
}

async function fetchText(options: FetchOptions, url: URL, connections: Connections): Promise<string> {
  const others: Dispatcher[] = []
  const signal = AbortSignal.timeout(options.poll_timeout)
  try {
    return trimSpace(await follow(options, url, connections, others, signal))
  } catch (error) {
    const problem = signal.aborted ? `no answer within ${options.poll_timeout} ms` : messageOf(error)
    throw new LogstreamError('IO', `cannot get ${shown(url)}: ${problem}`, { cause: error, option: 'url' })
  } finally {
    await Promise.all(others.map((other) => other.destroy()))
  }
}

interface Hop {
  readonly url: URL
  readonly method: string
  readonly body: string
  readonly via: Dispatcher
}

// Follows redirects as Go does: another origin gets no credentials, 301 to 303 turn anything but HEAD into GET.
async function follow(
  options: FetchOptions,
  url: URL,
  { first, open, credentials }: Connections,
  others: Dispatcher[],
  signal: AbortSignal,
): Promise<string> {
  const authorization = await credentials.header()
  let hop: Hop = { url, method: options.method || 'GET', body: options.body, via: first }
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const home = hop.url.origin === url.origin
    const answer = await request(options, hop, home ? { authorization } : undefined, signal)
    const location = locationOf(answer)
    if (location === undefined || !options.client.follow_redirects) return await textOf(answer)
    await answer.body.dump()
    const next = new URL(location, hop.url)
    if (next.protocol !== 'http:' && next.protocol !== 'https:')
      throw new Error(`it is redirected to a URL of the scheme "${next.protocol.slice(0, -1)}"`)
    const via = next.origin === url.origin ? first : open(next)
    if (via !== first) others.push(via)
    const asBefore = answer.statusCode >= 307 || hop.method === 'HEAD'
    hop = { url: next, method: asBefore ? hop.method : 'GET', body: asBefore ? hop.body : '', via }
  }
  throw new Error(`it is redirected more than ${MAX_REDIRECTS} times`)
}

async function request(
  options: FetchOptions,
  { url, method, body, via }: Hop,
  home: { readonly authorization: string | undefined } | undefined,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { headers: open, client } = options
  const headers = {
    'user-agent': `logstream/${VERSION}`,
    ...headersOf({ headers: open, http_headers: home === undefined ? new Map() : client.http_headers }),
    ...(home?.authorization === undefined ? {} : { authorization: home.authorization }),
  }
  return await via.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: method as Dispatcher.HttpMethod,
    headers,
    body: body === '' ? null : body,
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

const REDIRECTS = [301, 302, 303, 307, 308]

function locationOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const { location } = headers
  return REDIRECTS.includes(statusCode) && typeof location === 'string' ? location : undefined
}

async function textOf({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  if (statusCode !== 200) {
    await body.dump()
    throw new Error(`expected status 200, found ${statusCode}`)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

// Without user, password and query, which may hold a token.
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`
}
