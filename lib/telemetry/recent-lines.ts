/** The last of the program's own log lines, kept for the support bundle. */

const LONGEST = 4096

export class RecentLines {
  readonly #most: number
  readonly #lines: string[] = []
  #next = 0

  /** Keeps `most` lines, each cut after 4096 characters. */
  constructor(most = 1000) {
    this.#most = most
  }

  add(line: string): void {
    this.#lines[this.#next] = line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line
    this.#next = (this.#next + 1) % this.#most
  }

  /** From the oldest to the newest. */
  all(): string[] {
    return [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)]
  }
}
