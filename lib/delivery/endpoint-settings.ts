/** What an endpoint of `loki.write` is made of, and what its end comes to. */
import type { Clock } from '../flow/clock.ts'
import type { Logger } from '../telemetry/log.ts'
import type { BatcherOptions } from '../loki/batch.ts'
import type { SenderOptions } from './deliver.ts'
import type { Graveyard } from './graveyard.ts'
import type { SpoolOpener } from './spool-link.ts'
import type { Transport } from './transport.ts'
import type { WriteMetrics } from '../loki/write-metrics.ts'

export interface EndpointOptions
  extends Pick<SenderOptions, 'backoff' | 'maxAttempts' | 'random'>, Omit<BatcherOptions, 'clock'> {
  readonly name: string
  /** Without user and password. */
  readonly url: string
  readonly transport: Transport
  readonly retryOn429: boolean
  readonly shards: number
  /** Bytes of lines and metadata that may wait, per shard. */
  readonly capacity: number
  readonly blockOnOverflow: boolean
  /** Milliseconds that the end may take while nothing gets through. */
  readonly drainTimeout: number
  /** `undefined`: nothing may be written, so what cannot be sent is tried for ever. */
  readonly spool: SpoolOpener | undefined
  readonly graveyard: Graveyard
  readonly metrics: WriteMetrics
  readonly clock: Clock
  readonly log: Logger
  /** An invariant is broken; the component cannot go on. */
  readonly broken: (error: unknown) => void
}

/** What the end of an endpoint came to, in entries. */
export interface DrainResult {
  /** Written to the spool because they could not be sent in time. */
  readonly spooled: number
  /** Neither sent nor saved. */
  readonly undelivered: number
}
