/** Lets go of what no entry needs any more: streams, and files of long lines. Only between two commits. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { hotName, type Database } from '../database.ts'
import type { StreamTable } from '../stream-table.ts'
import { longFilesOf } from './write-part.ts'

/** A stream that was written to more recently keeps its row: entries of it may be waiting for a commit. */
const QUIET_MS = 3_600_000

/** Forgets streams whose newest entry is older than `oldestOf` says (nanoseconds). `now` in milliseconds. */
export async function forgetStreams(
  connection: DuckDBConnection,
  streams: StreamTable,
  oldestOf: (id: number) => bigint,
  now: number,
): Promise<void> {
  const empty = [...streams.values()].filter(
    ({ id, saved, storedTime, usedAt }) =>
      saved && now - usedAt > QUIET_MS && (storedTime === undefined || storedTime < oldestOf(id)),
  )
  if (empty.length === 0) return
  // From memory first, so that a push of such a stream makes a new one.
  for (const stream of empty) streams.remove(stream)
  await connection.run(`DELETE FROM streams WHERE id IN (${empty.map(({ id }) => id).join(',')})`)
}

/** Deletes the files of long lines that nothing refers to. */
export async function removeLongFiles(connection: DuckDBConnection, database: Database): Promise<void> {
  if (!database.long.any) return
  const { hot, parts } = database.files.manifest
  const used = new Set(parts.flatMap(({ long }) => long))
  for (const each of hot)
    for (const file of await longFilesOf(connection, `${hotName(each)}.entries`)) used.add(file)
  await database.long.keepOnly(used)
}
