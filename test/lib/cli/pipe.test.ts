import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo, type FakeIo } from '../../support/fake-io.ts'
import { startFakeLoki } from '../../support/fake-loki.ts'

const CONFIG = `loki.source.file "f" {
  targets    = [{ __path__ = "/nowhere/*.log", job = "j" }]
  forward_to = [loki.process.p.receiver]
}
loki.process "p" {
  forward_to = [loki.write.w.receiver]
  stage.regex { expression = "^(?P<level>\\\\w+)" }
  stage.labels { values = { level = "" } }
}
loki.write "w" { endpoint { url = coalesce(sys.env("LOKI_URL"), "http://127.0.0.1:1/loki/api/v1/push") } }
`
const folder = t.testdir({
  'c.alloy': CONFIG,
  'two.alloy': `${CONFIG}loki.source.file "g" {
  targets    = [{ __path__ = "/nowhere", job = "g" }]
  forward_to = [loki.process.p.receiver]
}`,
  'bad.alloy': 'loki.process "p" { }',
})
const config = join(folder, 'c.alloy')

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function pipe(args: readonly string[], input: string, env: Record<string, string> = {}): Promise<Run> {
  const io = fakeIo(input, { HOME: folder, ...env })
  const code = await main(args, io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('--dry-run: what would be delivered, as text or JSON', async (tap) => {
  const text = await pipe(['-c', config, '--dry-run'], 'warn a\ninfo b\n')
  tap.match(text, { code: 0, err: '' })
  tap.match(text.out, /^\S+Z \{job="j", level="warn"\} warn a\n\S+Z \{job="j", level="info"\} info b\n$/)
  const json = await pipe(
    ['-c', config, '--dry-run', '--output=json', '--label', 'env=x', '--tenant=t'],
    'warn a',
  )
  tap.match(JSON.parse(json.out), {
    labels: { job: 'j', env: 'x', level: 'warn', __tenant_id__: 't' },
    line: 'warn a',
  })
})

void t.test('--dry-run delivers to no sink, whatever kind', async (tap) => {
  const store = `loki.source.stdin "s" { forward_to = [loki.store.x.receiver, loki.echo.e.receiver] }
loki.store "x" {
  http {
    listen_port = 0
  }
}
loki.echo "e" { }
`
  const dir = tap.testdir({ 'store.alloy': store, state: {} })
  const args = ['-c', join(dir, 'store.alloy'), '--dry-run', `--storage.path=${dir}/state`]
  const run = await pipe(args, 'a line\n')
  tap.match(run, { code: 0, err: '' })
  tap.equal(run.out.match(/a line/g)?.length, 2, 'printed once for each sink')
  tap.same(readdirSync(join(dir, 'state')), [], 'nothing was stored')
})

void t.test('--inspect of a config with several ways in', async (tap) => {
  const two = `loki.process "a" {
  forward_to = []
  stage.static_labels { values = { way = "a" } }
}
loki.process "b" { forward_to = [] }
`
  const file = join(tap.testdir({ 'two.alloy': two }), 'two.alloy')
  const refused = await pipe(['-c', file, '--inspect'], 'x\n')
  tap.match(refused, { code: 1, err: /choose one loki\.process with --component/ })
  tap.match(await pipe(['-c', file, '--inspect', '--component', 'a'], 'x\n'), { code: 0, out: /way/ })
  tap.match(await pipe(['-c', file, '--component', 'a'], 'x\n'), {
    code: 1,
    err: /--component goes with --inspect/,
  })
})

void t.test('the config is found by name, by the environment, or there is none', async (tap) => {
  const named = await pipe(['--dry-run'], 'warn a\n', { LOGSTREAM_CONFIG: config })
  tap.match(named.out, '{job="j", level="warn"} warn a\n')
  const none = await pipe([], 'x\n')
  tap.match(none, { code: 0, out: /^\S+Z \{job="stdin"\} x\n$/, err: /^$/ })
})

void t.test('entries reach Loki, with and without a config', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const storage = `--storage.path=${tap.testdir({})}`
  tap.match(await pipe(['-c', config, storage], 'warn a\n', { LOKI_URL: loki.pushUrl }), { code: 0, err: '' })
  tap.match(await pipe(['--loki-url', loki.url, '--label=a=b', storage], 'plain\n'), { code: 0, err: '' })
  tap.same(
    loki.entries().map(({ labels, line }) => [labels, line]),
    [
      ['{job="j", level="warn"}', 'warn a'],
      ['{a="b", job="stdin"}', 'plain'],
    ],
  )
})

void t.test('no Loki: lines are safe on disk, and the status says so', async (tap) => {
  const storage = tap.testdir({})
  const io = fakeIo('a\nb\n')
  const running = main(['--loki-url', 'http://127.0.0.1:1', `--storage.path=${storage}`], io)
  // A signal while it tries: what is left goes to the spool.
  const told = setInterval(() => io.signal('SIGTERM'), 50)
  const code = await running
  clearInterval(told)
  tap.equal(code, 3, io.err())
  tap.match(io.err(), /logstream: 2 lines wait in the spool under /)
  const files = readdirSync(storage, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const kept = Buffer.concat(files.map((each) => readFileSync(join(each.parentPath, each.name))))
  tap.ok(kept.length > 0, 'something is on disk')
})

void t.test('a signal while it starts ends it in order', async (tap) => {
  let told = false
  const io: FakeIo = fakeIo('', {
    HOME: folder,
    // Read when the config is looked for.
    get LOGSTREAM_CONFIG() {
      if (!told) io.signal('SIGINT')
      told = true
      return config
    },
  })
  const endless = new PassThrough()
  const code = await main([`--storage.path=${tap.testdir({})}`], { ...io, stdin: endless })
  tap.same([code, io.err(), io.exits], [0, '', []])
  tap.ok(told)
})

void t.test('a config with several file sources', async (tap) => {
  const two = join(folder, 'two.alloy')
  tap.match(await pipe(['-c', two, '--dry-run'], 'x\n'), {
    code: 1,
    err: /several file sources[^]*loki\.source\.file\.g/,
  })
  tap.match((await pipe(['-c', two, '--dry-run', '--source', 'g'], 'x\n')).out, /\{job="g", level="x"\} x\n$/)
})

void t.test('mistakes', async (tap) => {
  const cases: [string[], RegExp][] = [
    [['-c', join(folder, 'bad.alloy')], /bad\.alloy:1:1: error: missing required attribute "forward_to"/],
    [['-c', join(folder, 'none.alloy')], /cannot read the config/],
    [['-c', config, '--loki-url', 'http://h'], /either --config or --loki-url/],
    [['--loki-url', 'h:3100'], /expected the URL of a Loki/],
    [['--output=xml'], /--output takes text or json, found "xml"/],
    [['--label', 'x'], /--label takes name=value, found "x"/],
    [['--label', 'x-y=z'], /--label takes a name of letters, digits and underscores, .*found "x-y"/],
    [['pipe', 'word'], /unexpected "word"/],
  ]
  for (const [args, message] of cases) {
    const found = await pipe(args, 'x\n')
    tap.equal(found.code, 1, args.join(' '))
    tap.match(found.err, message)
    tap.equal(found.out, '')
  }
  const io = fakeIo()
  const code = await main(['pipe'], { ...io, stdin: Object.assign(io.stdin, { isTTY: true }) })
  tap.equal(code, 1)
  tap.match(io.err(), /standard input is a terminal/)
})
