/**
 * The image and the compose files on a real engine. The image is built of the archive that `npm run release` makes
 * (RELEASE: its folder, which must be below release/) on a base made of this machine's own libraries, without a network;
 * then `docker compose` runs the logstream services of compose.yml and compose.production.yml. The Loki that they push to is
 * a `loki.store` in the same image. Needs root, Debian's docker.io and busybox-static, and compose 2.24 or later.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, chownSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { request as requestOverTls } from 'node:https'
import { join, relative, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { VERSION } from '../../lib/version.ts'
import { selfSigned, signedBy } from '../support/certificates.ts'
import { noCompose, openFolder, project } from '../support/compose.ts'
import { noDocker, startDockerd } from '../support/dockerd.ts'
import { importMachineImage } from '../support/machine-image.ts'

const IMAGE = `logstream:${VERSION}`
const BASE = 'machine:test'
const MIB = 1024 ** 2
const NODE = '/opt/logstream/lib/node'
/** The user of the image. */
const USER = 1000

const skip = noDocker() ?? noCompose() ?? false

/** The archive, relative to release/, where the Dockerfile looks for it. */
function archive(): string {
  const name = `logstream-${VERSION}-linux-${process.arch}.tar.gz`
  const given = process.env['RELEASE']
  if (given !== undefined) return relative('release', join(resolve(given), name))
  execFileSync(process.execPath, ['build/release/release.js', '--only=archive'], { stdio: 'ignore' })
  return name
}

/** The most that this machine allows a process, up to what compose.production.yml asks for. */
function descriptors(): number {
  return Math.min(65_536, Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || 65_536)
}

/** The service `loki`: a store in the image, with the files of `folder`; `more` is YAML. */
const standIn = (folder: string, scheme: string, more: string = ''): string => `
  loki:
    image: ${IMAGE}
    command: [run, /etc/store/store.alloy, --server.http.listen-addr=, --storage.path=/var/lib/logstream]
    # For the healthcheck below.
    environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    ports: !override ['127.0.0.1::3100']
    volumes: ['${folder}:/etc/store:ro', 'store:/var/lib/logstream']
    healthcheck:
      test: [CMD, ${NODE}, -e, "fetch('${scheme}://127.0.0.1:3100/ready').then(({ ok }) => process.exit(ok ? 0 : 1))"]
      interval: 1s
${more}
`

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [string, string])[] }[] }
}

interface Access {
  /** PEM: the only authority that is trusted. */
  readonly ca?: string
  /** `USER:PASSWORD`. */
  readonly auth?: string
}

/** A request's status and the body of its answer; with a body it is a POST of JSON. */
async function ask(
  url: string,
  access: Access = {},
  body?: string,
): Promise<{ status: number; body: string }> {
  const options = {
    ...access,
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'Content-Type': 'application/json' },
    agent: false,
  }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.startsWith('https:') ? requestOverTls : request
    send(url, options, resolve).on('error', reject).end(body)
  })
  return { status: answer.statusCode ?? 0, body: await text(answer) }
}

/** The lines of the last hour in the store at `base`, sorted. */
async function linesAt(base: string, selector: string, access?: Access): Promise<string[]> {
  const asked = new URLSearchParams({ query: selector, limit: '5000', since: '1h' }).toString()
  const { status, body } = await ask(`${base}/loki/api/v1/query_range?${asked}`, access)
  if (status !== 200) throw new Error(`${status} ${body}`)
  const { data } = JSON.parse(body) as Streams
  return data.result.flatMap(({ values }) => values.map(([, line]) => line)).toSorted()
}

