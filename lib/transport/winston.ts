/**
 * `logstream-loki/winston`: a transport of winston that delivers to Loki.
 *
 *     const loki = new LokiTransport({ url: 'http://127.0.0.1:3100', dataDir: 'logs', labels: { app: 'shop' } })
 *     const logger = winston.createLogger({ transports: [loki] })
 *     await loki.flush() // what was logged will be delivered, come what may
 */
import Transport, { type TransportStreamOptions } from 'winston-transport'
import { messageOf } from '../errors.ts'
import { closeSender, openSender, type TransportOptions } from './open.ts'
import { recorder, type Recorder } from './recorder.ts'
import type { Sender } from './sender.ts'

/** What a format has made of the call, under the key that winston's formats share. */
const MESSAGE = Symbol.for('message')

type Info = Readonly<Record<string | symbol, unknown>>

/** `level`, `format` and the like are winston's own. */
export type LokiTransportOptions = TransportOptions &
  Pick<TransportStreamOptions, 'level' | 'format' | 'silent' | 'handleExceptions' | 'handleRejections'>

/**
 * A transport for `winston.createLogger`. It inherits because winston asks for it: levels, formats and exceptions are handled
 * there.
 */
export class LokiTransport extends Transport {
  readonly #sender: Sender
  readonly #record: Recorder

  /** Throws `LogstreamError` for options that are wrong. */
  constructor(options: LokiTransportOptions) {
    const { level, format, silent, handleExceptions, handleRejections, ...rest } = options
    super({ level, format, silent, handleExceptions, handleRejections })
    this.#record = recorder(rest)
    this.#sender = openSender(rest, 'record')
  }

  /** Lines dropped because the queue, or the disk, was full. */
  get dropped(): number {
    return this.#sender.dropped
  }

  override log(info: Info, next: () => void): void {
    this.#sender.write(this.#record(info, lineOf(info), timeOf(info['timestamp'])))
    next()
  }

  /**
   * Resolves when everything logged so far is synced to the queue on disk: from then on it's delivered even if the
   * process is killed. Rejects with the system's error.
   */
  async flush(): Promise<void> {
    await this.#sender.flush()
  }

  /** winston calls it when the transport is removed. */
  override close(): void {
    void closeSender(this.#sender)
  }

  override _final(done: (error?: Error | null) => void): void {
    closeSender(this.#sender).then(() => done(), done)
  }
}

function lineOf(info: Info): string {
  const formatted = info[MESSAGE]
  if (typeof formatted === 'string') return formatted
  try {
    return JSON.stringify(info)
  } catch (error) {
    // A cycle, or a BigInt.
    return JSON.stringify({
      level: info['level'],
      message: String(info['message']),
      unprintable: messageOf(error),
    })
  }
}

// What `format.timestamp()` adds; winston has no time of its own.
function timeOf(timestamp: unknown): number {
  const parsed = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(parsed) ? Date.now() : parsed
}
