/** How many bytes may be held for what is being worked on, all together. */
export class ByteBudget {
  readonly #limit: number
  #held = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Reserves bytes; false if they don't fit. The first taker always gets them. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#limit && this.#held > 0) return false
    this.#held += bytes
    return true
  }

  give(bytes: number): void {
    this.#held -= bytes
  }
}
