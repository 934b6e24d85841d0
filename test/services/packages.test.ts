/**
 * What `npm run release` makes, installed as users do: by npm in a project and globally, by npx, as an archive, and as a
 * Debian package on this machine. Set RELEASE to a folder that it made to test that one.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { VERSION } from '../../lib/version.ts'
import { startProgram } from '../support/service.ts'

const LIMIT_KB = 25_000
const STORE = 'loki.store "local" {\n\thttp {\n\t\tlisten_port = 0\n\t}\n}\n'

const release = resolve(process.env['RELEASE'] ?? made())
const tarball = join(release, `logstream-loki-${VERSION}.tgz`)
const folder = `logstream-${VERSION}-linux-${process.arch}`
const deb = readdirSync(release).find((name) => name.endsWith('.deb')) ?? ''

function made(): string {
  execFileSync(process.execPath, ['build/release/release.js'], { stdio: 'ignore' })
  return 'release'
}

/** An empty folder outside of the checkout, whose packages would be found. */
function emptyFolder(tap: Test): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'packages-')))
  tap.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Ran {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 300_000,
  })
  return { status, out: stdout, err: stderr }
}

/** Runs a config with the store for a moment. */
async function storeRuns(tap: Test, program: string, env: NodeJS.ProcessEnv): Promise<void> {
  const place = emptyFolder(tap)
  writeFileSync(join(place, 'store.alloy'), STORE)
  const flags = ['--server.http.listen-addr=', `--storage.path=${join(place, 'data')}`]
  const service = startProgram(program, ['run', join(place, 'store.alloy'), ...flags], env)
  await service.said('msg=running')
  tap.equal(await service.end('SIGTERM'), 0, 'stops cleanly')
  tap.match(service.stderr(), /the store is open/)
}

/** The refusal without the database, and the command in it. */
function refusal(tap: Test, program: string): string {
  const place = emptyFolder(tap)
  writeFileSync(join(place, 'store.alloy'), STORE)
  const flags = ['--server.http.listen-addr=', `--storage.path=${join(place, 'data')}`]
  const { status, err } = run(program, ['run', join(place, 'store.alloy'), ...flags], place)
  tap.equal(status, 1)
  const [, command = ''] =
    /^logstream: .* needs the database package .*, which isn't installed: (npm .*)$/m.exec(err) ?? []
  tap.match(command, /^npm install /, err)
  return command
}

