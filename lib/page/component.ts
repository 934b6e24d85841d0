/** What the page is told of one component, beside what Alloy's API says of it. */
import type { HealthState } from '../component/component.ts'
import type { Problem } from '../telemetry/recent-problems.ts'

/** What has become of a component since the process started. */
export interface ComponentStory {
  /** Where the config declares it; left out while a reload takes it away. */
  readonly place?: ConfigPlace
  /** The last states it was in, from the newest to the oldest. */
  readonly changes: readonly StateChange[]
  /** Its last warnings and errors, from the newest to the oldest. */
  readonly problems: readonly Problem[]
  readonly counters: readonly CounterFamily[]
}

export interface ConfigPlace {
  /** A file, or the address of a module. */
  readonly name: string
  /** From 1. */
  readonly line: number
}

export interface StateChange {
  readonly state: HealthState
  readonly message: string
  /** When it began, in milliseconds since 1970. */
  readonly at: number
}

export interface CounterFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

/** A text of the config or of a module in it, without secrets and comments; its lines are those of the file. */
export interface ConfigText {
  readonly name: string
  readonly text: string
  /** Full ids of components, with the line where each is declared; a module used twice declares two in one line. */
  readonly components: readonly { readonly id: string; readonly line: number }[]
}
