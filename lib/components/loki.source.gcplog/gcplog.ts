/** `loki.source.gcplog`: takes Cloud Logging's entries as Pub/Sub pushes them, and answers when they are safe. */
import { defineComponent, type ComponentContext } from '../../component/component.ts'
import { adviseHttp2 } from '../../component/options/push-server.ts'
import { MAX_PUSH_BYTES } from '../../loki/push-receiver.ts'
import { PushSource, type PushDesign } from '../../loki/push-source.ts'
import { gcplogFields, pushOf, type GcplogOptions } from './fields.ts'
import { MessageEntries, messageRoutes } from './message-entries.ts'

export const lokiSourceGcplog = defineComponent({
  name: 'loki.source.gcplog',
  summary:
    "Takes log entries of Google Cloud from Pub/Sub's push subscriptions, and answers when they are safe.",
  fields: gcplogFields,
  stability: 'generally-available',
  exports: {},
  advise: ({ push }) => (push === undefined ? [] : adviseHttp2(push.http)),
  create: (options, ctx) => new PushSource(design(ctx), options, ctx),
})

const design = (ctx: ComponentContext): PushDesign<GcplogOptions, MessageEntries> => ({
  server: (options) => {
    const { http, graceful_shutdown_timeout: patienceMs, push_timeout: own } = pushOf(options)
    const { server_write_timeout: written } = http
    return {
      http,
      patienceMs,
      maxBytes: MAX_PUSH_BYTES,
      timeoutMs: own > 0 && written > 0 ? Math.min(own, written) : own || written,
    }
  },
  maker: (options) => new MessageEntries(options, ctx),
  routes: messageRoutes,
  written: {
    name: 'loki_source_gcplog_push_entries_total',
    help: 'Number of entries received by the gcplog target',
  },
  refused: 'logstream_source_gcplog_refused_pushes_total',
})
