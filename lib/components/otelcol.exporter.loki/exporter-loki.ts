/** `otelcol.exporter.loki`: OpenTelemetry records become entries of Loki, as hints in their attributes say. */
import { defineComponent, type ComponentContext, type Stage } from '../../component/component.ts'
import { INPUT_DOC } from '../../component/options/otelcol.ts'
import { forwardField } from '../../component/options/source.ts'
import { oneStage } from '../../component/stage-stream.ts'
import type { Entry } from '../../flow/entry.ts'
import { Warnings } from '../../intake/warnings.ts'
import { carriedBy, UNCONVERTIBLE } from '../../otlp/carried.ts'
import { lokiEntry } from '../../otlp/loki-entry.ts'

export const otelcolExporterLoki = defineComponent({
  name: 'otelcol.exporter.loki',
  summary: 'Makes log entries for Loki of OpenTelemetry log records.',
  stability: 'generally-available',
  fields: { forward_to: forwardField },
  exports: { input: INPUT_DOC },
  create: (_options, ctx) => {
    const stream = oneStage('otelcol.exporter.loki', converter(ctx), ctx)
    return { input: stream, output: stream, update: () => true }
  },
})

/** Records that can't be converted end here: counted, named in the log, and told to their client. */
function converter({ metrics, log, clock }: ComponentContext): Stage {
  const all = metrics.counter(
    'otelcol_exporter_loki_entries_total',
    'Total number of log entries passed through the converter',
  )
  const failed = metrics.counter(
    'otelcol_exporter_loki_entries_failed',
    'Total number of log entries failed to convert',
  )
  const processed = metrics.counter(
    'otelcol_exporter_loki_entries_processed',
    'Total number of log entries successfully converted',
  )
  const warnings = new Warnings(log, clock)
  const convert = (entry: Entry): boolean => {
    const made = lokiEntry(carriedBy(entry))
    if (!made.ok) {
      warnings.warn('unconvertible', 'a record cannot become a log entry', { reason: made.reason })
      entry.ack.settle(UNCONVERTIBLE)
      return false
    }
    entry.line = made.line
    entry.labels = made.labels
    entry.record = undefined
    return true
  }
  return {
    run: (entries) => {
      all.value += entries.length
      const kept = entries.filter(convert)
      failed.value += entries.length - kept.length
      processed.value += kept.length
      return kept
    },
  }
}
