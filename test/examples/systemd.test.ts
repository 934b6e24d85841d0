import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { EXIT } from '../../lib/cli/io.ts'
import { main } from '../../lib/cli/main.ts'
import { fakeIo } from '../support/fake-io.ts'
import { moved, runUntilRunning } from '../support/service-command.ts'

const folder = join(process.cwd(), 'examples/systemd')
const BINARY = '/usr/local/bin/logstream'
const CONFIG = '/etc/logstream/config.alloy'

type Unit = Map<string, string[]>

/** `Section.Key` to its values in order, as systemd.syntax(7) has it; throws at a line that is none of that. */
function parseUnit(text: string): Unit {
  const unit: Unit = new Map()
  let section = ''
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    if (line.trim() === '' || /^[#;]/.test(line)) continue
    const header = /^\[(\w+)\]$/.exec(line)
    if (header !== null) section = header[1]!
    else {
      const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? []
      if (key === undefined || section === '') throw new Error(`not a line of a unit file: ${line}`)
      const name = `${section}.${key}`
      unit.set(name, [...(unit.get(name) ?? []), value!])
    }
  }
  return unit
}

const text = readFileSync(join(folder, 'logstream.service'), 'utf8')
const unit = parseUnit(text)
const value = (name: string): string | undefined => unit.get(`Service.${name}`)?.at(-1)
const words = (name: string): string[] => value(name)?.split(' ') ?? []

void t.test('the service has time to stop, starts again and may be reloaded', (t) => {
  t.ok(Number(/^(\d+)s$/.exec(value('TimeoutStopSec') ?? '')?.[1]) > 5, 'longer than the drain')
  t.equal(value('Restart'), 'on-failure')
  t.same(unit.get('Service.ExecReload'), [`${BINARY} validate ${CONFIG}`, '/bin/kill -HUP $MAINPID'])
  t.ok(Number(value('LimitNOFILE')) >= 65536)
  t.same(unit.get('Install.WantedBy'), ['multi-user.target'])
  t.end()
})

void t.test('the service is hardened, but for what V8 needs', (t) => {
  const wanted = {
    DynamicUser: 'yes',
    StateDirectory: 'logstream',
    ProtectSystem: 'strict',
    NoNewPrivileges: 'yes',
    CapabilityBoundingSet: '',
    RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
    MemoryDenyWriteExecute: 'no',
  }
  for (const [key, expected] of Object.entries(wanted)) t.equal(value(key), expected, key)
  t.same(unit.get('Service.SystemCallFilter'), ['@system-service', '~@privileged'])
  t.end()
})

const noAnalyze = spawnSync('systemd-analyze', ['--version']).error !== undefined
const skip = noAnalyze ? 'systemd-analyze is not installed; .ci/run installs it where it can' : false

// The file names the place of an installed logstream; any program that exists stands in for it.
void t.test('systemd-analyze has nothing to say against it', { skip }, (t) => {
  const copy = join(t.testdir({}), 'logstream.service')
  writeFileSync(copy, text.replaceAll(BINARY, process.execPath))
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' })
  // It may also speak of other units of the machine.
  const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('logstream'))
  t.same(ours, [])
  t.equal(status, 0, stderr)
  t.end()
})

void t.test('the configs that it may be given load', async (t) => {
  const configs = ['syslog.alloy', '../transactions/config.alloy']
  for (const config of configs) {
    const [binary, ...validate] = words('ExecStartPre')
    t.equal(binary, BINARY)
    const io = fakeIo()
    const places = (word: string): string => (word === CONFIG ? join(folder, config) : word)
    t.equal(await main(moved(validate, places), io), EXIT.ok, `${basename(config)}: ${io.err()}`)
  }
})

void t.test('ExecStart: the command line is good', async (t) => {
  const data = t.testdir({})
  const [binary, ...args] = words('ExecStart')
  t.equal(binary, BINARY)
  t.ok(args.includes(`--storage.path=/var/lib/${value('StateDirectory')}`), 'it writes where it may')
  const places = (word: string): string => {
    if (word === CONFIG) return join(folder, 'syslog.alloy')
    if (word.startsWith('/var/lib/')) return data
    return /^127\.0\.0\.1:\d+$/.test(word) ? '127.0.0.1:0' : word
  }
  const { status, started, err } = await runUntilRunning(moved(args, places), {
    SYSLOG_LISTEN: '127.0.0.1:0',
  })
  t.ok(started, err)
  t.equal(status, EXIT.ok, err)
})

void t.test('the environment file is one, and has what the configs read', (t) => {
  const file = /^-\/etc\/logstream\/(.*)$/.exec(value('EnvironmentFile') ?? '')?.[1] ?? ''
  t.ok(existsSync(join(folder, file)), file)
  const env = readFileSync(join(folder, file), 'utf8')
  for (const line of env.split('\n')) t.match(line, /^($|#|[A-Z_]+=\S*$)/)
  const read = [...readFileSync(join(folder, 'syslog.alloy'), 'utf8').matchAll(/sys\.env\("(\w+)"\)/g)]
  for (const [, name] of read) t.match(env, new RegExp(`^#?${name}=`, 'm'), name!)
  t.end()
})
