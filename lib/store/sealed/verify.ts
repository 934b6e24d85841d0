/** Reads sealed files to the end, to see whether they still are what was written. */
import type { Database } from '../database.ts'
import type { Part } from './manifest.ts'
import { parquetOf } from './source.ts'

/** Whether every value of a sealed file can be read, and none is missing. */
export async function canRead(database: Database, part: Part): Promise<boolean> {
  const sql = `SELECT count(stream_id), CAST(min(ts) AS BIGINT), CAST(max(ts) AS BIGINT), sum(strlen(line) + strlen(metadata) + strlen(labels)) FROM ${parquetOf(database.path, [part])}`
  try {
    const [row] = await database.use(async (connection) => (await connection.runAndReadAll(sql)).getRows())
    const [rows, from, to] = row as [bigint, bigint, bigint, unknown]
    return Number(rows) === part.rows && from === part.from && to === part.to
  } catch {
    return false
  }
}
