/** `loki.source.heroku`: takes what Heroku's log drains post, and answers when it is safe. */
import { defineComponent, type ComponentContext } from '../../component/component.ts'
import { adviseHttp2 } from '../../component/options/push-server.ts'
import { MAX_PUSH_BYTES } from '../../loki/push-receiver.ts'
import { PushSource, type PushDesign } from '../../loki/push-source.ts'
import { DrainEntries, drainRoutes } from './drain.ts'
import { herokuFields, type HerokuOptions } from './fields.ts'

export const lokiSourceHeroku = defineComponent({
  name: 'loki.source.heroku',
  summary: "Takes log lines from Heroku's HTTPS drains, and answers when they are safe.",
  fields: herokuFields,
  stability: 'generally-available',
  exports: {},
  advise: ({ http }) => adviseHttp2(http),
  create: (options, ctx) => new PushSource(design(ctx), options, ctx),
})

const design = (ctx: ComponentContext): PushDesign<HerokuOptions, DrainEntries> => ({
  server: ({ http, graceful_shutdown_timeout: patienceMs }) => ({
    http,
    patienceMs,
    maxBytes: MAX_PUSH_BYTES,
    timeoutMs: http.server_write_timeout,
  }),
  maker: (options) => new DrainEntries(options, ctx),
  routes: drainRoutes,
  written: {
    name: 'loki_source_heroku_drain_entries_total',
    help: 'Number of successful entries received by the Heroku target',
  },
  refused: 'logstream_source_heroku_refused_pushes_total',
})
