/** Health as metrics: one series a component, and Alloy's count of components by health. */
import type { HealthState } from '../../component/component.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { ComponentInfo } from './component-info.ts'

const STATES: readonly HealthState[] = ['healthy', 'unhealthy', 'unknown', 'exited']

/** Looks at the components at each scrape. */
export function registerHealthMetrics(metrics: Metrics, components: () => readonly ComponentInfo[]): void {
  metrics.collect(
    'logstream_component_healthy',
    'gauge',
    '1 for a component that can do its work, 0 for one that is unhealthy.',
    () =>
      components().map((each) => ({
        labels: labelsOf(each),
        value: each.health.state === 'unhealthy' ? 0 : 1,
      })),
  )
  metrics.collect(
    'logstream_component_health_changed_timestamp_seconds',
    'gauge',
    'Unix time since when the health of a component is as it is.',
    () => components().map((each) => ({ labels: labelsOf(each), value: each.health.since / 1000 })),
  )
  metrics.collect(
    'alloy_component_controller_running_components',
    'gauge',
    'Running components by health.',
    () => countsByHealth(components()),
  )
}

function labelsOf({ id, componentPath }: ComponentInfo): Record<string, string> {
  return { component_path: componentPath, component_id: id }
}

// As in Alloy, the main config and each module have a controller of their own, named by the path to it.
function countsByHealth(
  components: readonly ComponentInfo[],
): { labels: Record<string, string>; value: number }[] {
  const counts = new Map<string, Map<HealthState, number>>()
  for (const { componentPath, health } of components) {
    const count = counts.get(componentPath) ?? new Map<HealthState, number>(STATES.map((state) => [state, 0]))
    count.set(health.state, count.get(health.state)! + 1)
    counts.set(componentPath, count)
  }
  return [...counts].flatMap(([path, count]) => {
    const slash = path.lastIndexOf('/')
    const labels = {
      controller_path: slash <= 0 ? '/' : path.slice(0, slash),
      controller_id: path.slice(slash + 1),
    }
    return [...count].map(([health, value]) => ({ labels: { ...labels, health_type: health }, value }))
  })
}
