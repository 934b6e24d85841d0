/** Deletes what is too old: entries by their time, then streams without entries. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { LongTexts } from './long-texts.ts'
import type { StreamTable } from './stream-table.ts'

/** A stream that was written to more recently keeps its row: entries of it may be waiting for a commit. */
const QUIET_MS = 3_600_000

/** Returns how many entries were deleted. `cutoff` in nanoseconds, exclusive; `now` in milliseconds. */
export async function deleteBefore(
  connection: DuckDBConnection,
  cutoff: bigint,
  { streams, long, now }: { readonly streams: StreamTable; readonly long: LongTexts; readonly now: number },
): Promise<number> {
  const { rowsChanged } = await connection.run(`DELETE FROM entries WHERE ts < ${cutoff}`)
  if (rowsChanged === 0) return 0
  const empty = [...streams.values()].filter(
    ({ saved, storedTime, usedAt }) =>
      saved && now - usedAt > QUIET_MS && (storedTime === undefined || storedTime < cutoff),
  )
  // From memory first, so that a push of such a stream makes a new one.
  for (const stream of empty) streams.remove(stream)
  if (empty.length > 0)
    await connection.run(`DELETE FROM streams WHERE id IN (${empty.map(({ id }) => id).join(',')})`)
  await connection.run('CHECKPOINT')
  if (long.any) await long.keepOnly(await filesInUse(connection))
  return rowsChanged
}

async function filesInUse(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const files = ['line', 'metadata'].map(
    (column) =>
      `SELECT substr(split_part(${column}, ':', 1), 2) FROM entries WHERE starts_with(${column}, chr(64976))`,
  )
  const found = await connection.runAndReadAll(files.join(' UNION '))
  return new Set((found.getRows() as [string][]).map(([file]) => file))
}
