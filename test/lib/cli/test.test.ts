import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

const folder = t.testdir({
  'good.yaml': `tests:
  - name: the level becomes a label
    pipeline: |
      stage.regex  { expression = "^(?P<level>\\\\w+)" }
      stage.labels { values = { level = "" } }
    input:  [{ line: "warn disk is full" }]
    expect: { entries: [{ line: "warn disk is full", labels: { level: warn } }] }
  - name: refused
    pipeline: stage.nope { }
    expect_error: unknown block
`,
  'bad.json':
    '{"tests": [{"name": "wrong", "pipeline": "", "input": [{"line": "a"}], "expect": {"entries": [{"line": "b"}]}}]}',
  'config.yaml':
    'tests: [{ name: real, config: c.alloy, component: loki.process.p, input: [{ line: x }], expect: { entries: [{ line: x, labels: { a: b } }] } }]',
  'c.alloy':
    'loki.process "p" {\n  forward_to = [loki.write.w.receiver]\n  stage.static_labels { values = { a = "b" } }\n}\nloki.write "w" { endpoint { url = "http://localhost:3100/loki/api/v1/push" } }',
  'broken.yaml': 'tests: 1',
})

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo()
  const code = await main(['test', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('passes, fails, and counts', async (tap) => {
  tap.match(await run(join(folder, 'good.yaml')), { code: 0, out: '2 passed, 0 failed\n', err: '' })
  tap.match(await run('-v', join(folder, 'good.yaml')), {
    out: /^ok +.*good\.yaml: the level becomes a label\nok +.*: refused\n2 passed/,
  })
  tap.match(await run(join(folder, 'good.yaml'), join(folder, 'bad.json')), {
    code: 1,
    out: /FAILED +.*bad\.json: wrong\n +entry 1, line:\n +- "b"\n +\+ "a"\n2 passed, 1 failed\n$/,
  })
})

void t.test('a real config, relative to the test file', async (tap) => {
  tap.match(await run(join(folder, 'config.yaml')), { code: 0, out: '1 passed, 0 failed\n' })
})

void t.test('files that are no tests', async (tap) => {
  for (const [file, message] of [
    ['none', /cannot read .*none/],
    ['broken.yaml', /broken\.yaml: expected \{"tests"/],
  ] as const) {
    const { code, out, err } = await run(join(folder, file))
    tap.equal(code, 1)
    tap.match(out + err, message)
  }
})
