/** Reads sealed files to the end, to see whether they still are what was written. */
import { messageOf } from '../../errors.ts'
import type { Database } from '../database.ts'
import type { Part } from './manifest.ts'
import { parquetOf } from './source.ts'

/** Failures that say nothing of a file. */
const OF_THE_MACHINE = /^(?:Out of Memory|INTERRUPT)|Too many open files|No space left|Permission denied/

/**
 * Whether every value of a sealed file can be read, and none is missing. Throws when that can't be found out: for want of
 * memory, say, or because the store is being closed.
 */
export async function canRead(database: Database, part: Part): Promise<boolean> {
  const sql = `SELECT count(stream_id), CAST(min(ts) AS BIGINT), CAST(max(ts) AS BIGINT), sum(strlen(line) + strlen(metadata) + strlen(labels)) FROM ${parquetOf(database.path, [part])}`
  try {
    const [row] = await database.use(async (connection) => (await connection.runAndReadAll(sql)).getRows())
    const [rows, from, to] = row as [bigint, bigint, bigint, unknown]
    return Number(rows) === part.rows && from === part.from && to === part.to
  } catch (error) {
    if (OF_THE_MACHINE.test(messageOf(error))) throw error
    return false
  }
}
