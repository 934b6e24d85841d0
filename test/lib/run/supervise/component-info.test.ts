import t from 'tap'
import { detailsOf, infoOf } from '../../../../lib/run/supervise/component-info.ts'
import { liveComponent } from '../../../support/live.ts'

void t.test('what others see of a running component', (tap) => {
  const options = { forward_to: [{ id: 'x.y', send: () => undefined }], word: 'w' }
  const { live } = liveComponent({ status: () => ({ files: 2 }) }, { options })
  const health = { state: 'unhealthy', message: 'ill', since: 5, dead: false } as const
  tap.strictSame(infoOf(live, health), {
    fullId: 'm.n/test.x.y',
    id: 'test.x.y',
    componentPath: '/m.n',
    name: 'test.x',
    health,
    forwardTo: ['x.y'],
    sent: 0,
    waitedMs: [0],
    status: { files: 2 },
  })
  const exports = new Map([['word', 'second']])
  const changes = [{ state: 'healthy', message: '', at: 5 }] as const
  tap.match(detailsOf(live, { exports, changes, declared: undefined }), {
    changes,
    componentPath: '/m.n',
    definition: live.definition,
    options: { word: 'w' },
    exports,
    forwardTo: ['x.y'],
  })
  tap.end()
})
