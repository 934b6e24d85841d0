/** The command as a pipe: 100,000 lines exactly once, and what happens when Loki is away or refuses. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { transactionSource } from '../../lib/generate/transactions.ts'
import { startFakeLoki, type FakeLoki } from '../support/fake-loki.ts'
import { COMMAND } from '../support/service.ts'

const LINES = 100_000
const CONFIG = 'examples/transactions/modules/transactions.alloy'

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

async function pipe(
  input: string,
  args: readonly string[],
  options: { folder: string; env?: Record<string, string> },
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: options.folder,
    env: { ...process.env, XDG_STATE_HOME: join(options.folder, 'state'), ...options.env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [status] = (await once(child, 'close')) as [number]
  return { status, stdout, stderr }
}

function transactions(count = LINES): string[] {
  const next = transactionSource({ seed: 5, badShare: 0.03 })
  return Array.from({ length: count }, (_, i) => next(1_767_225_600_000 + i))
}

// The module of the shipped example, under the name that pipe mode looks for.
function withConfig(folder: string, name: string): void {
  const module = join(process.cwd(), CONFIG)
  writeFileSync(
    join(folder, name),
    `import.file "transactions" {\n  filename = "${module}"\n}\ntransactions.pipeline "prod" { }\n`,
  )
}

function checkArrived(t: Test, loki: FakeLoki, lines: readonly string[]): void {
  const entries = loki.entries()
  t.equal(entries.length, lines.length)
  t.equal(new Set(entries.map(({ line }) => line)).size, new Set(lines).size)
  const bad = lines.filter((line) => line.split('|').length !== 8).length
  const failed = entries.filter(
    ({ labels }) => labels === '{job="template-job", parse_status="failed"}',
  ).length
  t.equal(failed, bad)
  const parsed =
    /^\{code="\d+", job="template-job", method="[\w-]+", parse_status="success", status="(SUCCESS|FAILED)"\}$/
  t.equal(entries.filter(({ labels }) => parsed.test(labels)).length, lines.length - bad)
}

void t.test('100,000 lines arrive exactly once', async (t) => {
  const folder = t.testdir({})
  const lines = transactions()
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  withConfig(folder, 'logstream.alloy')
  const ended = await pipe(`${lines.join('\n')}\n`, [], { folder, env: { LOKI_URL: loki.pushUrl } })
  t.equal(ended.status, 0, ended.stderr)
  t.equal(ended.stdout, '')
  checkArrived(t, loki, lines)
})

void t.test('Loki away: exit 3, the rest on disk, delivered by the next run', async (t) => {
  const folder = t.testdir({})
  const lines = transactions(10_000)
  withConfig(folder, 'config.alloy')
  const away = await startFakeLoki()
  await away.close()
  const first = await pipe(lines.join('\n'), ['-c', 'config.alloy'], {
    folder,
    env: { LOKI_URL: away.pushUrl },
  })
  t.equal(first.status, 3)
  t.match(first.stderr, `${lines.length} lines wait in the spool under ${join(folder, 'state', 'logstream')}`)
  // What waits belongs to that address: it comes back there.
  const loki = await startFakeLoki({ port: away.port })
  t.teardown(() => loki.close())
  const second = await pipe('', ['-c', 'config.alloy'], { folder, env: { LOKI_URL: loki.pushUrl } })
  t.equal(second.status, 0, second.stderr)
  checkArrived(t, loki, lines)
})

void t.test('Loki refuses: exit 3', async (t) => {
  const folder = t.testdir({})
  const loki = await startFakeLoki({ respond: () => 401 })
  t.teardown(() => loki.close())
  const refused = await pipe('one\ntwo\n', ['--loki-url', loki.url], { folder })
  t.equal(refused.status, 3)
  t.match(refused.stderr, '2 lines wait in the spool')
  loki.respond(() => 204)
  const accepted = await pipe('three\n', ['--loki-url', loki.url, '--label', 'job=x', '--tenant', 'team'], {
    folder,
  })
  t.equal(accepted.status, 0, accepted.stderr)
  t.same(
    loki.entries().map(({ line, tenant, labels }) => [line, tenant, labels]),
    [
      ['one', '', '{job="stdin"}'],
      ['two', '', '{job="stdin"}'],
      ['three', 'team', '{job="x"}'],
    ],
  )
})

void t.test('bad usage', async (t) => {
  const folder = t.testdir({})
  t.equal((await pipe('x', ['-c', 'missing.alloy'], { folder })).status, 1)
  const flag = await pipe('x', ['--lable', 'a=b'], { folder })
  t.equal(flag.status, 1)
  t.match(flag.stderr, 'Did you mean --label?')
  writeFileSync(join(folder, 'bad.alloy'), 'loki.write "x" {\n  endpint { }\n}\n')
  const config = await pipe('x', ['-c', 'bad.alloy'], { folder })
  t.equal(config.status, 1)
  t.match(config.stderr, 'bad.alloy:2:3: error: unknown block "endpint"; did you mean "endpoint"?')
})

void t.test('--inspect shows the stages and delivers nothing', async (t) => {
  const folder = t.testdir({})
  withConfig(folder, 'logstream.alloy')
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const shown = await pipe('not a transaction\n', ['--inspect'], { folder, env: { LOKI_URL: loki.pushUrl } })
  t.equal(shown.status, 0, shown.stderr)
  t.match(shown.stdout, 'stage.regex')
  t.match(shown.stdout, 'does not match')
  t.equal(loki.pushes.length, 0)
  t.equal((await pipe('x', ['--inspect'], { folder: t.testdir({}) })).status, 1)
})

void t.test('without a config and a Loki it prints', async (t) => {
  const folder = t.testdir({})
  const text = await pipe('a\r\n\nlast', ['--label', 'job=x'], { folder })
  t.equal(text.status, 0, text.stderr)
  t.match(text.stdout, /^\S+Z \{job="x"\} a\n\S+Z \{job="x"\} \n\S+Z \{job="x"\} last\n$/)
  const json = await pipe('a', ['--output', 'json'], { folder })
  t.match(JSON.parse(json.stdout), { labels: { job: 'stdin' }, line: 'a' })
})
