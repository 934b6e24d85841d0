import t from 'tap'
import { RecentProblems } from '../../../lib/telemetry/recent-problems.ts'

void t.test('the newest first; what repeats is counted', (tap) => {
  let now = 0
  const problems = new RecentProblems(() => ++now)
  problems.add('a.b', 'warn', 'a push failed', { reason: 'refused', component_id: 'a.b', status: 500 })
  problems.add('a.b', 'error', 'broken', {})
  problems.add('a.b', 'warn', 'a push failed', { reason: 'refused', status: 503 })
  problems.add('a.b', 'warn', 'a push failed', { reason: 'no route', left: undefined })
  tap.same(problems.of('a.b'), [
    { at: 4, level: 'warn', message: 'a push failed', fields: { reason: 'no route' }, times: 1 },
    {
      at: 3,
      level: 'warn',
      message: 'a push failed',
      fields: { reason: 'refused', status: '503' },
      times: 2,
    },
    { at: 2, level: 'error', message: 'broken', fields: {}, times: 1 },
  ])
  tap.same(problems.of('a.c'), [])
  tap.end()
})

void t.test('memory is bounded', (tap) => {
  const problems = new RecentProblems(() => 0)
  for (let i = 0; i < 100; i++) problems.add('many', 'warn', `number ${i}`, { long: 'x'.repeat(5000) })
  tap.equal(problems.of('many').length, 20)
  tap.equal(problems.of('many')[0]!.message, 'number 99')
  tap.equal(problems.of('many')[0]!.fields['long']!.length, 1000)
  for (let i = 0; i < 500; i++) problems.add(`c${i}`, 'warn', 'x', {})
  tap.same(problems.of('many'), [], 'the one that was quiet the longest is forgotten')
  tap.equal(problems.of('c0').length, 1)
  tap.end()
})
