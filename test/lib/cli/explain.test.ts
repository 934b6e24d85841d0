import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

// Not `t.testdir`: at the top of a file it is the same folder for every file of this process.
const folder = mkdtempSync(join(tmpdir(), 'explain-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const FILES = {
  'c.alloy': `loki.source.stdin "s" {
  forward_to = [loki.process.a.receiver]
  labels     = { job = "j" }
}
loki.process "a" {
  forward_to = [loki.process.b.receiver]
  stage.regex { expression = "^(?P<level>[a-z]+) " }
  stage.labels { values = { level = "" } }
}
loki.process "b" {
  forward_to = []
  stage.drop { expression = "secret" }
}
`,
  'bad.alloy': 'loki.process "a" { }',
}
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
const config = join(folder, 'c.alloy')

async function run(args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo(input)
  const code = await main(['explain', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('a line of the command line, through all components', async (tap) => {
  const { code, out } = await run(['-c', config, '--label', 'app=x', 'warn', 'disk'])
  tap.equal(code, 0)
  tap.match(out, /^loki\.process\.a\nline {4}warn disk\nlabels {2}\{app="x", job="j"\}\n/)
  tap.match(out, /c\.alloy:8\n {3}label {5}\+ level="warn"\n/)
  tap.match(out, 'loki.process.b\nline    warn disk\nlabels  {app="x", job="j", level="warn"}\n')
})

void t.test('every line of standard input', async (tap) => {
  for (const args of [[], ['-']]) {
    const { out } = await run(['-c', config, '--component', 'b', ...args], 'a\nb secret\n')
    tap.match(
      out,
      /^line {4}a\n[^]*result {2}a\n[^]*line {4}b secret\n[^]*dropped by stage\.drop \(drop_stage\)\n\n$/,
    )
  }
})

void t.test('--json', async (tap) => {
  const { out } = await run(['-c', config, '--json', '!'])
  const [first, second, ...rest] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  tap.same(rest, [])
  tap.match(first, {
    component: 'loki.process.a',
    entry: { line: '!', labels: { job: 'j' }, structured_metadata: {}, extracted: { job: 'j' } },
    steps: [
      {
        stage: 'regex',
        place: /c\.alloy:7$/,
        before: { line: '!' },
        after: [{ line: '!', labels: { job: 'j' } }],
        outcome: 'passed',
        regex: { pattern: '^(?P<level>[a-z]+) ', subject: '!', progress: { from: 1, to: 18, at: 0 } },
      },
      { stage: 'labels' },
    ],
  })
  tap.match(second, { component: 'loki.process.b' })
})

void t.test('a reader that has gone away ends it quietly', async (tap) => {
  const io = fakeIo('a\n'.repeat(1000))
  let written = 0
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => {
      written++
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  tap.equal(await main(['explain', '-c', config], { ...io, stdout }), 0)
  tap.equal(written, 1)
  tap.equal(io.err(), '')
})

void t.test('what cannot be explained', async (tap) => {
  const none = await run(['-c', join(folder, 'none.alloy'), 'x'])
  tap.match(none, { code: 1, err: /expected a config, found no .*none\.alloy: name one with -c FILE/ })
  tap.match(await run(['-c', join(folder, 'bad.alloy'), 'x']), { code: 1, err: /bad\.alloy:1:1: error/ })
  tap.match(await run(['-c', config, '--component', 'c', 'x']), { code: 1, err: /no loki\.process "c"/ })
  tap.match(await run(['-c', config, '--label', 'x', 'x']), { code: 1, err: /--label takes name=value/ })
})
