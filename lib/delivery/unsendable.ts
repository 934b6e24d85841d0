/** Entries that can't be sent, on their way to the dead letters: those of one turn together, for one write to the disk. */
import type { DeadLetterFiler, Refused } from './dead-letter-filer.ts'

export class Unsendable {
  readonly #filer: DeadLetterFiler
  readonly #onFiled: () => void
  #waiting: Refused[] = []
  #filing: Promise<void> | undefined

  constructor(filer: DeadLetterFiler, onFiled: () => void) {
    this.#filer = filer
    this.#onFiled = onFiled
  }

  /** While entries are being filed. */
  get filing(): Promise<void> | undefined {
    return this.#filing
  }

  add(refused: Refused): void {
    this.#waiting.push(refused)
    this.#filing ??= this.#file()
  }

  async #file(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const refused = this.#waiting
      this.#waiting = []
      await this.#filer.file(refused)
    }
    this.#filing = undefined
    this.#onFiled()
  }
}
