/** Dead letters as the page shows them: how many there are and why, by component. */

export interface LettersStatus {
  /** The full id of the component that filed them. */
  readonly component: string
  readonly letters: number
  /** Those of them that weren't replayed yet. */
  readonly waiting: number
  readonly bytes: number
  /** When the oldest that waits was filed, in milliseconds since 1970. */
  readonly since?: number
  /** Why those that wait were refused, the most frequent first. */
  readonly reasons: readonly LetterReason[]
  /** Why they can't be replayed from here; left out when they can. */
  readonly stuck?: string
}

export interface LetterReason {
  /** Of the destination; 0 if the entry was never sent. */
  readonly status: number
  /** Without numbers and names, so that equal ones are one. */
  readonly reason: string
  readonly letters: number
  /** One of them in full. */
  readonly example: string
}

/** What a replay came to, in entries. */
export interface ReplayOutcome {
  readonly delivered: number
  readonly refused: number
  readonly unsent: number
  /** Letters that still wait: one replay takes a bounded number of them. */
  readonly left: number
  /** What was logged last of those that could not be sent. */
  readonly why?: string
}
