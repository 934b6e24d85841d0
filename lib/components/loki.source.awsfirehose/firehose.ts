/** `loki.source.awsfirehose`: takes what Amazon Data Firehose posts, CloudWatch Logs among it, and answers when it is safe. */
import { defineComponent, type ComponentContext } from '../../component/component.ts'
import { adviseHttp2 } from '../../component/options/push-server.ts'
import { MAX_PUSH_BYTES } from '../../loki/push-receiver.ts'
import { PushSource, type PushDesign } from '../../loki/push-source.ts'
import { firehoseFields, type FirehoseOptions } from './fields.ts'
import { FirehoseMetrics } from './metrics.ts'
import { FirehoseEntries } from './record-entries.ts'
import { firehoseRoutes } from './routes.ts'

export const lokiSourceAwsFirehose = defineComponent({
  name: 'loki.source.awsfirehose',
  summary: 'Takes log records from Amazon Data Firehose, and answers when they are safe.',
  fields: firehoseFields,
  stability: 'generally-available',
  exports: {},
  advise: ({ http }) => adviseHttp2(http),
  create: (options, ctx) => new PushSource(design(ctx), options, ctx),
})

function design(ctx: ComponentContext): PushDesign<FirehoseOptions, FirehoseEntries> {
  const metrics = new FirehoseMetrics(ctx.metrics)
  return {
    server: ({ http, graceful_shutdown_timeout: patienceMs }) => ({
      http,
      patienceMs,
      maxBytes: MAX_PUSH_BYTES,
      timeoutMs: http.server_write_timeout,
    }),
    maker: (options) => new FirehoseEntries(options, ctx, metrics),
    routes: firehoseRoutes,
    written: { name: 'loki_source_awsfirehose_entries_written', help: 'Total number of entries written.' },
    refused: 'logstream_source_awsfirehose_refused_pushes_total',
  }
}
