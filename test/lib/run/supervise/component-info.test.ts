import t from 'tap'
import { detailsOf, infoOf } from '../../../../lib/run/supervise/component-info.ts'
import { LiveComponent } from '../../../../lib/run/supervise/live.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'
import type { ComponentDefinition } from '../../../../lib/component/component.ts'

void t.test('what is told of a running component', (tap) => {
  const definition = { name: 'a.b', fields: {} } as unknown as ComponentDefinition
  const options = { forward_to: [{ id: 'x.y', send: () => undefined }], word: 'w' }
  const live = new LiveComponent({
    fullId: 'm.n/a.b.c',
    id: 'a.b.c',
    componentPath: '/m.n',
    definition,
    options,
    component: {
      exports: new Map([['word', 'first']]),
      health: () => ({ state: 'unhealthy', message: 'ill' }),
      status: () => ({ files: 2 }),
    },
    metrics: Metrics.create(),
    log: SILENT,
  })
  tap.strictSame(infoOf(live), {
    fullId: 'm.n/a.b.c',
    id: 'a.b.c',
    name: 'a.b',
    health: { state: 'unhealthy', message: 'ill' },
    forwardTo: ['x.y'],
    status: { files: 2 },
  })
  tap.match(detailsOf(live, undefined), {
    componentPath: '/m.n',
    definition,
    options: { word: 'w' },
    exports: new Map([['word', 'first']]),
    forwardTo: ['x.y'],
  })
  tap.same(detailsOf(live, new Map([['word', 'second']])).exports, new Map([['word', 'second']]))
  tap.end()
})
