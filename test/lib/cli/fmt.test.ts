import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

interface FmtCase {
  readonly name: string
  readonly input: string
  readonly output?: string
  readonly exit?: number
}

void t.test('recorded cases', async (tap) => {
  for (const test of JSON.parse(readFileSync('fixtures/config/fmt.json', 'utf8')) as FmtCase[]) {
    const io = fakeIo(test.input)
    tap.equal(await main(['fmt', '-'], io), test.exit ?? 0, `${test.name}: exit status`)
    tap.equal(io.out(), test.output ?? '', test.name)
    if (test.exit === 1) tap.match(io.err(), /^<stdin>:\d+:\d+: error: /, `${test.name}: the place`)
  }
})

async function run(args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo(input)
  const code = await main(['fmt', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('a file: shown, written back, tested', async (tap) => {
  const folder = tap.testdir({ 'a.alloy': 'logging{level="info"}', 'good.alloy': 'logging { }\n' })
  const file = join(folder, 'a.alloy')
  const good = 'logging {\n\tlevel = "info"\n}\n'
  tap.match(await run([file]), { code: 0, out: good })
  tap.match(await run(['-t', file]), { code: 1, out: '', err: /not formatted: run logstream fmt --write/ })
  tap.match(await run(['--write', file]), { code: 0, out: '' })
  tap.equal(readFileSync(file, 'utf8'), good)
  tap.match(await run(['--test', file]), { code: 0, err: '' })
  const { mtimeMs, ino } = statSync(file)
  await run(['-w', file])
  tap.same([statSync(file).mtimeMs, statSync(file).ino], [mtimeMs, ino], 'what is good already is left alone')
  tap.match(await run([], 'logging{}'), { code: 0, out: 'logging { }\n' }, 'standard input without a word')
})

void t.test('mistakes', async (tap) => {
  const folder = tap.testdir({ 'bad.alloy': 'logging {' })
  const bad = join(folder, 'bad.alloy')
  tap.match(await run(['-w', bad]), { code: 1, err: /bad\.alloy:1:\d+: error/ })
  tap.equal(readFileSync(bad, 'utf8'), 'logging {', 'a broken config is not touched')
  tap.match(await run([join(folder, 'none')]), { code: 1, err: /^logstream: cannot read .*none/ })
  tap.match(await run([folder]), { code: 1, err: /is a folder: name a file/ })
  tap.match(await run(['a', 'b']), { code: 1, err: /takes one file/ })
  tap.match(await run(['-w', '-t', bad]), { code: 1, err: /not both/ })
  tap.match(await run(['-w']), { code: 1, err: /--write needs a FILE/ })
})
