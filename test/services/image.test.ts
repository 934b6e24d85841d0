/**
 * The Dockerfile on a real engine: built on a base made of this machine's own libraries, of the archive that
 * `npm run release` makes (RELEASE: its folder), and run as compose.yml runs it.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { parse } from 'yaml'
import { VERSION } from '../../lib/version.ts'
import { noDocker, startDockerd } from '../support/dockerd.ts'
import { importMachineImage } from '../support/machine-image.ts'

const MIB = 1024 ** 2

void t.test('the image', { skip: noDocker() ?? false, timeout: 900_000 }, async (tap) => {
  const release = resolve(process.env['RELEASE'] ?? made())
  const archive = `logstream-${VERSION}-linux-${process.arch}.tar.gz`
  const work = mkdtempSync(join(tmpdir(), 'image-'))
  const dockerd = await startDockerd()
  tap.teardown(async () => {
    await dockerd.close()
    rmSync(work, { recursive: true, force: true })
  })
  await importMachineImage(dockerd, join(work, 'root'), 'machine:test')

  // The build context with nothing but the archive.
  const context = join(work, 'context')
  mkdirSync(join(context, 'release'), { recursive: true })
  for (const file of ['Dockerfile', '.dockerignore', 'package.json', 'package-lock.json', '.npmrc'])
    cpSync(file, join(context, file))
  cpSync(join(release, archive), join(context, 'release', archive))
  const bases = ['BUILD_IMAGE', 'BASE_IMAGE'].flatMap((name) => ['--build-arg', `${name}=machine:test`])
  execFileSync(
    'docker',
    [
      ...['--host', dockerd.host, 'build', '--network', 'none', ...bases],
      ...['--build-arg', `ARCHIVE=${archive}`, '-t', 'logstream:test', context],
    ],
    { env: { ...process.env, DOCKER_BUILDKIT: '0' }, stdio: 'ignore' },
  )
  const docker = dockerd.docker
  // As compose.yml has it.
  const { services } = parse(readFileSync('compose.yml', 'utf8'), { merge: true }) as {
    services: Record<string, { command: string[]; healthcheck: { test: string[] } }>
  }
  const { command, healthcheck } = services['logstream']!
  const hardened = [
    '--read-only',
    '--tmpfs',
    '/tmp',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges:true',
  ]
  const none = ['--network', 'none']

  await tap.test('runs hardened, as its own user; is healthy; ends cleanly', async (inner) => {
    await docker(
      ...['run', '-d', '--name', 'service', ...none, ...hardened, '-v', 'state:/var/lib/logstream'],
      ...['-v', `${resolve('examples/transactions')}:/etc/logstream:ro`, 'logstream:test', ...command],
    )
    inner.equal(await docker('exec', 'service', 'id', '-u'), '1000')
    const healthy = async (): Promise<boolean> =>
      await docker('exec', 'service', ...healthcheck.test.slice(1)).then(
        () => true,
        () => false,
      )
    for (let i = 0; !(await healthy()); i++) {
      if (i === 60) throw new Error(await docker('logs', 'service'))
      await sleep(1000)
    }
    inner.pass('healthy')
    await inner.rejects(docker('exec', 'service', 'sh', '-c', 'echo > /opt/logstream/x'), /Read-only/)
    await docker('exec', 'service', 'sh', '-c', 'echo > /var/lib/logstream/x')
    await docker('stop', '--time', '15', 'service')
    inner.equal(await docker('inspect', '--format', '{{.State.ExitCode}}', 'service'), '0')
    await docker('rm', 'service')
  })

  await tap.test('the database is inside', async (inner) => {
    const out = await docker(
      'run',
      '--rm',
      ...none,
      ...hardened,
      '--tmpfs',
      '/data:mode=777',
      'logstream:test',
      'demo',
      '--seconds',
      '2',
    )
    inner.match(out, /embedded/)
  })

  await tap.test("the heap follows the container's memory limit", async (inner) => {
    const print = 'console.log(v8.getHeapStatistics().heap_size_limit)'
    const node = ['--entrypoint', '/opt/logstream/lib/node', 'logstream:test', '-e', print]
    const limits = [256, 512, 1024]
    for (const limit of limits) {
      const heap = Number(await docker('run', '--rm', ...none, '-m', `${limit}m`, ...node)) / MIB
      inner.comment(`${limit} MiB: heap up to ${heap.toFixed(0)} MiB`)
      inner.ok(heap < limit, `${heap} of ${limit} MiB`)
    }
  })
})

function made(): string {
  if (!readdirSync('.').includes('release'))
    execFileSync(process.execPath, ['build/release/release.js', '--only=archive'], { stdio: 'ignore' })
  return 'release'
}
