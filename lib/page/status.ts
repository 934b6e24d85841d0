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