void t.test('npm, in a project', { timeout: 600_000 }, async (tap) => {
  const project = emptyFolder(tap)
  writeFileSync(join(project, 'package.json'), '{"private": true}')
  const { status, err } = run('npm', ['install', '--no-audit', '--no-fund', tarball], project)
  tap.equal(status, 0, err)
  tap.equal(err, '', 'without a warning')
  const size = Number(run('du', ['-sk', 'node_modules'], project).out.split('\t')[0])
  tap.ok(size < LIMIT_KB, `${size} kB`)
  tap.comment(`${size} kB installed`)
  tap.equal(run('npx', ['logstream', '--version'], project).out, `logstream ${VERSION}\n`)

  const home = join(project, 'node_modules/logstream-loki')
  const readme = readFileSync(join(home, 'README.md'), 'utf8')
  const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  tap.same(
    links.filter((link) => !/^(https?:|#)/.test(link)),
    [],
    'links of the README lead somewhere from anywhere',
  )
  for (const link of links.filter((each) => each.includes(`/v${VERSION}/`)))
    tap.ok(existsSync(link.split(`/v${VERSION}/`)[1]!.replace(/#.*/, '')), link)
  tap.match(readFileSync(join(home, 'dist/THIRD-PARTY-NOTICES'), 'utf8'), /^undici [0-9.]+ \(MIT\)$/m)

  const program = join(project, 'node_modules/.bin/logstream')
  await tap.test('the database, as the refusal says', async (inner) => {
    const command = refusal(inner, program)
    tap.ok(command.includes(`--prefix ${project} @duckdb/node-api@`), command)
    execFileSync('sh', ['-c', command], { cwd: '/', stdio: 'ignore' })
    await storeRuns(inner, program, process.env)
  })
})

void t.test('npm install -g, and npx', { timeout: 600_000 }, async (tap) => {
  const prefix = emptyFolder(tap)
  const env = { ...process.env, npm_config_prefix: prefix, npm_config_cache: join(prefix, 'cache') }
  tap.equal(run('npm', ['install', '-g', '--no-audit', '--no-fund', tarball], '/', env).status, 0)
  const program = join(prefix, 'bin/logstream')
  tap.equal(run(program, ['--version'], '/').out, `logstream ${VERSION}\n`)
  await tap.test('the database, as the refusal says', async (inner) => {
    const command = refusal(inner, program)
    tap.match(command, /^npm install -g @duckdb/)
    execFileSync('sh', ['-c', command], { cwd: '/', env, stdio: 'ignore' })
    await storeRuns(inner, program, process.env)
  })
  const { out, err } = run('npx', ['-y', '-p', tarball, 'logstream', '--version'], prefix, env)
  tap.equal(out, `logstream ${VERSION}\n`, err)
})

void t.test(
  'the archive, unpacked under a name with a space, without Node in the PATH',
  { timeout: 120_000 },
  async (tap) => {
    const place = join(emptyFolder(tap), 'my tools')
    mkdirSync(place)
    execFileSync('tar', ['-xzf', join(release, `${folder}.tar.gz`)], { cwd: place })
    const program = join(place, 'logstream')
    symlinkSync(join(folder, 'bin/logstream'), program)
    const env = { PATH: '/usr/bin:/bin', HOME: place }
    tap.equal(run(program, ['--version'], '/', env).out, `logstream ${VERSION}\n`)
    tap.match(run(program, ['--help'], '/', env).out, /^logstream /)
    tap.notOk(existsSync(join(place, '.cache')), 'it brings the code that V8 compiled')
    await tap.test('the database is inside', async (inner) => {
      await storeRuns(inner, program, env)
    })
  },
)

const noDpkg = [
  process.getuid?.() !== 0 && 'dpkg needs root',
  deb === '' && 'no Debian package was made',
  spawnSync('dpkg', ['--version']).error !== undefined && 'dpkg is not installed',
  existsSync('/usr/lib/logstream') && 'logstream is installed on this machine',
].find((reason) => reason !== false)

void t.test('the Debian package', { skip: noDpkg ?? false, timeout: 600_000 }, async (tap) => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const dpkg = (...args: string[]): Ran => run('dpkg', args, '/', env)
  tap.teardown(() => void dpkg('--purge', 'logstream'))
  const installed = dpkg('-i', join(release, deb))
  tap.equal(installed.status, 0, installed.err)
  tap.equal(run('logstream', ['--version'], '/', { PATH: '/usr/bin:/bin' }).out, `logstream ${VERSION}\n`)
  tap.equal(
    run('logstream', ['validate', '/etc/logstream/config.alloy'], '/', { PATH: '/usr/bin:/bin' }).status,
    0,
  )

  await tap.test('the service', (inner) => {
    const unit = '/lib/systemd/system/logstream.service'
    const verified = run('systemd-analyze', ['verify', unit], '/')
    inner.equal(`${verified.out}${verified.err}`.replaceAll(/^(?!.*logstream).*\n/gm, ''), '')
    const { out } = run('systemd-analyze', ['security', '--offline=yes', unit], '/')
    const [, exposure = '10'] = /Overall exposure level for logstream.service: ([\d.]+)/.exec(out) ?? []
    inner.ok(Number(exposure) < 2, `exposure ${exposure}`)
    inner.end()
  })

  await tap.test("runs as the package's user", async (inner) => {
    execFileSync('install', ['-d', '-o', 'logstream', '-g', 'logstream', '/var/lib/logstream'])
    const service = startProgram(
      'setpriv',
      [
        ...['--reuid=logstream', '--regid=logstream', '--init-groups'],
        ...['logstream', 'run', '/etc/logstream/config.alloy', '--server.http.listen-addr='],
        '--storage.path=/var/lib/logstream',
      ],
      { PATH: '/usr/bin:/bin' },
    )
    await service.said('msg=running')
    inner.equal(await service.end('SIGTERM'), 0)
  })

  await tap.test('an upgrade keeps a config that was changed', (inner) => {
    const next = emptyFolder(inner)
    execFileSync('dpkg-deb', ['-R', join(release, deb), join(next, 'package')])
    const control = join(next, 'package/DEBIAN/control')
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, 'Version: 99.0.0'))
    appendFileSync(join(next, 'package/etc/logstream/config.alloy'), '// new\n')
    execFileSync('dpkg-deb', ['-Znone', '-b', join(next, 'package'), join(next, 'next.deb')])

    appendFileSync('/etc/logstream/config.alloy', '// mine\n')
    const upgraded = dpkg('--force-confdef', '-i', join(next, 'next.deb'))
    inner.equal(upgraded.status, 0, upgraded.err)
    inner.match(readFileSync('/etc/logstream/config.alloy', 'utf8'), /^\/\/ mine$/m)
    inner.match(run('dpkg', ['-s', 'logstream'], '/').out, /^Version: 99\.0\.0$/m)
    inner.end()
  })

  await tap.test('removed, it keeps config and data; purged, nothing', (inner) => {
    const files = run('dpkg', ['-L', 'logstream'], '/')
      .out.split('\n')
      .filter((path) => path.includes('logstream'))
    inner.equal(dpkg('-r', 'logstream').status, 0)
    inner.ok(existsSync('/etc/logstream/config.alloy'))
    inner.ok(existsSync('/var/lib/logstream'))
    inner.notOk(existsSync('/usr/bin/logstream'))
    inner.equal(dpkg('--purge', 'logstream').status, 0)
    inner.same(
      [...files, '/var/lib/logstream', '/etc/logstream'].filter((path) => existsSync(path)),
      [],
    )
    inner.notMatch(readFileSync('/etc/passwd', 'utf8'), /^logstream:/m)
    inner.end()
  })
})

void t.test('checksums and the bill of materials', (tap) => {
  tap.equal(run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], release).status, 0)
  const listed = readFileSync(join(release, 'SHA256SUMS'), 'utf8')
  const files = [...listed.matchAll(/^[0-9a-f]{64} {2}(\S+)$/gm)].map(([, name]) => name!)
  tap.same(files.map((name) => name.replace(/^.*?(\.deb|\.tar\.gz|\.tgz|\.cdx\.json)$/, '$1')).toSorted(), [
    '.cdx.json',
    '.deb',
    '.tar.gz',
    '.tgz',
  ])
  const { components } = JSON.parse(readFileSync(join(release, `logstream-${VERSION}.cdx.json`), 'utf8')) as {
    components: { name: string; purl: string }[]
  }
  const names = new Set(components.map(({ name }) => name))
  for (const name of ['undici', 'snappy', '@duckdb/node-api', 'preact', 'node']) tap.ok(names.has(name), name)
  for (const name of ['tap', 'esbuild', 'typescript']) tap.notOk(names.has(name), `${name} isn't shipped`)
  const unpacked = run('tar', ['-tzf', join(release, `${folder}.tar.gz`)], '/').out
  const shipped = [...unpacked.matchAll(/node_modules\/((?:@[^/\s]+\/)?[^/@\s]+)\/package\.json$/gm)]
  for (const [, name = ''] of shipped)
    if (name !== 'logstream-loki') tap.ok(names.has(name), `${name} is listed`)
  tap.end()
})
