/** The recorded cases that belong to no single stage, and the shipped examples, run by the product's own command. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { main } from '../lib/cli/main.ts'
import { fakeIo } from './support/fake-io.ts'

interface Report {
  readonly tests: readonly { name: string; passed: boolean; differences?: readonly string[] }[]
}

const files = readdirSync('fixtures/stages').map((name) => name.replace(/\.json$/, ''))
const ownTests = readdirSync('test/transforms')
  .map((name) => readFileSync(`test/transforms/${name}`, 'utf8'))
  .join('\n')
const runsIn = (name: string): number => ownTests.split(`recordedCases(t, '${name}')`).length - 1

void t.test('cases of a stage run once, in its own test', (tap) => {
  const isStage = (name: string): boolean => existsSync(`transforms/${name}.ts`)
  tap.same(
    files.filter((name) => runsIn(name) > 1 || (isStage(name) && runsIn(name) === 0)),
    [],
  )
  tap.end()
})

void t.test('the other recorded cases', async (tap) => {
  const others = files.filter((name) => runsIn(name) === 0).map((name) => `fixtures/stages/${name}.json`)
  tap.ok(others.length > 0, others.join(' '))
  for (const file of [...others, 'fixtures/config/internal-metrics.json']) {
    const io = fakeIo()
    tap.equal(await main(['test', '--reporter=json', file], io), 0, file)
    const { tests } = JSON.parse(io.out()) as Report
    tap.same(
      tests.filter((each) => !each.passed),
      [],
      file,
    )
    const count = (JSON.parse(readFileSync(file, 'utf8')) as { tests: unknown[] }).tests.length
    tap.equal(io.err(), `${count} passed, 0 failed\n`, file)
  }
})

void t.test('the shipped examples', async (tap) => {
  const io = fakeIo()
  tap.equal(await main(['test', 'examples'], io), 0, io.out())
  tap.match(io.out(), /^\d+ passed, 0 failed\n$/)
})
