/**
 * The image and the compose files on a real engine. The image is built of the archive that `npm run release` makes
 * (RELEASE: its folder) on a base made of this machine's own libraries, without a network; then `docker compose` runs the
 * logstream services of compose.yml. The Loki that they push to is a `loki.store` in the
 * same image. Needs root, Debian's docker.io and busybox-static, and compose 2.24 or later.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { VERSION } from '../../lib/version.ts'
import { noDocker, startDockerd, type Dockerd } from '../support/dockerd.ts'
import { importMachineImage } from '../support/machine-image.ts'

const IMAGE = `logstream:${VERSION}`
const BASE = 'machine:test'
const MIB = 1024 ** 2
const NODE = '/opt/logstream/lib/node'
/** The user of the image. */
const USER = 1000

function noCompose(): string | undefined {
  const { status, stdout } = spawnSync('docker', ['compose', 'version', '--short'], { encoding: 'utf8' })
  const [major = 0, minor = 0] = status === 0 ? stdout.replace(/^v/, '').split('.').map(Number) : []
  if (major > 2 || (major === 2 && minor >= 24)) return undefined
  return 'docker compose 2.24 or later is not installed'
}

const skip = noDocker() ?? noCompose() ?? false

/** The archive, relative to release/, where the Dockerfile looks for it. */
function archive(): string {
  const name = `logstream-${VERSION}-linux-${process.arch}.tar.gz`
  const folder = resolve(process.env['RELEASE'] ?? 'release')
  if (!existsSync(join(folder, name)))
    execFileSync(process.execPath, ['build/release/release.js', '--only=archive'], { stdio: 'ignore' })
  return relative('release', join(folder, name))
}

/** A compose file with changes for this machine, as `docker compose` runs it. */
interface Project {
  /** Starts services and waits until they are healthy. */
  readonly up: (...services: string[]) => Promise<void>
  readonly compose: (...args: string[]) => Promise<string>
  /** A field of what `docker inspect` says of a service's container. */
  readonly inspect: (service: string, field: string) => Promise<string>
  /** The address on this machine of a port that a service publishes. */
  readonly address: (service: string, port: number) => Promise<string>
}

function project(tap: Test, dockerd: Dockerd, file: string, override: string, env: string = ''): Project {
  const folder = openFolder(tap)
  writeFileSync(join(folder, 'override.yml'), override)
  writeFileSync(join(folder, 'env'), env)
  const files = ['--env-file', join(folder, 'env'), '-f', file, '-f', join(folder, 'override.yml')]
  const compose = async (...args: string[]): Promise<string> =>
    await dockerd.docker('compose', '--project-directory', process.cwd(), ...files, ...args)
  tap.teardown(async () => await compose('down', '--volumes', '--timeout', '0'))
  return {
    up: async (...services) => {
      await compose('up', '-d', '--no-build', '--wait', ...services).catch(async (cause: unknown) => {
        const said = [await compose('ps', '-a'), await compose('logs', '--no-color')]
        throw new Error(said.join('\n'), { cause })
      })
    },
    compose,
    inspect: async (service, field) =>
      await dockerd.docker('inspect', '-f', `{{${field}}}`, await compose('ps', '-aq', service)),
    address: async (service, port) => await compose('port', service, String(port)),
  }
}

/** A folder that the image's user can read. */
function openFolder(tap: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  chmodSync(folder, 0o755)
  tap.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** The service `loki`: a store in the image, with the config in `folder`. */
const standIn = (folder: string, scheme: string): string => `
  loki:
    image: ${IMAGE}
    command: [run, /etc/store/store.alloy, --server.http.listen-addr=, --storage.path=/var/lib/logstream]
    environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    ports: !override ['127.0.0.1::3100']
    volumes: ['${folder}:/etc/store:ro', 'store:/var/lib/logstream']
    healthcheck:
      test: [CMD, ${NODE}, -e, "fetch('${scheme}://127.0.0.1:3100/ready').then(({ ok }) => process.exit(ok ? 0 : 1))"]
      interval: 1s
`

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [string, string])[] }[] }
}

/** The lines of the last hour, sorted. */
function linesOf({ data }: Streams): string[] {
  return data.result.flatMap(({ values }) => values.map(([, line]) => line)).toSorted()
}

const query = (selector: string): string =>
  `/loki/api/v1/query_range?${new URLSearchParams({ query: selector, limit: '5000', since: '1h' }).toString()}`

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
      const arrived = async (): Promise<string[]> => {
        const answer = await fetch(`http://${await address('loki', 3100)}${query('{job="template-job"}')}`)
        return linesOf((await answer.json()) as Streams)
      }
      await up('logstream', 'generator')
      for (const service of ['logstream', 'generator']) {
        inner.equal(await inspect(service, '.State.Health.Status'), 'healthy', service)
        inner.equal(await compose('exec', service, 'id', '-u'), String(USER))
        await inner.rejects(compose('exec', service, 'sh', '-c', 'echo > /opt/logstream/x'), /Read-only/i)
      }
      const page = await fetch(`http://${await address('logstream', 12345)}/-/healthy`)
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
      const text = await compose('exec', 'logstream', 'cat', '/var/log/transactions/transactions.log')
      const lines = text.split('\n').toSorted()
      await until('all lines are in the store', async () => (await arrived()).length >= lines.length)
      inner.same(await arrived(), lines, 'each line once')
      inner.comment(`${lines.length} lines, ${before} of them before the first stop`)
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
