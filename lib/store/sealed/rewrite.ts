/** Writes a sealed file anew without some of its entries, and swaps it in. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Database } from '../database.ts'
import { swapParts } from './compact.ts'
import type { Part } from './manifest.ts'
import type { PartIndexes } from './part-indexes.ts'
import { parquetOf } from './source.ts'
import { SEALING_LEVEL, writePart } from './write-part.ts'

export interface Kept {
  /** SQL that holds for what stays. */
  readonly keep: string
  /** How many entries that are; at least one. */
  readonly rows: number
}

export async function rewritePart(
  part: Part,
  { keep, rows }: Kept,
  database: Database,
  indexes: PartIndexes,
): Promise<void> {
  const { files } = database
  const pinned = files.pin()
  try {
    const filter = (await indexes.of(part))?.filter
    const write = (connection: DuckDBConnection): Promise<Part> =>
      writePart(connection, {
        database,
        number: files.nextNumber(),
        rowsFrom: `${parquetOf(database.path, [part])} WHERE ${keep}`,
        arrival: 'file_row_number',
        extent: { oldest: part.from, newest: part.to },
        day: part.from,
        rows,
        filter: filter?.bytes() ?? new Uint8Array(),
        // It may be large, and be written anew again soon.
        level: SEALING_LEVEL,
      })
    const written = await files.holding([part], undefined, () => database.use(write))
    await swapParts(files, [part], written)
  } finally {
    pinned.release()
  }
}
