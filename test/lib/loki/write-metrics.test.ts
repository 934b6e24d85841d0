/** The metrics of `loki.write` under Alloy's names. */
import t from 'tap'
import { WriteMetrics } from '../../../lib/loki/write-metrics.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'

void t.test('the exposition', async (t) => {
  const registry = Metrics.create()
  const metrics = new WriteMetrics(registry, 'host:1')
  metrics.request('t', 204, 0.02, 2000)
  metrics.request('t', 0, 20, 2000)
  metrics.sent('t', 10, 2000, 0.5)
  metrics.retried('t')
  metrics.dropped('t', 'slow_down', 3, 30)
  const lines = (await registry.exposition()).split('\n')
  const value = (name: string, ...labels: string[]): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
      ?.split(' ')
      .at(-1)
  const of = ['host="host:1"', 'tenant="t"']
  t.equal(value('loki_write_sent_entries_total', ...of), '10')
  t.equal(value('loki_write_sent_bytes_total', ...of), '2000')
  t.equal(value('loki_write_batch_retries_total', ...of), '1')
  t.equal(value('loki_write_dropped_entries_total', 'reason="rate_limited"'), '3')
  t.equal(value('loki_write_dropped_bytes_total', 'reason="rate_limited"'), '30')
  for (const reason of ['ingester_error', 'stream_limited', 'line_too_long', 'queue_is_full'])
    t.equal(value('loki_write_dropped_entries_total', `reason="${reason}"`), '0', reason)
  t.equal(value('loki_write_request_duration_seconds_bucket', 'status_code="204"', 'le="0.025"'), '1')
  t.equal(value('loki_write_request_duration_seconds_bucket', 'status_code="204"', 'le="0.01"'), '0')
  t.equal(value('loki_write_request_duration_seconds_bucket', 'status_code="-1"', 'le="10"'), '0')
  t.equal(value('loki_write_request_duration_seconds_bucket', 'status_code="-1"', 'le="+Inf"'), '1')
  t.equal(value('loki_write_request_size_bytes_count', ...of), '2')
  t.equal(value('loki_write_entry_propagation_latency_seconds_count', ...of), '10')
  t.equal(value('loki_write_entry_propagation_latency_seconds_sum', ...of), '5')
  t.equal(metrics.sentEntries, 10)
})
