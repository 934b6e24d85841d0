import t from 'tap'
import type { ComponentInfo } from '../../../../lib/run/supervise/component-info.ts'
import { registerHealthMetrics } from '../../../../lib/run/supervise/health-metrics.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

const info = (
  componentPath: string,
  id: string,
  state: 'healthy' | 'unhealthy',
  since: number,
): ComponentInfo => ({
  fullId: `${componentPath}/${id}`.replace(/^\/+/, ''),
  id,
  componentPath,
  name: 'a',
  health: { state, message: '', since, dead: false },
  forwardTo: [],
  sent: 0,
  waitedMs: [],
  status: undefined,
})

void t.test('health as metrics', async (tap) => {
  const metrics = Metrics.create()
  registerHealthMetrics(metrics, () => [
    info('/', 'a.one', 'healthy', 1000),
    info('/', 'a.two', 'unhealthy', 2500),
    info('/m.x', 'a.three', 'healthy', 0),
    info('/m.x/n.y', 'a.four', 'healthy', 0),
  ])
  const text = await metrics.exposition()
  for (const line of [
    'logstream_component_healthy{component_path="/",component_id="a.one"} 1',
    'logstream_component_healthy{component_path="/",component_id="a.two"} 0',
    'logstream_component_health_changed_timestamp_seconds{component_path="/",component_id="a.two"} 2.5',
    'alloy_component_controller_running_components{controller_path="/",controller_id="",health_type="healthy"} 1',
    'alloy_component_controller_running_components{controller_path="/",controller_id="",health_type="unhealthy"} 1',
    'alloy_component_controller_running_components{controller_path="/",controller_id="",health_type="exited"} 0',
    'alloy_component_controller_running_components{controller_path="/",controller_id="m.x",health_type="healthy"} 1',
    'alloy_component_controller_running_components{controller_path="/m.x",controller_id="n.y",health_type="healthy"} 1',
  ])
    tap.ok(text.split('\n').includes(line), line)
})