/** Looks four times a second, for a minute at most; an error is a no. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 240; i++) {
    if (await holds().catch(() => false)) return
    await sleep(250)
  }
  throw new Error(`not within a minute: ${what}`)
}

void t.test('the image', { skip, timeout: 900_000 }, async (tap) => {
  const dockerd = await startDockerd()
  tap.teardown(() => dockerd.close())
  await importMachineImage(dockerd, join(openFolder(tap), 'root'), BASE)
  const args = [`BUILD_IMAGE=${BASE}`, `BASE_IMAGE=${BASE}`, `ARCHIVE=${archive()}`]
  await dockerd.docker(
    'build',
    '--network=none',
    '-t',
    IMAGE,
    ...args.flatMap((each) => ['--build-arg', each]),
    '.',
  )

  await tap.test(
    'compose.yml: hardened, healthy, stops in time, nothing is lost',
    { timeout: 300_000 },
    async (inner) => {
      const folder = openFolder(inner)
      writeFileSync(
        join(folder, 'store.alloy'),
        'loki.store "local" {\n\thttp {\n\t\tlisten_address = "0.0.0.0"\n\t\tallowed_hosts = ["loki"]\n\t}\n}\n',
      )
      const override = `services:
  logstream: { ports: !override ['127.0.0.1::12345'] }
${standIn(folder, 'http')}
volumes: { store: }
`
      const { up, compose, inspect, address } = project(inner, dockerd, 'compose.yml', override)
      const arrived = async (): Promise<string[]> =>
        await linesAt(`http://${await address('loki', 3100)}`, '{job="template-job"}')
      await up('logstream', 'generator')
      for (const service of ['logstream', 'generator']) {
        inner.equal(await inspect(service, '.State.Health.Status'), 'healthy', service)
        inner.equal(await compose('exec', service, 'id', '-u'), String(USER))
        await inner.rejects(compose('exec', service, 'sh', '-c', 'echo > /opt/logstream/x'), /Read-only/i)
      }
      const page = await ask(`http://${await address('logstream', 12345)}/-/healthy`)
      inner.equal(page.status, 200, 'at the published port')

      await until('a line is in the store', async () => (await arrived()).length > 0)
      await compose('stop', 'logstream')
      inner.equal(await inspect('logstream', '.State.ExitCode'), '0', 'ended within its grace period')
      const before = (await arrived()).length
      await compose('kill', 'loki')
      await compose('start', 'loki', 'logstream')
      await until('more is in the store', async () => (await arrived()).length > before)
      await compose('kill', 'logstream')
      await compose('start', 'logstream')
      await compose('stop', 'generator')
      inner.equal(await inspect('generator', '.State.ExitCode'), '0')
      const file = await compose('exec', 'logstream', 'cat', '/var/log/transactions/transactions.log')
      const lines = file.split('\n').toSorted()
      await until('all lines are in the store', async () => (await arrived()).length >= lines.length)
      inner.same(await arrived(), lines, 'each line once')
      inner.comment(`${lines.length} lines, ${before} of them before the first stop`)
    },
  )

  await tap.test(
    'compose.production.yml: TLS, authentication, a tenant, limits',
    { timeout: 180_000 },
    async (inner) => {
      const [secrets, logs, store] = [openFolder(inner), openFolder(inner), openFolder(inner)]
      const authority = selfSigned(secrets, 'ca')
      signedBy(authority, secrets, 'tls')
      const { certFile, keyFile } = signedBy(authority, store, 'loki', 'loki')
      writeFileSync(join(secrets, 'loki-password'), 'push-secret')
      writeFileSync(join(secrets, 'admin-password'), 'page-secret')
      writeFileSync(
        join(store, 'tenants.yaml'),
        'team-a: { basic: { logstream: push-secret } }\nteam-b: { basic: { other: other-secret } }\n',
      )
      writeFileSync(
        join(store, 'store.alloy'),
        `loki.store "local" {
  max_memory = "8GiB"
  http {
    listen_address = "0.0.0.0"
    allowed_hosts  = ["loki"]
    tls {
      cert_file = "/etc/store/loki.crt"
      key_file  = "/etc/store/loki.key"
    }
  }
  tenants {
    credentials_file = "/etc/store/tenants.yaml"
  }
}
`,
      )
      const names = ['tls.crt', 'tls.key', 'ca.crt', 'loki-password', 'admin-password']
      for (const file of [...names.map((name) => join(secrets, name)), certFile, keyFile]) {
        chownSync(file, USER, USER)
        chmodSync(file, 0o400)
      }
      const override = `services:
  logstream:
    ports: !override ['127.0.0.1::12345']
    # Where the engine itself may not raise it to 65536.
    ulimits: { nofile: ${descriptors()} }
    volumes: !override ['./examples/compose/production:/etc/logstream:ro', '${logs}:/var/log/app:ro', 'data:/var/lib/logstream']
${standIn(store, 'https', '    mem_limit: 512m')}
secrets: { ${names.map((name) => `${name}: { file: '${join(secrets, name)}' }`).join(', ')} }
volumes: { store: }
`
      const env = 'LOKI_URL=https://loki:3100/loki/api/v1/push\nLOKI_TENANT=team-a\n'
      const { up, compose, inspect, address } = project(
        inner,
        dockerd,
        'compose.production.yml',
        override,
        env,
      )
      await up('loki')
      await up('logstream')
      inner.equal(await inspect('logstream', '.State.Health.Status'), 'healthy')
      inner.equal(await compose('exec', 'logstream', 'id', '-u'), String(USER))
      await inner.rejects(compose('exec', 'logstream', 'sh', '-c', 'echo > /opt/logstream/x'), /Read-only/i)

      const page = `https://${await address('logstream', 12345)}`
      const { cert: ca } = authority
      for (const [path, auth, status] of [
        ['/-/ready', undefined, 200],
        ['/metrics', undefined, 200],
        ['/', undefined, 401],
        ['/', 'admin:wrong', 401],
        ['/', 'admin:page-secret', 200],
      ] as const) {
        const answer = await ask(`${page}${path}`, auth === undefined ? { ca } : { ca, auth })
        inner.equal(answer.status, status, `${path} as ${auth}`)
      }

      const arrived = async (auth: string): Promise<string[]> =>
        await linesAt(`https://${await address('loki', 3100)}`, '{job="app"}', { ca, auth })
      // The certificate is for `loki`, and the port is at 127.0.0.1, for which it is too.
      const lines = Array.from({ length: 200 }, (_, i) => `line ${String(i).padStart(4, '0')}`)
      appendFileSync(join(logs, 'app.log'), `${lines.join('\n')}\n${'x'.repeat(20_000)}\n`)
      await until(
        'all lines are in the store',
        async () => (await arrived('logstream:push-secret')).length > 200,
      )
      const all = await arrived('logstream:push-secret')
      inner.same(all.slice(0, 200), lines)
      inner.match(all[200], /^x{16000,}\.\.\.\(cut\)$/, 'a long line is cut')
      inner.same(await arrived('other:other-secret'), [], 'another tenant has none of them')
      await inner.rejects(arrived('logstream:wrong'), /^401 unauthorized/)

      for (const service of ['logstream', 'loki']) {
        const limit = await compose('exec', service, NODE, '-p', 'process.constrainedMemory() / 2 ** 20')
        inner.equal(limit, '512', `what Node and the store of ${service} take for the limit, in MiB`)
      }
      await compose('exec', 'logstream', 'logstream', 'validate', '/etc/logstream/config.alloy')
      await compose('kill', '-s', 'HUP', 'logstream')
      appendFileSync(join(logs, 'app.log'), 'after the reload\n')
      await until('the next line too', async () => (await arrived('logstream:push-secret')).length > 201)
      await compose('stop', 'logstream')
      inner.equal(await inspect('logstream', '.State.ExitCode'), '0', 'ended within its grace period')
      inner.notMatch(await compose('logs', 'logstream'), /secret/, 'no password is logged')
    },
  )

  await tap.test("the heap follows the container's memory limit", { timeout: 60_000 }, async (inner) => {
    // V8 takes 256 MiB at least.
    for (const limit of [512, 1024]) {
      const print = 'v8.getHeapStatistics().heap_size_limit'
      const flags = ['--rm', '--network=none', `--memory=${limit}m`, `--entrypoint=${NODE}`]
      const heap = Number(await dockerd.docker('run', ...flags, IMAGE, '-p', print)) / MIB
      inner.ok(heap > limit / 4 && heap < limit * 0.75, `${heap.toFixed(0)} of ${limit} MiB`)
    }
  })
})
