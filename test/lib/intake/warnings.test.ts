import t from 'tap'
import { systemClock } from '../../../lib/flow/clock.ts'
import { Warnings } from '../../../lib/intake/warnings.ts'
import { sourceContext } from '../../support/source.ts'

void t.test('one a minute for each kind, and how many there were', async (t) => {
  const { log, logged } = sourceContext()
  let now = 0
  const warnings = new Warnings(log, { ...systemClock, now: () => now })
  for (let i = 0; i < 5; i++) warnings.warn('a', 'A', { i })
  warnings.warn('b', 'B')
  t.strictSame(logged, ['A {"i":0}', 'B {}'])
  now = 60_000
  warnings.warn('a', 'A', { i: 5 })
  t.equal(logged.at(-1), 'A {"i":5,"suppressed":4}')
})
