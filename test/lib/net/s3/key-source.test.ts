/** Where keys are looked for, and when again. */
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { keySource } from '../../../../lib/net/s3/key-source.ts'

const NOTHING = { text: '' } as Parameters<typeof keySource>[0]['secretAccessKey']
const PROXY = {
  proxy_url: '',
  no_proxy: '',
  proxy_from_environment: false,
  proxy_connect_header: new Map<string, never[]>(),
}

function source(env: NodeJS.ProcessEnv, now: () => number = () => 0) {
  return keySource({
    accessKeyId: '',
    secretAccessKey: NOTHING,
    sessionToken: NOTHING,
    region: 'eu-central-1',
    proxy: PROXY,
    env: { HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    now,
  })
}

/** A server that answers as `answer` says; resolves with its URL. */
async function serve(tap: Test, answer: (request: IncomingMessage, body: string) => string | undefined) {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const text = answer(request, body)
      response.writeHead(text === undefined ? 404 : 200).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tap.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const temporary = (id: string, end: string): string =>
  JSON.stringify({ AccessKeyId: id, SecretAccessKey: 's', Token: 't', Expiration: end })

void t.test('the environment', async (tap) => {
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }
  tap.same(await source(env).keys(), { accessKeyId: 'a', secretAccessKey: 's' })
  tap.match(await source({ ...env, AWS_SESSION_TOKEN: 't' }).keys(), { sessionToken: 't' })
})

void t.test('the shared credentials file, by profile, read again after a time or a refusal', async (tap) => {
  const file = join(tap.testdir({}), 'credentials')
  const write = (id: string): void =>
    writeFileSync(
      file,
      `# mine\n[other]\naws_access_key_id=o\naws_secret_access_key = so\n[default]\naws_access_key_id = ${id}\n; x\naws_secret_access_key=s=1\n`,
    )
  write('a')
  let now = 0
  const env = { AWS_SHARED_CREDENTIALS_FILE: file }
  const keys = source(env, () => now)
  tap.same(await keys.keys(), { accessKeyId: 'a', secretAccessKey: 's=1', until: 300_000 })
  write('b')
  tap.match(await keys.keys(), { accessKeyId: 'a' })
  now = 300_000
  tap.match(await keys.keys(), { accessKeyId: 'b' })
  write('c')
  keys.forget()
  tap.match(await keys.keys(), { accessKeyId: 'c' })
  tap.match(await source({ ...env, AWS_PROFILE: 'other' }).keys(), {
    accessKeyId: 'o',
    secretAccessKey: 'so',
  })
  await tap.rejects(source({ ...env, AWS_PROFILE: 'none' }).keys(), {
    code: 'IO',
    message: /no keys for S3.*expected keys of the profile "none"/,
  })
})

void t.test('a container, with its token', async (tap) => {
  const asked: (string | undefined)[] = []
  const url = await serve(tap, ({ headers }) => {
    asked.push(headers.authorization)
    return temporary(`key-${asked.length}`, '1970-01-01T01:00:00Z')
  })
  let now = 0
  const keys = source(
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds`, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token' },
    () => now,
  )
  tap.match(await Promise.all([keys.keys(), keys.keys()]), [
    { accessKeyId: 'key-1', sessionToken: 't' },
    { accessKeyId: 'key-1' },
  ])
  now = 3_300_000
  tap.match(await keys.keys(), { accessKeyId: 'key-2' }, 'five minutes before they end')
  tap.same(asked, ['token', 'token'])
})

void t.test('the instance, by a token of its own', async (tap) => {
  const url = await serve(tap, ({ method, url: path, headers }) => {
    if (method === 'PUT' && path === '/latest/api/token') return 'imds-token'
    if (headers['x-aws-ec2-metadata-token'] !== 'imds-token') return undefined
    if (path === '/latest/meta-data/iam/security-credentials/') return 'role'
    return path?.endsWith('/role') === true ? temporary('instance', '1970-01-01T01:00:00Z') : undefined
  })
  const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: url }
  tap.match(await source(env).keys(), { accessKeyId: 'instance', sessionToken: 't' })
})

void t.test('a web identity, from the token service', async (tap) => {
  const file = join(tap.testdir({ token: 'jwt\n' }), 'token')
  let form = new URLSearchParams()
  const url = await serve(tap, (_request, body) => {
    form = new URLSearchParams(body)
    return '<R><Credentials><AccessKeyId>w</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>1970-01-01T01:00:00Z</Expiration></Credentials></R>'
  })
  const env = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: 'arn:role', AWS_ENDPOINT_URL_STS: url }
  tap.same(await source(env).keys(), {
    accessKeyId: 'w',
    secretAccessKey: 's',
    sessionToken: 't',
    until: 3_300_000,
  })
  tap.match(Object.fromEntries(form), {
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: 'arn:role',
    WebIdentityToken: 'jwt',
  })
})

void t.test('none, and what to do', async (tap) => {
  await tap.rejects(source({}).keys(), { code: 'IO', message: /no keys for S3: set access_key_id/ })
})
