/** What the page asks and is told about entries that failed. */
import type { Step } from '../../explain/step.ts'

export interface FailedEntry {
  readonly line: string
  readonly labels: Readonly<Record<string, string>>
  readonly structured_metadata?: Readonly<Record<string, string>>
  /** Unix time in nanoseconds, as text. */
  readonly timestamp?: string
}

/** Entries that failed, seen by this process itself. */
export interface RecentFailures {
  /** From the newest to the oldest. */
  readonly entries: readonly FailedEntry[]
}

/** An entry that a destination refused. */
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
  /** From the newest to the oldest. */
  readonly entries: readonly RefusedEntry[]
  /** Whether there are more than these. */
  readonly more: boolean
}

/** Asks what the stages of the running config do to entries. */
export interface ExplainRequest {
  readonly entries: readonly FailedEntry[]
  /** Entries that are still selected by it in the end have failed; as in `stage.match`. */
  readonly selector: string
  /** The `loki.process` to begin with; left out: for each entry the one that its labels point to. */
  readonly component?: string
}

/** The same with other stages in the place of one. */
export interface TryRequest extends ExplainRequest {
  readonly stage: {
    readonly component: string
    /** `4.match/1.regex` */
    readonly path: string
    /** Blocks of a config, such as `stage.regex { ... }`; none removes the stage. */
    readonly text: string
  }
}

export interface ExplainAnswer {
  /** Entries that don't fail. */
  readonly passed: number
  readonly dropped: number
  /** Entries that a stage keeps, to join them with others. */
  readonly held: number
  /** Entries that were not looked at: too long, or the time was up. */
  readonly skipped: number
  /** Those that fail, the largest group first. */
  readonly groups: readonly FailureGroup[]
  /** The stages of the components that entries went through. */
  readonly stages: readonly StageText[]
  /** The blocks that were tried, in canonical form. */
  readonly formatted?: string
}

/** Entries that failed at the same place. */
export interface FailureGroup {
  /** The same for the same place, whenever it's asked. */
  readonly key: string
  /** Indexes of the entries. */
  readonly entries: readonly number[]
  readonly component: string
  /** Where it went wrong: an expression that did not match, or a selector that did not pick; left out when neither did. */
  readonly at?: Step
  /** What happened to the first of the entries. */
  readonly steps: readonly Step[]
}

export interface StageText {
  readonly component: string
  readonly path: string
  /** Its block in canonical form, without comments and secrets. */
  readonly text: string
}
