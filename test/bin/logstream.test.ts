/** The command as a process: what it prints where, and how it ends. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { COMMAND } from '../support/service.ts'
import { startFakeLoki } from '../support/fake-loki.ts'
import { VERSION } from '../../lib/version.ts'

interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

const folder = t.testdir()

/** Runs the command with that much on its standard input, without any config of this machine. */
async function run(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: folder },
  })
  // A command that does not read its input closes it first.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await status, out, err }
}

void t.test('answers go to stdout with status 0', async (tap) => {
  tap.same(await run(['--version']), { status: 0, out: `logstream ${VERSION}\n`, err: '' })
  tap.match(await run(['--help']), { status: 0, out: /\n {2}run +run a config as a service\n/, err: '' })
  tap.match(await run(['validate', '--help']), { status: 0, out: /^Usage: logstream validate/, err: '' })
  tap.same(await run(['fmt', '-'], 'a  =   1'), { status: 0, out: 'a = 1\n', err: '' })
})

void t.test('mistakes go to stderr with status 1', async (tap) => {
  const cases: [string[], RegExp][] = [
    [['vaildate'], /^logstream: there is no command "vaildate"\. Did you mean validate\?/],
    [['validate'], /^logstream: .*CONFIG/],
    [['validate', '--nope', 'x'], /^logstream: .*--nope/],
    [['fmt', '/no/such.alloy'], /^logstream: cannot read \/no\/such\.alloy/],
  ]
  for (const [args, err] of cases) tap.match(await run(args), { status: 1, out: '', err }, args.join(' '))
  const bad = join(folder, 'bad.alloy')
  writeFileSync(bad, 'loki.write "x" {')
  tap.match(await run(['validate', bad]), { status: 1, err: new RegExp(`${bad}:1:17: error: `) })
})

void t.test('lines that Loki has are a success, lines that wait on disk are not', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  tap.match(await run(['--loki-url', loki.url], 'a\nb\n'), { status: 0 })
  tap.same(
    loki.entries().map(({ line }) => line),
    ['a', 'b'],
  )
  loki.respond(() => 401)
  const { status, err } = await run(['--loki-url', loki.url], 'c\n')
  tap.equal(status, 3, 'it is in the spool')
  tap.match(err, /status=401/)
})
