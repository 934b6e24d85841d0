/** What a push brings, however it was encoded: streams of entries with parsed labels. */
import type { StructuredMetadata } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { Read } from './malformed.ts'

export interface PushedEntry {
  /** Whole seconds since 1970. */
  readonly seconds: number
  readonly nanos: number
  readonly line: string
  readonly structuredMetadata: StructuredMetadata
}

export interface PushedStream {
  readonly labels: LabelSet
  readonly entries: readonly PushedEntry[]
}

/** Called for a stream whose labels can't be read; the stream is left out. */
export type OnBadLabels = (error: string) => void

/** The streams of a push, or why it can't be read. */
export type DecodedPush = Read<{ readonly streams: PushedStream[] }>
