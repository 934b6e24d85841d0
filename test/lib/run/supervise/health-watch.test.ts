/** Since when a component is as it is, and what the log says when that changes. */
import t from 'tap'
import type { Health } from '../../../../lib/component/component.ts'
import { HealthWatch } from '../../../../lib/run/supervise/health-watch.ts'
import { liveComponent } from '../../../support/live.ts'

const GOOD: Health = { state: 'healthy', message: '' }

void t.test('trouble is logged within seconds, and so is its end', (tap) => {
  let health = GOOD
  const { live, bench, logged } = liveComponent({ health: () => health })
  const { clock } = bench
  const start = clock.now()
  const watch = new HealthWatch(clock, () => [live])
  watch.start()
  clock.advance(2000)
  tap.match(watch.of(live), { ...GOOD, since: start, dead: false })
  tap.same(logged, [], 'all well: nothing to say')

  health = { state: 'unhealthy', message: 'no answer' }
  clock.advance(2000)
  tap.same(logged.splice(0), ['level=warn msg="component is unhealthy" reason="no answer"'])
  health = { state: 'unhealthy', message: 'status 500' }
  clock.advance(2000)
  tap.match(
    watch.of(live),
    { message: 'status 500', since: start + 4000 },
    'the same trouble, in other words',
  )
  tap.same(logged, [])

  clock.advance(84_000)
  health = GOOD
  clock.advance(2000)
  tap.same(logged.splice(0), ['level=info msg="component is healthy again" after=1m28s reason="status 500"'])
  tap.match(watch.of(live), { state: 'healthy', since: start + 92_000 })

  watch.close()
  health = { state: 'unhealthy', message: 'late' }
  clock.advance(10_000)
  tap.same(logged, [], 'no more looks after the end')
  tap.end()
})

void t.test('a component that died has said so itself', (tap) => {
  const { live, bench, logged } = liveComponent({})
  const watch = new HealthWatch(bench.clock, () => [live])
  watch.start()
  live.fail(new Error('the sink broke'))
  bench.clock.advance(2000)
  tap.same(logged, ['level=error msg="component failed" error="the sink broke"'])
  tap.match(watch.of(live), { state: 'unhealthy', message: 'the sink broke', dead: true })
  watch.close()
  tap.end()
})

void t.test('the states a component was in, also those of one that it replaces', (tap) => {
  let health: Health = GOOD
  const { live, bench } = liveComponent({ health: () => health })
  let components = [live]
  const watch = new HealthWatch(bench.clock, () => components)
  const start = bench.clock.now()
  watch.start()
  health = { state: 'unhealthy', message: 'no answer' }
  bench.clock.advance(2000)
  health = { state: 'unhealthy', message: 'status 500' }
  bench.clock.advance(2000)
  components = [liveComponent({}).live]
  bench.clock.advance(2000)
  tap.same(watch.changes(live.fullId), [
    { state: 'healthy', message: '', at: start + 6000 },
    { state: 'unhealthy', message: 'status 500', at: start + 2000 },
    { state: 'healthy', message: '', at: start },
  ])
  components = []
  bench.clock.advance(2000)
  tap.same(watch.changes(live.fullId), [], 'one that is gone is forgotten')
  watch.close()
  tap.end()
})
