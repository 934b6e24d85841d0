/** The counts of the filter, as they are scraped. */
import t from 'tap'
import { FilterMetrics } from '../../../../lib/components/loki.secretfilter/metrics.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

void t.test('secrets by rule and origin, and the time that lines took', async (t) => {
  const registry = Metrics.create()
  const metrics = new FilterMetrics(registry)
  metrics.redacted('a', 'x')
  metrics.redacted('a', 'x')
  metrics.redacted('a', '')
  metrics.took(0.5, 10)
  metrics.took(0.25, 5)
  metrics.dropped.value++
  const text = await registry.exposition()
  for (const line of [
    '# TYPE loki_secretfilter_processing_duration_seconds summary',
    'loki_secretfilter_processing_duration_seconds_sum 0.75',
    'loki_secretfilter_processing_duration_seconds_count 15',
    'loki_secretfilter_secrets_redacted_total 3',
    'loki_secretfilter_secrets_redacted_by_category_total{rule="a",origin="x"} 2',
    'loki_secretfilter_secrets_redacted_by_category_total{rule="a",origin=""} 1',
    'loki_secretfilter_lines_dropped_total 1',
    'loki_secretfilter_lines_timed_out_total 0',
  ])
    t.ok(text.includes(`${line}\n`), `${line}\n${text}`)
})
