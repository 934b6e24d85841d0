/** The messages of a tap, one JSON object a line: entries, or what each stage did to them, and counts. */
import type { Step } from '../../explain/step.ts'

export type TapMessage = TappedEntry | Trace | TapCounts

/** An entry as it passes. */
export interface EntryShown {
  /** Cut if it's very long. */
  readonly line: string
  /** Characters of the whole line. */
  readonly length: number
  /** RFC 3339 with nanoseconds. */
  readonly timestamp: string
  readonly labels: Readonly<Record<string, string>>
  readonly structured_metadata: Readonly<Record<string, string>>
}

export interface TappedEntry {
  readonly kind: 'entry'
  readonly entry: EntryShown
}

/** What the stages of a component did to one entry. */
export interface Trace {
  readonly kind: 'trace'
  /** Identifies the entry within this tap. A later trace with the same number replaces this one. */
  readonly number: number
  /** As it came in. */
  readonly entry: EntryShown
  readonly steps: readonly Step[]
  /** `held`: a stage keeps it for now, to join it with others or to release it later. */
  readonly end: 'passed' | 'dropped' | 'held'
}

/** Sent at the start and every second. */
export interface TapCounts {
  readonly kind: 'counts'
  /** Entries that have passed since the tap was opened. */
  readonly seen: number
  /** Messages sent about them. The tap sends a sample, so this is less than `seen` on a busy pipeline. */
  readonly sent: number
  /** Messages not sent because this client reads too slowly. */
  readonly skipped: number
}
