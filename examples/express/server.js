/**
 * An Express server whose logs reach Loki through a queue on disk, each request's with its trace id.
 *
 *     npm install
 *     LOKI_URL=http://127.0.0.1:3100 npm start
 */
import express from 'express'
import { LokiTransport } from 'logstream-loki/winston'
import winston from 'winston'

const logger = winston.createLogger({
  transports: [
    new LokiTransport({
      url: process.env.LOKI_URL ?? 'http://127.0.0.1:3100',
      dataDir: process.env.LOG_DIR ?? 'logs',
      labels: { app: 'shop' },
    }),
    new winston.transports.Console({ format: winston.format.simple() }),
  ],
})

const app = express()

// The W3C header traceparent is VERSION-TRACE-SPAN-FLAGS.
app.use((request, response, next) => {
  const [, traceId, spanId] = request.get('traceparent')?.split('-') ?? []
  request.log = traceId ? logger.child({ trace_id: traceId, span_id: spanId }) : logger
  response.once('finish', () =>
    request.log.info('request', { path: request.path, status: response.statusCode }),
  )
  next()
})

app.get('/orders/:id', (request, response) => {
  request.log.info('order read', { order: request.params.id })
  response.json({ id: request.params.id })
})

const server = app.listen(Number(process.env.PORT ?? 3000), () =>
  logger.info('listening', { port: server.address().port }),
)

// Answers the open requests, then delivers what they logged.
function stop() {
  server.close(() => logger.end())
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
