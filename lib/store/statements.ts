/**
 * The statements that run. A connection of DuckDB must not be closed while one runs on it: the thread that runs it then waits
 * for itself for ever, and the process never ends.
 */
import { setTimeout } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'

/** One that still waits for a thread isn't interrupted, so it's done again and again. */
const INTERRUPT_MS = 20

export class Statements {
  readonly #running = new Set<Promise<unknown>>()

  /** Counts what is run on a connection from now on. */
  watch(connection: DuckDBConnection): void {
    const run = connection.run.bind(connection)
    const stream = connection.stream.bind(connection)
    connection.run = (...statement) => this.#counted(run(...statement))
    connection.stream = (...statement) => this.#counted(stream(...statement))
  }

  /** Resolves when none runs. `interrupt` is called until then. */
  async ended(interrupt: () => void): Promise<void> {
    while (this.#running.size > 0) {
      interrupt()
      await Promise.race([Promise.allSettled(this.#running), setTimeout(INTERRUPT_MS)])
    }
  }

  #counted<T>(statement: Promise<T>): Promise<T> {
    this.#running.add(statement)
    const over = (): void => void this.#running.delete(statement)
    statement.then(over, over)
    return statement
  }
}
