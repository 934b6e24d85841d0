import t from 'tap'
import { Budget, defaultLimits } from '../../../../lib/logql/engine/budget.ts'

void t.test('too many lines, too many bytes, too much time', (tap) => {
  const lines = new Budget({ ...defaultLimits, maxScannedLines: 2 })
  lines.spend('a')
  lines.spend('b')
  tap.throws(() => lines.spend('c'), /more than 2 lines/)
  tap.same([lines.lines, lines.bytes], [3, 3])

  const bytes = new Budget({ ...defaultLimits, maxScannedBytes: 10 })
  tap.throws(() => bytes.spend('x'.repeat(11)), /more than 10 bytes/)

  let now = 0
  const time = new Budget({ ...defaultLimits, timeout: 50 }, { now: () => now })
  time.check()
  now = 51
  tap.throws(() => time.check(), /longer than 50 ms/)
  tap.throws(() => {
    for (let i = 0; i < 1024; i++) time.spend('')
  }, /longer than 50 ms/)
  tap.end()
})

void t.test('a signal ends it with its reason', (tap) => {
  const controller = new AbortController()
  const budget = new Budget(defaultLimits, { signal: controller.signal })
  budget.check()
  controller.abort(new Error('gone'))
  tap.throws(() => budget.check(), /gone/)
  tap.end()
})
