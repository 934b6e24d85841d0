/** What a query may cost: Loki's default limits, and more that protect a single process. */
import { LogqlError } from '../syntax/error.ts'

export interface Limits {
  /** Lines that one query may ask for. */
  readonly maxLines: number
  /** Series in the answer of a metric query. */
  readonly maxSeries: number
  /** Points per series. */
  readonly maxPoints: number
  /** From the start to the end of a query with its range, in nanoseconds. */
  readonly maxLength: number
  /** Lines that may be read from the store. */
  readonly maxScannedLines: number
  /** Bytes, counted as letters, that may be read from the store. */
  readonly maxScannedBytes: number
  /** Milliseconds. */
  readonly timeout: number
}

export const defaultLimits: Limits = {
  maxLines: 5000,
  maxSeries: 500,
  maxPoints: 11_000,
  maxLength: 721 * 36e11,
  maxScannedLines: 20_000_000,
  maxScannedBytes: 8 * 2 ** 30,
  timeout: 60_000,
}

/** How many lines are read between checks of the clock. */
const LINES_PER_LOOK = 1024

/** Counts what one query costs and ends it at its limits. */
export class Budget {
  readonly limits: Limits
  readonly signal: AbortSignal | undefined
  readonly #deadline: number
  readonly #now: () => number
  #lines = 0
  #bytes = 0

  constructor(limits: Limits, options: { readonly signal?: AbortSignal; readonly now?: () => number } = {}) {
    this.limits = limits
    this.signal = options.signal
    this.#now = options.now ?? Date.now
    this.#deadline = this.#now() + limits.timeout
  }

  get lines(): number {
    return this.#lines
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Counts a line. @throws {LogqlError} when too much was read, or as check does */
  spend(line: string): void {
    this.#lines++
    this.#bytes += line.length
    if (this.#lines % LINES_PER_LOOK === 0) this.check()
    this.#limit()
  }

  /** Counts lines that were read together. @throws as spend does */
  spendBlock(lines: number, bytes: number): void {
    this.#lines += lines
    this.#bytes += bytes
    this.check()
    this.#limit()
  }

  #limit(): void {
    if (this.#lines > this.limits.maxScannedLines)
      throw new LogqlError(
        `the query read more than ${this.limits.maxScannedLines} lines: narrow its selector or time`,
      )
    if (this.#bytes > this.limits.maxScannedBytes)
      throw new LogqlError(
        `the query read more than ${this.limits.maxScannedBytes} bytes: narrow its selector or time`,
      )
  }

  /** @throws {LogqlError} when the time is up; the signal's reason when it's aborted */
  check(): void {
    this.signal?.throwIfAborted()
    if (this.#now() > this.#deadline)
      throw new LogqlError(
        `the query took longer than ${this.limits.timeout} ms: narrow its selector or time`,
      )
  }
}
