import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo, type FakeIo } from '../../support/fake-io.ts'

const PASSES = `tests:
  - name: passes
    pipeline: stage.static_labels { values = { a = "b" } }
    input: [{ line: x }]
    expect: { entries: [{ line: x, labels: { a: b } }] }
`
const FAILS = `${PASSES}  # a comment
  - name: fails
    pipeline: stage.static_labels { values = { a = "b" } }
    input: [{ line: x }]
    expect: { entries: [{ line: x, labels: { a: c } }] }
`

async function run(...args: string[]): Promise<FakeIo & { code: number }> {
  const io = fakeIo()
  const code = await main(['test', ...args], io)
  return { ...io, code }
}

void t.test('passes and fails, with the summary on the last line', async (tap) => {
  const folder = tap.testdir({ 'p.yaml': PASSES, 'f.yaml': FAILS })
  const good = await run(join(folder, 'p.yaml'))
  tap.match(good, { code: 0 })
  tap.equal(good.out(), '1 passed, 0 failed\n')
  const verbose = await run('-v', join(folder, 'p.yaml'))
  tap.match(verbose.out(), /^ok {8}.*p\.yaml: passes\n1 passed, 0 failed\n$/)
  const bad = await run(join(folder, 'p.yaml'), join(folder, 'f.yaml'))
  tap.equal(bad.code, 1)
  tap.match(
    bad.out(),
    /^FAILED {4}.*f\.yaml: fails\n +entry 1, labels:\n +- a="c"\n +\+ a="b"\n2 passed, 1 failed\n$/,
  )
  tap.equal(bad.err(), '')
})

void t.test('a folder means the test files in it', async (tap) => {
  const folder = tap.testdir({
    'a.test.yaml': PASSES,
    'other.yaml': 'x: 1',
    sub: { 'b.test.json': '{"tests": [{"name": "n", "pipeline": "", "expect": {"entries": []}}]}' },
  })
  tap.equal((await run(folder)).out(), '2 passed, 0 failed\n')
  const empty = await run(tap.testdir({ sub: {} }))
  tap.equal(empty.code, 1)
  tap.match(empty.err(), /expected \*\.test\.json/)
})

void t.test('machine reporters have standard output for themselves', async (tap) => {
  const folder = tap.testdir({ 'f.yaml': FAILS })
  for (const [name, begins] of [
    ['tap', 'TAP version 14\nok 1 - '],
    ['json', '{\n  "passed": 1,'],
    ['junit', '<?xml'],
  ] as const) {
    const found = await run('--reporter', name, join(folder, 'f.yaml'))
    tap.equal(found.code, 1, name)
    tap.ok(found.out().startsWith(begins), name)
    tap.equal(found.err(), '1 passed, 1 failed\n', name)
  }
})

void t.test('--update records what came out and keeps the rest of the file', async (tap) => {
  const folder = tap.testdir({ 'f.yaml': `${FAILS}  - { name: new, pipeline: "", input: [{ line: y }] }\n` })
  const file = join(folder, 'f.yaml')
  chmodSync(file, 0o640)
  const found = await run('--update', file)
  tap.equal(found.code, 0)
  tap.match(found.out(), /^recorded .*: fails\nrecorded .*: new\n3 passed, 0 failed\n$/)
  tap.match(readFileSync(file, 'utf8'), /# a comment/)
  tap.equal(statSync(file).mode & 0o777, 0o640)
  tap.equal((await run(file)).out(), '3 passed, 0 failed\n')
})

void t.test('--update learns no mistake: a refused pipeline stays a failure', async (tap) => {
  const folder = tap.testdir({
    'f.yaml': 'tests: [{ name: n, pipeline: "stage.nope { }", expect: { entries: [] } }]',
  })
  const found = await run('--update', join(folder, 'f.yaml'))
  tap.equal(found.code, 1)
  tap.match(found.out(), /the pipeline was refused:\n +n:1:1: error/)
})

void t.test('a real config, relative to the test file', async (tap) => {
  const found = await run('examples/transactions/transactions.test.yaml')
  tap.equal(found.out().split('\n').at(-2), '4 passed, 0 failed', found.out())
  const folder = tap.testdir({
    'c.alloy': 'loki.process "p" { forward_to = [] }',
    'f.yaml': 'tests: [{ name: n, config: c.alloy, component: loki.process.q, expect: { entries: [] } }]',
  })
  const missing = await run(join(folder, 'f.yaml'))
  tap.equal(missing.code, 1)
  tap.match(
    missing.out(),
    /has no loki.process "loki.process.q": it has\n +loki.process.p\n0 passed, 1 failed\n$/,
  )
})

void t.test('--stability.level', async (tap) => {
  const folder = tap.testdir({
    'f.yaml': `tests:
  - name: n
    pipeline: stage.static_labels { values = array.combine_maps([{a = "b"}], [{a = "b"}], ["a"])[0] }
    input: [{ line: x }]
    expect: { entries: [{ line: x, labels: { a: b } }] }
`,
  })
  tap.equal((await run(join(folder, 'f.yaml'))).code, 0)
  const strict = await run('--stability.level=generally-available', join(folder, 'f.yaml'))
  tap.equal(strict.code, 1)
  tap.match(strict.out(), /experimental/)
  tap.match((await run('--stability.level=x', 'f')).err(), /must be one of/)
})

void t.test('what cannot be read fails, and the other files are run', async (tap) => {
  const folder = tap.testdir({ 'bad.yaml': 'tests: [', 'p.yaml': PASSES })
  const found = await run(join(folder, 'bad.yaml'), join(folder, 'none.yaml'), join(folder, 'p.yaml'))
  tap.equal(found.code, 1)
  tap.match(
    found.out(),
    /bad\.yaml:1:\d+: expected JSON or YAML[^]*cannot read [^]*none\.yaml[^]*1 passed, 2 failed\n$/,
  )
})

void t.test('usage', async (tap) => {
  tap.match((await run()).err(), /needs at least one FILE/)
  tap.match((await run('--reporter=x', 'f')).err(), /--reporter takes one of default, tap, json, junit/)
})
