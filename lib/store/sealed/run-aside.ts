/** Runs a statement on DuckDB's own threads, for work that only one of them can do. */
import type { DuckDBConnection, DuckDBPendingResult } from '@duckdb/node-api'
import type { Bindings } from '../columns.ts'

/** DuckDB's `DUCKDB_PENDING_NO_TASKS_AVAILABLE`: it isn't done, and the asking thread has nothing to do. */
const OTHERS_WORK = 3
const LEAST_WAIT_MS = 1
const MOST_WAIT_MS = 16

/** What is used of a database. */
export interface Aside {
  readonly bindings: Bindings
  /** All threads of the database, that of the caller among them. */
  readonly threads: number
}

/**
 * Like `connection.run`, which has a thread of Node's help DuckDB's: where there is nothing to help with, it asks for work
 * until all is done. That took 40 % of the CPU of writing a sealed file.
 */
export async function runAside(
  connection: DuckDBConnection,
  sql: string,
  { bindings, threads }: Aside,
): Promise<void> {
  const pending = await connection.start(sql)
  if (threads > 1)
    for (let wait = LEAST_WAIT_MS; stateOf(pending, bindings) === OTHERS_WORK;) {
      await new Promise((resolve) => setTimeout(resolve, wait))
      wait = Math.min(2 * wait, MOST_WAIT_MS)
    }
  await pending.getResult()
}

// The package's class only offers to work on the caller's thread, which here is that of the event loop.
function stateOf(pending: DuckDBPendingResult, bindings: Bindings): number {
  return bindings.pending_execute_check_state(pending['pending_result'])
}
