/** What /metrics tells of a store. */
import type { PushCounts } from '../../store/push/store-push.ts'
import type { LogStore } from '../../store/store.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

/** Loki's names, so that its dashboards work. */
export function pushCounts(metrics: Metrics): PushCounts {
  const lines = metrics.counter('loki_distributor_lines_received_total', 'Lines received.')
  const bytes = metrics.counter('loki_distributor_bytes_received_total', 'Bytes received.')
  const samples = metrics.counters('loki_discarded_samples_total', 'Entries that were refused.', 'reason')
  const discarded = metrics.counters('loki_discarded_bytes_total', 'Bytes of refused entries.', 'reason')
  return {
    received: (count, size) => {
      lines.value += count
      bytes.value += size
    },
    discarded: (reason, count, size) => {
      samples.add(reason, count)
      discarded.add(reason, size)
    },
  }
}

/** `store` returns the store once it is open. */
export function storeMetrics(metrics: Metrics, store: () => LogStore | undefined): void {
  metrics.gauge('logstream_store_streams', 'Streams in the store.', () => store()?.streams.size ?? 0)
  const total = (name: string, help: string, read: (store: LogStore) => number): void =>
    metrics.collect(name, 'counter', help, () => {
      const opened = store()
      return [{ labels: {}, value: opened === undefined ? 0 : read(opened) }]
    })
  total('logstream_store_entries_total', 'Entries stored.', ({ counts }) => counts.rows)
  total(
    'logstream_store_repeats_total',
    'Entries that the store had already.',
    ({ counts }) => counts.repeats,
  )
  total('logstream_store_commits_total', 'Transactions.', ({ counts }) => counts.commits)
  total('logstream_store_failures_total', 'Transactions that failed.', ({ counts }) => counts.failures)
}
