/** What a config says of an endpoint, and what the end of one comes to; the same for all destinations. */
import type { Backoff } from './backoff.ts'
import type { EndpointState } from './condition.ts'

export interface EndpointSettings {
  readonly name: string
  /** For people; without user and password. */
  readonly url: string
  readonly backoff: Backoff
  /** Attempts before a batch is given up; 0: no limit. */
  readonly maxAttempts: number
  /** `false`: what a destination takes too slowly is dropped. */
  readonly retrySlowDown: boolean
  readonly shards: number
  /** Bytes of lines and metadata that may wait, per shard. */
  readonly capacity: number
  readonly blockOnOverflow: boolean
  /** Milliseconds that draining may take while nothing gets through. */
  readonly drainTimeoutMs: number
}

/** What the end of an endpoint came to, in entries. */
export interface DrainResult {
  /** Written to the spool because they could not be sent in time. */
  readonly spooled: number
  /** Neither sent nor saved, and not to be had again. */
  readonly undelivered: number
  /** What the endpoint last answered if its last attempt failed: `http://loki:3100: status 503: ...`. */
  readonly lastFailure?: string
}

/** How an endpoint does, for people; without secrets. */
export interface EndpointStatus {
  readonly name: string
  readonly url: string
  readonly state: EndpointState
  /** Since when nothing gets through, in milliseconds of Unix time. */
  readonly failingSince: number | undefined
  readonly lastError: string
  readonly sentEntries: number
  readonly queuedBatches: number
  readonly queuedBytes: number
  readonly spoolEntries: number
  readonly spoolBytes: number
  /** When the oldest batch in the spool was born, in milliseconds of Unix time. */
  readonly spoolSince: number | undefined
}
