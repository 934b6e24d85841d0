/** The chunks of a result, read one after the other. */
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'

/** DuckDB's `DUCKDB_STATEMENT_TYPE_INVALID`. */
const INVALID = 0

const CUT_SHORT =
  'the database ended a result in the middle: it is out of memory or disk space, a file is damaged, or it was interrupted'

/**
 * Streams a result, so that it's never in memory as a whole. Throws also when DuckDB fails in the middle of it, or is
 * interrupted: its package ends such a result like a whole one.
 */
export async function* streamChunks(
  connection: DuckDBConnection,
  sql: string,
  values?: readonly string[],
): AsyncGenerator<DuckDBDataChunk> {
  const result = await connection.stream(sql, values === undefined ? undefined : [...values])
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk !== null && chunk.rowCount > 0) yield chunk
    // A result with an error has no type.
    else if ((result.statementType as number) !== INVALID) return
    else throw new Error(CUT_SHORT)
  }
}
