import t from 'tap'
import { healthAnswer } from '../../../lib/admin/healthy.ts'
import type { ObservedHealth } from '../../../lib/run/supervise/health-watch.ts'

const component = (fullId: string, health: Partial<ObservedHealth>) => ({
  fullId,
  id: fullId,
  componentPath: '/',
  name: 'a',
  health: { state: 'healthy', message: '', since: 0, dead: false, ...health } as ObservedHealth,
  forwardTo: [],
  sent: 0,
  waitedMs: [],
  status: undefined,
})

void t.test('a liveness probe fails only for what a restart may mend', (tap) => {
  const account = { read: 10, inFlight: 3 }
  const well = component('a.well', {})
  const ended = component('a.ended', { state: 'exited' })
  tap.same(healthAnswer([well, ended], account), {
    status: 200,
    body: 'All logstream components are healthy.',
  })

  const since = Date.now() - 45_000
  const ill = component('loki.write.w', { state: 'unhealthy', message: 'no answer from Loki', since })
  tap.same(healthAnswer([well, ill], account), {
    status: 200,
    body: 'loki.write.w has been unhealthy for 45s: no answer from Loki',
  })

  const dead = component('a.dead', { state: 'unhealthy', message: 'it broke', since, dead: true })
  tap.same(healthAnswer([ill, dead], account), {
    status: 500,
    body: 'loki.write.w has been unhealthy for 45s: no answer from Loki\na.dead died 45s ago: it broke',
  })

  tap.same(healthAnswer([well], { read: 10, inFlight: -2 }), {
    status: 500,
    body: 'the account does not add up: 2 more lines have ended than were read',
  })
  tap.end()
})
