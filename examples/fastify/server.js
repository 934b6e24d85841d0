/**
 * A Fastify server whose logs reach Loki through a queue on disk, each request's with its trace id.
 *
 *     npm install
 *     LOKI_URL=http://127.0.0.1:3100 npm start
 */
import Fastify from 'fastify'
import { lokiStream } from 'logstream-loki/pino'

const loki = lokiStream({
  url: process.env.LOKI_URL ?? 'http://127.0.0.1:3100',
  dataDir: process.env.LOG_DIR ?? 'logs',
  labels: { app: 'shop' },
})

const app = Fastify({ logger: { stream: loki } })

// The W3C header traceparent is VERSION-TRACE-SPAN-FLAGS.
app.addHook('onRequest', async (request) => {
  const [, traceId, spanId] = request.headers.traceparent?.split('-') ?? []
  if (traceId) request.log = request.log.child({ trace_id: traceId, span_id: spanId })
})

app.get('/orders/:id', async (request) => {
  request.log.info({ order: request.params.id }, 'order read')
  return { id: request.params.id }
})

// The stream last: what Fastify logs while it closes is delivered too.
async function stop() {
  await app.close()
  await loki.close()
}
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())

await app.listen({ port: Number(process.env.PORT ?? 3000) })
