/**
 * Logs through one of the transports and then ends in the given way: `node program.js JSON`. Each has the settings that its
 * README recommends; all push every second. Prints "confirmed" when the transport's flush has resolved.
 * test/services/transport-comparison.test.ts runs it and counts what arrives.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import winston from 'winston'

const { transport, worker, url, dataDir, lines, end } = JSON.parse(process.argv[2])
const labels = { app: 'program' }

/** How long `stay` waits after the last line. */
const STAY_MS = 8000

const OPEN = {
  'logstream/pino': async () => {
    const { lokiStream } = await import('logstream-loki/pino')
    const stream = lokiStream({ url, dataDir, labels, worker, batch_wait: '1s' })
    const logger = pino(stream)
    return {
      log: (i) => logger.info({ i }, 'line'),
      flush: () => stream.flush(),
      close: () => stream.close(),
    }
  },
  'pino-loki': () => {
    const options = { host: url, labels, batching: { interval: 1 } }
    const stream = pino.transport({ target: 'pino-loki', options })
    const logger = pino(stream)
    return {
      log: (i) => logger.info({ i }, 'line'),
      flush: () => new Promise((resolve, reject) => logger.flush((e) => (e ? reject(e) : resolve()))),
      close: () => stream.end(),
    }
  },
  'logstream/winston': async () => {
    const { LokiTransport } = await import('logstream-loki/winston')
    return withWinston(new LokiTransport({ url, dataDir, labels, worker, batch_wait: '1s' }))
  },
  'winston-loki': async () => {
    const { default: LokiTransport } = await import('winston-loki')
    const options = { host: url, labels, json: true, interval: 1, format: winston.format.json() }
    return withWinston(new LokiTransport({ ...options, onConnectionError: () => {} }))
  },
}

function withWinston(loki) {
  const logger = winston.createLogger({ transports: [loki] })
  return {
    log: (i) => logger.info('line', { i }),
    flush: () => loki.flush(),
    close: () => logger.end(),
  }
}

const { log, flush, close } = await OPEN[transport]()
for (let i = 0; i < lines; i++) {
  log(i)
  // As in a program that also has requests to answer.
  if (i % 100 === 99) await sleep(1)
}
if (end === 'kill') {
  await flush()
  process.stdout.write('confirmed\n', () => process.kill(process.pid, 'SIGKILL'))
} else if (end === 'exit') process.exit(0)
else if (end === 'crash') throw new Error('a bug')
else {
  if (end === 'stay') await sleep(STAY_MS)
  if (end !== 'return') await close()
}
