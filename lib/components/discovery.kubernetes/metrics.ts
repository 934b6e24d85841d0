/** The metrics of Prometheus' kubernetes_sd_configs. */
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Change } from '../../net/kubernetes/object-cache.ts'
import type { Kind } from '../../net/kubernetes/resources.ts'
import { ROLES, type Role } from './roles.ts'

const EVENTS = 'prometheus_sd_kubernetes_events_total'
const EVENTS_HELP = 'The number of Kubernetes events handled.'
const CHANGES: readonly Change[] = ['add', 'delete', 'update']

export class DiscoveryMetrics {
  readonly #metrics: Metrics
  readonly #failures: { value: number }

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    for (const role of ROLES) for (const change of CHANGES) this.#events(role, change)
    this.#failures = metrics.counter(
      'prometheus_sd_kubernetes_failures_total',
      'The number of failed WATCH/LIST requests.',
    )
  }

  /** Counts what Prometheus counts: of pods beside endpoints only the updates, and no namespaces. */
  changed(role: Role, kind: Kind, change: Change): void {
    const counts =
      kind === role || kind === 'service' || (role === 'endpoints' && kind === 'pod' && change === 'update')
    if (counts) this.#events(kind as Role, change).value++
  }

  failed(): void {
    this.#failures.value++
  }

  #events(role: Role, event: Change): { value: number } {
    return this.#metrics.counter(EVENTS, EVENTS_HELP, { role, event })
  }
}
