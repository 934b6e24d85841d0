/** What a component knows of a syslog listener, whatever its transport. */
import type { Hostnames } from './hostnames.ts'
import type { ListenerOptions } from './fields.ts'
import type { ReaderContext, SyslogReader } from './reader.ts'

export interface SyslogListener {
  /** The options that it was last given. */
  readonly options: ListenerOptions
  /** Starts listening. Throws `LogstreamError` LISTEN. */
  open(): Promise<void>
  /** Receives no more, hands on what was read, closes. */
  stop(): Promise<void>
  /** Reads what comes next with other options; the port stays open. */
  change(options: ListenerOptions, reader: SyslogReader): void
  /** `127.0.0.1:1514`, with the port that the system assigned for 0; '' while it isn't open. */
  readonly address: string
  readonly connections: number
}

export interface ListenerContext extends ReaderContext {
  /** `undefined` where no rule could use the names. */
  readonly hostnames: Hostnames | undefined
}
