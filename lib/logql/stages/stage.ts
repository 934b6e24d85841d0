/** What the stages of a pipeline work on, and what they are. */
import type { LabelBuilder } from './label-builder.ts'

/** One log line on its way; stages change it in place. */
export interface Row {
  line: string
  seconds: number
  nanos: number
  readonly labels: LabelBuilder
}

/** A compiled stage: called for every line, returns whether the line is kept. */
export interface Stage {
  /** The labels that it reads. */
  readonly names: readonly string[]
  process(row: Row): boolean
}
