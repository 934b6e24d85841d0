/**
 * Who reads next: one chunk a turn, in the order of asking, so that one big file does not starve the others, and no
 * turn at all while too much is unacknowledged over all files together.
 */

/** Four files may hold their full share (`MAX_UNSETTLED_BYTES`). */
const MAX_BYTES = 64 * 1024 * 1024

export class Turns {
  #taken = false
  #closed = false
  #outstanding = 0
  readonly #waiting: ((go: boolean) => void)[] = []

  /** Resolves when it is the caller's turn (it must `done()`), with `false` when everything stops. */
  take(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    if (!this.#taken && this.#outstanding <= MAX_BYTES) {
      this.#taken = true
      return Promise.resolve(true)
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  done(): void {
    this.#taken = false
    this.#next()
  }

  /** Counts bytes handed on (positive) or acknowledged (negative). */
  owe(bytes: number): void {
    this.#outstanding += bytes
    if (bytes < 0) this.#next()
  }

  close(): void {
    this.#closed = true
    for (const resolve of this.#waiting.splice(0)) resolve(false)
  }

  #next(): void {
    if (this.#taken || this.#outstanding > MAX_BYTES) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#taken = true
    next(true)
  }
}
