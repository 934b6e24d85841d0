/**
 * Temporary keys of a role: that of a service account (a web identity), of a container (ECS, EKS Pod Identity), or of the
 * instance (IMDSv2), as docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html lists them.
 */
import { readFile } from 'node:fs/promises'
import type { Dispatcher } from 'undici'
import { LogstreamError } from '../../errors.ts'
import type { ProxyOptions } from '../client/fields.ts'
import { connectionsTo } from '../client/proxy.ts'
import { keysOf, type FoundKeys, type KeyPlaces } from './keys.ts'
import { elementOf } from './xml.ts'

/** Keys are fetched again so many milliseconds before they end. */
const EARLY_MS = 300_000
const TIMEOUT_MS = 5000
/** Off AWS there is no instance metadata, and no answer either. */
const INSTANCE_TIMEOUT_MS = 1000
const MAX_BYTES = 64 * 1024

const NO_PROXY: ProxyOptions = {
  proxy_url: '',
  no_proxy: '',
  proxy_from_environment: false,
  proxy_connect_header: new Map(),
}

export async function webIdentityKeys({
  env,
  region,
  proxy,
  now,
}: KeyPlaces): Promise<FoundKeys | undefined> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role } = env
  if (file === undefined || role === undefined) return undefined
  const host = `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  const url = new URL(env['AWS_ENDPOINT_URL_STS'] ?? `https://${host}`)
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: env['AWS_ROLE_SESSION_NAME'] ?? 'logstream',
    WebIdentityToken: (await readFile(file, 'utf8')).trim(),
  })
  const xml = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    proxy,
  })
  return temporary(
    {
      AccessKeyId: elementOf(xml, 'AccessKeyId'),
      SecretAccessKey: elementOf(xml, 'SecretAccessKey'),
      Token: elementOf(xml, 'SessionToken'),
      Expiration: elementOf(xml, 'Expiration'),
    },
    url,
    now(),
  )
}

export async function containerKeys({ env, now }: KeyPlaces): Promise<FoundKeys | undefined> {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env
  const url =
    path === undefined
      ? full === undefined
        ? undefined
        : new URL(full)
      : new URL(path, 'http://169.254.170.2')
  if (url === undefined) return undefined
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token =
    file === undefined ? env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] : (await readFile(file, 'utf8')).trim()
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token }
  return temporary(fieldsOf(await ask(url, { headers })), url, now())
}

export async function instanceKeys({ env, now }: KeyPlaces): Promise<FoundKeys | undefined> {
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined
  const url = new URL(env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? 'http://169.254.169.254')
  const at = (path: string): URL => new URL(path, url)
  const timeoutMs = INSTANCE_TIMEOUT_MS
  const token = await ask(at('/latest/api/token'), {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
    timeoutMs,
  })
  const headers = { 'x-aws-ec2-metadata-token': token }
  const list = '/latest/meta-data/iam/security-credentials/'
  const role = (await ask(at(list), { headers, timeoutMs })).split('\n')[0]!.trim()
  return temporary(fieldsOf(await ask(at(`${list}${role}`), { headers, timeoutMs })), url, now())
}

interface Question {
  readonly method?: Dispatcher.HttpMethod
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly proxy?: ProxyOptions
  readonly timeoutMs?: number
}

async function ask(
  url: URL,
  { method = 'GET', headers = {}, body, proxy = NO_PROXY, timeoutMs = TIMEOUT_MS }: Question,
): Promise<string> {
  const connections = connectionsTo(url, { tls: { rejectUnauthorized: true }, proxy, connections: 1 })
  try {
    const answer = await connections.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers,
      body: body ?? null,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_BYTES) throw new Error(`the answer of ${url.host} is longer than ${MAX_BYTES} bytes`)
    }
    if (answer.statusCode !== 200)
      throw new Error(`expected status 200 from ${url.host}, found ${answer.statusCode}`)
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    await connections.destroy()
  }
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const fields: unknown = JSON.parse(json)
    return typeof fields === 'object' && fields !== null ? { ...fields } : {}
  } catch {
    return {}
  }
}

function temporary(fields: Readonly<Record<string, unknown>>, { host }: URL, now: number): FoundKeys {
  const { AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration: end } = fields
  if (typeof id !== 'string' || typeof secret !== 'string')
    throw new LogstreamError('IO', `expected keys from ${host}, found none`)
  const ends = typeof end === 'string' ? Date.parse(end) : Number.NaN
  return {
    ...keysOf(id, secret, typeof token === 'string' ? token : ''),
    // Keys that end sooner are used up to their end.
    ...(Number.isNaN(ends) ? {} : { until: ends - EARLY_MS > now ? ends - EARLY_MS : ends }),
  }
}
