/** Reads sealed files to the end, to see whether they still are what was written. */
import { join } from 'node:path'
import { codeOf } from '../../disk/atomic.ts'
import { hashFile } from '../../disk/hash-file.ts'
import { isOfTheMachine } from '../damage.ts'
import type { Database } from '../database.ts'
import type { Part } from './manifest.ts'
import { parquetOf } from './source.ts'

/**
 * Whether a sealed file is what was written. Throws when that can't be found out: for want of memory, say, or because the
 * store is being closed.
 */
export async function isWhole(database: Database, part: Part): Promise<boolean> {
  return part.sha256 === undefined ? await hasItsRows(database, part) : await hasItsHash(database, part)
}

async function hasItsHash({ path }: Database, { file, sha256 }: Part): Promise<boolean> {
  try {
    return (await hashFile(join(path, file))).sha256 === sha256
  } catch (error) {
    // EIO: the disk can't read it.
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EIO') throw error
    return false
  }
}

/** Whether every value can be read, and none is missing: a file of an earlier release. */
async function hasItsRows(database: Database, part: Part): Promise<boolean> {
  const sql = `SELECT count(stream_id), CAST(min(ts) AS BIGINT), CAST(max(ts) AS BIGINT), sum(strlen(line) + strlen(metadata) + strlen(labels)) FROM ${parquetOf(database.path, [part])}`
  try {
    const [row] = await database.use(async (connection) => (await connection.runAndReadAll(sql)).getRows())
    const [rows, from, to] = row as [bigint, bigint, bigint, unknown]
    return Number(rows) === part.rows && from === part.from && to === part.to
  } catch (error) {
    if (isOfTheMachine(error)) throw error
    return false
  }
}
