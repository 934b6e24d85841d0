/** What the page is told of one component, beside what Alloy's API says of it. */

export interface CounterFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

/** A text of the config, without secrets and comments. */
export interface ConfigText {
  readonly name: string
  readonly text: string
  /** Its blocks, `loki.write.default`, with the line where each begins. */
  readonly blocks: readonly { readonly id: string; readonly line: number }[]
}
