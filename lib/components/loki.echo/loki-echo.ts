/** `loki.echo`: prints entries in the program's own log, for trying things out. */
import { Writable } from 'node:stream'
import type { Batch } from '../../flow/batch.ts'
import { defineComponent } from '../../component/component.ts'
import { DELIVERED } from '../../flow/outcome.ts'
import { formatLabels } from '../../formats/label-text.ts'
import { formatRfc3339Nano } from '../../go/rfc3339.ts'

export const lokiEcho = defineComponent({
  name: 'loki.echo',
  summary: 'Prints entries in the log of logstream, one line each, with all their labels.',
  fields: {},
  stability: 'generally-available',
  exports: { receiver: 'Takes entries to be printed.' },
  create: (_options, ctx) => ({
    input: new Writable({
      objectMode: true,
      highWaterMark: 1,
      write: (batch: Batch, _encoding, done) => {
        for (const entry of batch.take()) {
          ctx.log.info('', {
            receiver: ctx.id,
            entry: entry.line,
            entry_timestamp: formatRfc3339Nano(entry.seconds, entry.nanos),
            labels: formatLabels(entry.labels.entries()),
            structured_metadata: JSON.stringify(
              entry.structuredMetadata.map(([name, value]) => ({ name, value })),
            ),
          })
          entry.ack.settle(DELIVERED)
        }
        done()
      },
    }),
    update: () => true,
  }),
})
