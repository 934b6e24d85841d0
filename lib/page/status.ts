/** What the page is told every few seconds. The store's own listener answers in the same shape, with less in it. */
import type { LedgerNotes, LedgerRow } from '../flow/ledger.ts'
import type { Health } from '../component/component.ts'

export interface PageStatus {
  readonly version: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly components: readonly ComponentStatus[]
  readonly ledger: LedgerStatus
  readonly sources: readonly SourceStatus[]
  /** Why log lines aren't shown to this client; left out when they are. */
  readonly refused?: string
  /** Why this client may not act, reload or replay; left out when it may. */
  readonly actionsRefused?: string
  /** The last reload, when it failed. */
  readonly failedReload?: FailedReload
  /** `agent`: the admin server of a running config. `store`: the listener of a store alone. */
  readonly server: 'agent' | 'store'
  /** Whether a support bundle can be had. */
  readonly support: boolean
}

export interface ComponentStatus {
  readonly fullId: string
  /** `loki.process` */
  readonly name: string
  readonly health: Health & {
    /** Since when it is in this state, in milliseconds since 1970. */
    readonly since: number
    /** Whether it has died, so that only a reload or a restart brings it back. */
    readonly dead: boolean
  }
  /** Full ids. */
  readonly forwardTo: readonly string[]
  /** Entries handed to each of `forwardTo` since the component started. */
  readonly sent: number
  /** Milliseconds that each of `forwardTo` has kept the component waiting since it started. */
  readonly waitedMs: readonly number[]
  /** Entries that it has dropped since it started. */
  readonly dropped: number
  /** Where it delivers to; none for what isn't a sink with queues. */
  readonly endpoints: readonly EndpointFlow[]
}

/** How delivery to one address goes. */
export interface EndpointFlow {
  readonly name: string
  /** Without credentials. */
  readonly url: string
  readonly state: 'up' | 'slowed' | 'retrying' | 'down'
  /** Since when nothing gets through, in milliseconds since 1970; left out while entries do. */
  readonly failingSince?: number
  readonly lastError: string
  readonly queuedBytes: number
  readonly spoolEntries: number
  readonly spoolBytes: number
  /** When the oldest batch in the spool was born, in milliseconds since 1970. */
  readonly spoolSince?: number
}

export interface LedgerStatus {
  readonly read: number
  readonly inFlight: number
  readonly rows: readonly LedgerRow[]
  readonly notes: LedgerNotes
}

export interface SourceStatus {
  readonly name: string
  readonly kind: 'store' | 'loki'
  /** Without credentials; what copied commands are pointed at. */
  readonly url: string
  /** Relative to the page, in front of `loki/api/v1/`: empty or with a slash at its end. */
  readonly path: string
}

export interface FailedReload {
  /** Milliseconds since 1970. */
  readonly at: number
  /** As `logstream validate` prints it, without secrets. */
  readonly message: string
}
