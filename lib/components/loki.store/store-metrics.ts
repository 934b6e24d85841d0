/** What /metrics tells of a store. */
import type { PushCounts } from '../../store/push/store-push.ts'
import type { ObjectStorage } from '../../store/objects/object-storage.ts'
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
  objectMetrics(metrics, () => store()?.objectStorage)
}

/** Of a store's bucket; no samples without one. */
function objectMetrics(metrics: Metrics, storage: () => ObjectStorage | undefined): void {
  const collect = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (storage: ObjectStorage) => number,
  ): void =>
    metrics.collect(`logstream_store_object_${name}`, type, help, () => {
      const opened = storage()
      return opened === undefined ? [] : [{ labels: {}, value: read(opened) }]
    })
  collect('uploads_total', 'counter', 'Files copied to the bucket.', ({ objects }) => objects.counts.uploads)
  collect(
    'uploaded_bytes_total',
    'counter',
    'Bytes copied to the bucket.',
    ({ objects }) => objects.counts.uploadedBytes,
  )
  collect(
    'downloads_total',
    'counter',
    'Files read from the bucket.',
    ({ objects }) => objects.counts.downloads,
  )
  collect(
    'downloaded_bytes_total',
    'counter',
    'Bytes read from the bucket.',
    ({ objects }) => objects.counts.downloadedBytes,
  )
  collect(
    'failures_total',
    'counter',
    'Requests to the bucket that failed.',
    ({ objects }) => objects.counts.failures,
  )
  collect(
    'evictions_total',
    'counter',
    'Files removed from the disk that the bucket has.',
    ({ cache }) => cache.counts.evictions,
  )
  collect('cache_bytes', 'gauge', 'Bytes of sealed files on the disk.', ({ cache }) => cache.bytes)
  collect(
    'pending_files',
    'gauge',
    'Sealed files that the bucket does not have yet.',
    ({ mirror }) => mirror.pending.length,
  )
  collect(
    'pending_seconds',
    'gauge',
    'For how long there have been such files.',
    ({ mirror }) => mirror.lag / 1000,
  )
}
