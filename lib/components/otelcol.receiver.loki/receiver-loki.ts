/** `otelcol.receiver.loki`: log entries become OpenTelemetry records, for otelcol components. */
import { defineComponent } from '../../component/component.ts'
import { outputField } from '../../component/options/otelcol.ts'
import { oneStage } from '../../component/stage-stream.ts'
import { EMPTY_LABELS } from '../../flow/labels.ts'
import { NO_METADATA, type Entry } from '../../flow/entry.ts'
import { recordOfLoki } from '../../otlp/carried.ts'

export const otelcolReceiverLoki = defineComponent({
  name: 'otelcol.receiver.loki',
  summary: 'Makes OpenTelemetry log records of log entries.',
  stability: 'generally-available',
  fields: { output: outputField },
  exports: { receiver: 'Takes entries to become records.' },
  create: (_options, ctx) => {
    const stream = oneStage('otelcol.receiver.loki', { run: toRecords }, ctx)
    return { input: stream, output: stream, update: () => true }
  },
})

function toRecords(entries: Entry[]): Entry[] {
  for (const entry of entries) {
    entry.record = recordOfLoki(entry)
    entry.labels = EMPTY_LABELS
    entry.structuredMetadata = NO_METADATA
  }
  return entries
}
