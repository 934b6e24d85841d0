/** Changes of files, by looking and by the system's notices. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { watchFile } from '../../../lib/disk/watch-file.ts'
import { until } from '../../support/component-run.ts'
import { StepClock } from '../../support/step-clock.ts'

void t.test('looking sees contents, replacements, ends and beginnings', (t) => {
  const folder = t.testdir({ a: 'one' })
  const path = join(folder, 'a')
  const clock = new StepClock()
  let changes = 0
  const stop = watchFile({ path, pollMs: 1000, notices: false }, clock, () => changes++)
  const after = (change: () => void): number => {
    const before = changes
    change()
    clock.advance(1000)
    return changes - before
  }
  t.equal(
    after(() => {}),
    0,
  )
  t.equal(
    after(() => writeFileSync(path, 'longer')),
    1,
  )
  writeFileSync(join(folder, 'b'), 'longer')
  t.equal(
    after(() => renameSync(join(folder, 'b'), path)),
    1,
  )
  t.equal(
    after(() => rmSync(path)),
    1,
  )
  t.equal(
    after(() => writeFileSync(path, '')),
    1,
  )
  stop()
  t.equal(
    after(() => rmSync(path)),
    0,
  )
  t.end()
})

void t.test('notices come between two looks, for files in a folder too', async (t) => {
  const folder = t.testdir({ a: 'one', d: { x: '' } })
  const clock = new StepClock()
  const seen: string[] = []
  const stops = ['a', 'd'].map((name) =>
    watchFile({ path: join(folder, name), pollMs: 3_600_000, notices: true }, clock, () => seen.push(name)),
  )
  t.teardown(() => stops.forEach((stop) => stop()))
  const saw = (name: string) =>
    until(() => {
      clock.advance(100)
      return seen.includes(name)
    })
  writeFileSync(join(folder, 'a'), 'another')
  await saw('a')
  mkdirSync(join(folder, 'd/new'))
  await saw('d')
})

void t.test('a place that does not exist can be watched', (t) => {
  const path = join(t.testdir({}), 'not/there')
  const clock = new StepClock()
  let changes = 0
  t.teardown(watchFile({ path, pollMs: 1000, notices: true }, clock, () => changes++))
  mkdirSync(path, { recursive: true })
  clock.advance(1000)
  t.equal(changes, 1)
  t.end()
})
