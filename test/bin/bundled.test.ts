/** The command as it is published: its code cache, which must never run what others wrote, and its stack traces. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { VERSION } from '../../lib/version.ts'
import { COMMAND } from '../support/service.ts'

const BIN = dirname(COMMAND)
const built = readFileSync(COMMAND, 'utf8').includes('command.cjs')
const skip = built ? false : 'npx tsc alone makes the unbundled command: npm run build'

/** A copy of the command, without the code cache of the build unless it is asked for. */
function copy(names: readonly string[] = ['logstream.js', 'command.cjs']): {
  readonly caches: string
  readonly run: (...args: string[]) => string
} {
  const root = t.testdir({ 'package.json': '{"type": "module", "version": "1.2.3"}', dist: { bin: {} } })
  const bin = join(root, 'dist', 'bin')
  for (const name of names) cpSync(join(BIN, name), join(bin, name))
  const home = join(root, 'home')
  return {
    caches: join(home, 'logstream'),
    run: (...args) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [join(bin, 'logstream.js'), ...args], {
        encoding: 'utf8',
        env: { XDG_CACHE_HOME: home },
      })
      if (status !== 0) throw new Error(`status ${status}: ${stderr}`)
      return stdout
    },
  }
}

/** A code cache that V8 takes for the script but which does something else. */
function foreign(script: string): Buffer {
  const make = `
    import vm from 'node:vm'
    import fs from 'node:fs'
    import { setV8Flags } from '${new URL('../../lib/cli/v8-flags.js', import.meta.url).href}'
    setV8Flags()
    const filename = process.argv[1]
    const text = '(function (require) { if (require) { console.log("foreign code"); process.exit(0) } })'
    const script = new vm.Script(text.padEnd(fs.readFileSync(filename, 'latin1').length), { filename })
    script.runInThisContext()()
    process.stdout.write(script.createCachedData())`
  return spawnSync(process.execPath, ['--input-type=module', '-e', make, script]).stdout
}

void t.test(
  'the build lays a code cache beside the script, and writes the notices of packages',
  { skip },
  (tap) => {
    const found = readdirSync(BIN).filter((name) => name.endsWith('.cache'))
    tap.equal(found.length, 2)
    tap.equal(found.filter((name) => name.endsWith('-store.cache')).length, 1)
    const { caches, run } = copy(readdirSync(BIN))
    run('--help')
    run('store', '--help')
    // `npm run test:nodes` runs with other versions of Node than the build.
    const isOurs = found[0]!.startsWith(process.versions.node)
    tap.equal(existsSync(caches), !isOurs, 'which the command takes')
    const notices = readFileSync(join(dirname(BIN), 'THIRD-PARTY-NOTICES'), 'utf8')
    // Of the command, of the library, of the page.
    for (const name of ['undici', 'stream-chain', 'preact'])
      tap.match(notices, new RegExp(`^${name} [0-9.]+ \\(`, 'm'))
    tap.end()
  },
)

void t.test('--version is answered without the rest, and truly', { skip }, (tap) => {
  tap.equal(
    spawnSync(process.execPath, [COMMAND, '--version'], { encoding: 'utf8' }).stdout,
    `logstream ${VERSION}\n`,
  )
  tap.end()
})

void t.test("without the build's code cache the first run makes one for the user", { skip }, (tap) => {
  const { caches, run } = copy()
  const help = run('--help')
  const [name = ''] = readdirSync(caches)
  const path = join(caches, name)
  const { mode, mtimeMs } = statSync(path)
  tap.equal(mode & 0o777, 0o600)
  tap.equal(run('--help'), help)
  tap.equal(statSync(path).mtimeMs, mtimeMs, 'which the second takes')

  writeFileSync(path, 'garbage')
  tap.equal(run('--help'), help, 'one that V8 refuses is made anew')
  tap.ok(statSync(path).size > 10_000)

  const code = foreign(join(dirname(dirname(caches)), 'dist', 'bin', 'command.cjs'))
  writeFileSync(path, code)
  tap.equal(run('--help'), 'foreign code\n', 'the cache for what follows would run')
  chmodSync(path, 0o666)
  tap.equal(run('--help'), help, 'one that others can write is not run')
  tap.equal(statSync(path).mode & 0o777, 0o600, 'but replaced')

  writeFileSync(join(caches, 'elsewhere'), code)
  symlinkSync('elsewhere', `${path}.link`)
  spawnSync('mv', [`${path}.link`, path])
  tap.equal(run('--help'), help, 'nor is one behind a link')

  writeFileSync(path, code)
  chmodSync(caches, 0o777)
  tap.equal(run('--help'), help, 'nor one in a folder that others can write')
  tap.same(readFileSync(path), code, 'where nothing is written either')
  tap.end()
})

void t.test('each command makes a code cache of its own, unless it fails', { skip }, (tap) => {
  const { caches, run } = copy()
  tap.throws(() => run('check', 'missing.alloy'))
  tap.notOk(existsSync(caches))
  run('check', '--help')
  run('fmt', '--help')
  tap.equal(readdirSync(caches).length, 2)
  tap.end()
})

void t.test('a cache folder that cannot be used is no error', { skip }, (tap) => {
  const { caches, run } = copy()
  mkdirSync(dirname(caches), { recursive: true })
  writeFileSync(caches, 'a file')
  tap.match(run('--help'), /^logstream /)
  tap.notOk(existsSync(join(caches, 'x')))
  tap.end()
})
