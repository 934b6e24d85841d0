/**
 * `logstream-loki/pino`: delivers what pino logs. As a stream in the program:
 *
 *     const loki = lokiStream({ url: 'http://127.0.0.1:3100', dataDir: 'logs', labels: { app: 'shop' } })
 *     const logger = pino(loki)
 *     await loki.flush() // what was logged will be delivered, come what may
 *
 * or, in a thread that pino starts, by name: `pino.transport({ target: 'logstream-loki/pino', options })`.
 */
import { Writable } from 'node:stream'
import { closeSender, openSender, type TransportOptions } from './open.ts'

export type { TransportOptions }

/** What pino writes to. */
export interface LokiStream {
  /** By this pino knows a stream from options. */
  readonly writable: true
  /** Takes a line; returns `true`, since lines wait on disk. */
  write(line: string): boolean
  /**
   * Resolves, and calls `done`, when everything logged so far is synced to the queue on disk: from then on it's delivered
   * even if the process is killed. Rejects with the system's error, or passes it on.
   */
  flush(done?: (error?: Error) => void): Promise<void>
  /** Appends what was logged to the queue, not synced; pino calls it for `fatal`. */
  flushSync(): void
  /** Resolves when everything has been delivered, or is safe on disk for the next start with this `dataDir`. */
  close(): Promise<void>
  /** Lines dropped because the queue, or the disk, was full. */
  readonly dropped: number
}

/** Throws `LogstreamError` for options that are wrong. */
export function lokiStream(options: TransportOptions): LokiStream {
  const sender = openSender(options, 'pino')
  return {
    writable: true,
    write: (line) => {
      sender.write(line)
      return true
    },
    flush: async (done) => {
      if (done === undefined) return await sender.flush()
      await sender.flush().then(() => done(), done)
    },
    flushSync: () => sender.save(),
    close: () => closeSender(sender),
    get dropped() {
      return sender.dropped
    },
  }
}

/** What `pino.transport({ target: 'logstream-loki/pino' })` calls, in the thread that it starts. */
// oxlint-disable-next-line import/no-default-export
export default function target(given: TransportOptions): Writable {
  // The first two are added by pino and the package that starts its thread.
  const {
    $context: _,
    pinoWillSendConfig: __,
    ...options
  } = given as TransportOptions & Record<string, unknown>
  const sender = openSender({ ...options, worker: false }, 'pino')
  let rest = ''
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _encoding, done) => {
      const lines = (rest + chunk.toString()).split('\n')
      rest = lines.pop()!
      for (const line of lines) sender.write(line)
      done()
    },
    final: (done) => {
      if (rest !== '') sender.write(rest)
      closeSender(sender).then(() => done(), done)
    },
  })
}
