/** What /metrics tells of notifications, under Loki's names. */
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Outbox } from './outbox.ts'

export function outboxMetrics(metrics: Metrics, outboxes: readonly Outbox[]): void {
  const each = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (outbox: Outbox) => number,
  ): void =>
    metrics.collect(`loki_prometheus_notifications_${name}`, type, help, () =>
      outboxes.map((outbox) => ({
        labels: { alertmanager: outbox.destination.name },
        value: read(outbox),
      })),
    )
  each('sent_total', 'counter', 'Alerts that were delivered.', ({ counts }) => counts.sent)
  each('errors_total', 'counter', 'Alerts in requests that failed.', ({ counts }) => counts.failed)
  each('dropped_total', 'counter', 'Alerts that were refused, or too many.', ({ counts }) => counts.dropped)
  each('queue_length', 'gauge', 'Alerts that wait to be delivered.', ({ waiting }) => waiting)
}
