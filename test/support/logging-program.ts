/**
 * A program that logs, to be run as a process that ends badly: `node logging-program.js JSON`. Writes `confirmed N` to
 * its stdout when a flush has confirmed the first N lines.
 */
import pino from 'pino'
import winston from 'winston'
import { lokiStream } from '../../lib/transport/pino.ts'
import { LokiTransport } from '../../lib/transport/winston.ts'

export interface LoggingProgram {
  readonly library: 'pino' | 'winston'
  readonly worker: boolean
  readonly url: string
  readonly dataDir: string
  readonly lines: number
  /** `drain` logs nothing: it delivers what is there, until its stdin ends. */
  readonly how: 'kill' | 'exit' | 'crash' | 'end' | 'drain'
}

const { library, worker, url, dataDir, lines, how } = JSON.parse(process.argv[2]!) as LoggingProgram
const options = {
  url,
  dataDir,
  worker,
  labels: { app: 'program' },
  batch_wait: '20ms',
  min_backoff_period: '20ms',
  queue_config: { drain_timeout: '100ms' },
}

const { log, flush, close } = library === 'pino' ? withPino() : withWinston()

function withPino() {
  const stream = lokiStream(options)
  const logger = pino(stream)
  return {
    log: (i: number): void => logger.info({ i }, 'line'),
    flush: () => stream.flush(),
    close: () => stream.close(),
  }
}

function withWinston() {
  const transport = new LokiTransport(options)
  const logger = winston.createLogger({ transports: [transport] })
  return {
    log: (i: number): void => void logger.info('line', { i }),
    flush: () => transport.flush(),
    close: () => new Promise<void>((resolve) => void logger.end().once('finish', resolve)),
  }
}

if (how === 'drain') {
  process.stdin.resume().once('end', () => void close())
} else {
  for (let i = 0; i < lines; i++) log(i)
  if (how === 'kill') {
    await flush()
    process.stdout.write(`confirmed ${lines}\n`, () => process.kill(process.pid, 'SIGKILL'))
    // Not confirmed: may be lost.
    for (let i = lines; i < 2 * lines; i++) log(i)
  } else if (how === 'exit') process.exit(0)
  else if (how === 'crash') throw new Error('a bug')
}
