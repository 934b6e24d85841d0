/** Every file of pipeline unit tests among the fixtures, run by the product's own command. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { main } from '../lib/cli/main.ts'
import { fakeIo } from './support/fake-io.ts'

interface Report {
  readonly passed: number
  readonly failed: number
  readonly tests: readonly { name: string; passed: boolean; differences?: readonly string[] }[]
}

const stages = readdirSync('fixtures/stages')
  .filter((name) => name.endsWith('.json'))
  .map((name) => `fixtures/stages/${name}`)

async function runFile(file: string): Promise<{ code: number; report: Report; last: string }> {
  const io = fakeIo()
  const code = await main(['test', '--reporter=json', file], io)
  return { code, report: JSON.parse(io.out()) as Report, last: io.err() }
}

void t.test('the recorded cases', async (tap) => {
  tap.ok(stages.length >= 30, `${stages.length} files of stages`)
  for (const file of [...stages, 'fixtures/config/internal-metrics.json']) {
    const { code, report, last } = await runFile(file)
    const wrong = report.tests.filter((each) => !each.passed)
    tap.same(wrong, [], file)
    const count = (JSON.parse(readFileSync(file, 'utf8')) as { tests: unknown[] }).tests.length
    tap.equal(last, `${count} passed, 0 failed\n`, file)
    tap.equal(code, 0, file)
  }
})

void t.test('the shipped pipelines', async (tap) => {
  const io = fakeIo()
  tap.equal(await main(['test', 'examples'], io), 0, io.out())
  tap.match(io.out(), /^\d+ passed, 0 failed\n$/)
})
