/** `loki.source.api`: takes pushes of other agents over HTTP and gRPC, and answers them when their entries are safe. */
import { defineComponent, type ComponentContext } from '../../component/component.ts'
import { adviseHttp2 } from '../../component/options/push-server.ts'
import { MAX_PUSH_BYTES } from '../../loki/push-receiver.ts'
import { atMost, PushSource, type PushDesign } from '../../loki/push-source.ts'
import { apiFields, type ApiOptions } from './fields.ts'
import { EntryMaker } from './push-entries.ts'
import { apiMethods, apiRoutes } from './routes.ts'

export const lokiSourceApi = defineComponent({
  name: 'loki.source.api',
  summary: 'Takes log entries that others push over HTTP or gRPC, and answers when they are safe.',
  fields: apiFields,
  stability: 'generally-available',
  exports: {},
  advise: ({ http }) => adviseHttp2(http),
  create: (options, ctx) => new PushSource(design(ctx), options, ctx),
})

const design = ({ clock }: ComponentContext): PushDesign<ApiOptions, EntryMaker> => ({
  server: ({ http, grpc, graceful_shutdown_timeout: patienceMs, max_send_message_size: most }) => ({
    http,
    grpc,
    patienceMs,
    maxBytes: atMost(most, MAX_PUSH_BYTES),
    timeoutMs: http.server_write_timeout,
  }),
  maker: (options) => new EntryMaker(options, clock),
  routes: apiRoutes,
  methods: apiMethods,
  written: { name: 'loki_source_api_entries_written', help: 'Total number of entries written.' },
  refused: 'logstream_source_api_refused_pushes_total',
})
