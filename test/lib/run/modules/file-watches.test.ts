/** Module files are followed while the config that runs was read from them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FileWatches } from '../../../../lib/run/modules/file-watches.ts'
import { until } from '../../../support/component-run.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

void t.test('those that are set, and no others', (t) => {
  const folder = t.testdir({ a: '', b: '' })
  const clock = new StepClock()
  let changes = 0
  const watches = new FileWatches(clock, () => changes++)
  const on = (name: string) => ({ path: join(folder, name), pollMs: 1000, notices: false })
  const change = (): number => {
    const before = changes
    writeFileSync(join(folder, 'a'), 'x'.repeat(changes + 1))
    writeFileSync(join(folder, 'b'), 'x'.repeat(changes + 1))
    clock.advance(1000)
    return changes - before
  }
  watches.set([on('a'), on('a'), on('b')])
  t.equal(change(), 2, 'one watch for one file')
  watches.set([on('b')])
  t.equal(change(), 1)
  watches.set([])
  t.equal(change(), 0)
  t.end()
})

void t.test(
  'a changed module is applied; a broken one is reported and the old one keeps running',
  async (t) => {
    const module = (mark: string): string => `declare "it" { test.sink "s" { anew = "${mark}" } }`
    const folder = t.testdir({ mods: { 'm.alloy': module('one') } })
    const path = join(folder, 'mods/m.alloy')
    const bench = supervised(t)
    const config = `import.file "m" {\n  filename = "${folder}/mods"\n  detector = "poll"\n}\nm.it "i" { }`
    t.same(await bench.load(config), [])
    t.same(bench.supervisor.watched, [join(folder, 'mods'), path])
    const anew = (): unknown => bench.graph.drainEvents(/^start/).length
    anew()
    writeFileSync(path, module('another'))
    bench.clock.advance(60_000)
    await until(() => {
      bench.clock.advance(0)
      return anew() === 1
    })
    writeFileSync(path, 'declare')
    bench.clock.advance(60_000)
    await until(() => {
      bench.clock.advance(0)
      return bench.errors.some((line) => line.includes('a change was not taken over'))
    })
    t.same(bench.ids(), ['m.it.i/test.sink.s'])
    writeFileSync(path, module('mended'))
    bench.clock.advance(60_000)
    await until(() => {
      bench.clock.advance(0)
      return anew() === 1
    })
  },
)
