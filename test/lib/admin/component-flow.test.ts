import t from 'tap'
import { dropsIn, endpointsOf } from '../../../lib/admin/component-flow.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'

void t.test('drops by component, each counted once', (tap) => {
  const metrics = Metrics.create()
  const inModule = metrics.with({ component_id: 'loki.process.p', component_path: '/m.one' })
  inModule.counter('logstream_stage_dropped_total', 'S.', { stage: '0.drop', reason: 'x' }).value = 3
  inModule.counter('logstream_stage_dropped_total', 'S.', { stage: '1.drop', reason: 'y' }).value = 4
  inModule.counter('loki_process_dropped_lines_total', 'The same again.', { reason: 'x' }).value = 7
  const sink = metrics.with({ component_id: 'loki.write.w', component_path: '/' })
  sink.counter('loki_write_dropped_entries_total', 'W.', { reason: 'queue_is_full' }).value = 5
  sink.counter('loki_write_dropped_bytes_total', 'Bytes.', { reason: 'queue_is_full' }).value = 500
  const filter = metrics.with({ component_id: 'loki.secretfilter.f', component_path: '/' })
  filter.counter('loki_secretfilter_lines_dropped_total', 'F.').value = 1
  tap.same(
    dropsIn(metrics),
    new Map([
      ['m.one/loki.process.p', 7],
      ['loki.write.w', 5],
      ['loki.secretfilter.f', 1],
    ]),
  )
  tap.end()
})

void t.test('only sinks have endpoints', (tap) => {
  const info = (status: unknown) => ({
    fullId: 'a.b',
    id: 'a.b',
    componentPath: '/',
    name: 'a',
    health: { state: 'healthy', message: '', since: 0, dead: false } as const,
    forwardTo: [],
    sent: 0,
    waitedMs: [],
    status,
  })
  for (const status of [undefined, null, 'x', {}, { endpoints: 'x' }]) tap.same(endpointsOf(info(status)), [])
  const endpoint = { name: 'n', url: 'u', state: 'up', lastError: '', spoolEntries: 1 }
  tap.match(endpointsOf(info({ endpoints: [endpoint] })), [endpoint])
  tap.end()
})
