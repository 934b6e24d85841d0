/** Requests and answers about entries that failed. */
import type { Step } from '../../explain/step.ts'

export interface FailedEntry {
  readonly line: string
  readonly labels: Readonly<Record<string, string>>
  readonly structured_metadata?: Readonly<Record<string, string>>
  /** Unix time in nanoseconds, as text. */
  readonly timestamp?: string
}

/** Entries that failed, as the process remembers them. */
export interface RecentFailures {
  /** Newest first. */
  readonly entries: readonly FailedEntry[]
}

/** A dead letter. */
export interface RefusedEntry extends FailedEntry {
  readonly component: string
  /** RFC 3339. */
  readonly at: string
  /** A short name of the reason, one of a few. */
  readonly name: string
  readonly status: number
  /** In the destination's own words. */
  readonly reason: string
}

export interface RefusedEntries {
  /** Newest first. */
  readonly entries: readonly RefusedEntry[]
  /** Whether there are more than these. */
  readonly more: boolean
}

/** Asks what the running stages do to entries. */
export interface ExplainRequest {
  readonly entries: readonly FailedEntry[]
  /** Entries that match it in the end have failed. In the syntax of `stage.match`. */
  readonly selector: string
  /** The `loki.process` to start at; left out: the one that the entry's labels point to. */
  readonly component?: string
}

/** As `ExplainRequest`, with one stage replaced. */
export interface TryRequest extends ExplainRequest {
  readonly stage: {
    readonly component: string
    /** `4.match/1.regex` */
    readonly path: string
    /** Any number of stage blocks, such as `stage.regex { ... }`; '' removes the stage. */
    readonly text: string
  }
}

export interface ExplainAnswer {
  /** Entries that don't fail. */
  readonly passed: number
  readonly dropped: number
  /** Entries that a stage holds, to join them with others. */
  readonly held: number
  /** Entries that weren't run: too long, or the time was up. */
  readonly skipped: number
  /** Entries that fail, largest group first. */
  readonly groups: readonly FailureGroup[]
  /** The stages of the components that entries went through. */
  readonly stages: readonly StageText[]
  /** The blocks that were tried, formatted. */
  readonly formatted?: string
}

/** Entries that failed at the same place. */
export interface FailureGroup {
  /** Stable: the same place has the same key in every answer. */
  readonly key: string
  /** Indexes of the entries. */
  readonly entries: readonly number[]
  readonly component: string
  /** The step that failed: an expression or a selector that didn't match. Left out when everything matched. */
  readonly at?: Step
  /** What happened to the first of the entries. */
  readonly steps: readonly Step[]
}

export interface StageText {
  readonly component: string
  readonly path: string
  /** Its block, formatted, without comments and secrets. */
  readonly text: string
}
