/**
 * Sets of streams as conditions of SQL. DuckDB makes a join of `stream_id IN (…)`, with a hash table for each file that
 * isn't sealed: 1.4 MiB for six streams, 5 MiB for 50,000. A set of bits is one constant, and looked up as fast.
 */
import { literal } from './database.ts'

/** More are joined: each row is compared with a list from its beginning on. */
const MOST_COMPARED = 128

/**
 * SQL that holds for rows of these streams, of which there must be one. The reader of Parquet files applies it by itself, so it
 * doesn't decode the lines of other streams where none of these is near; before a join it does.
 */
export function ofStreamsSql(ids: Iterable<number>): string {
  const [first, ...others] = ids
  if (others.length === 0) return `stream_id = ${first}`
  const list = [first, ...others].join(',')
  return others.length < MOST_COMPARED ? `list_contains([${list}], stream_id)` : `stream_id IN (${list})`
}

/** SQL that holds for rows of these streams, and is never NULL. For conditions that can't skip parts of a sealed file. */
export function streamSetSql(ids: readonly number[]): string {
  if (ids.length === 0) return 'false'
  const first = ids.reduce((least, id) => Math.min(least, id))
  const last = ids.reduce((most, id) => Math.max(most, id))
  const bits = Buffer.alloc(((last - first) >> 3) + 1)
  // `get_bit` counts from the highest bit of the first byte.
  for (const id of ids) bits[(id - first) >> 3]! |= 0x80 >> ((id - first) & 7)
  // Only CASE keeps DuckDB from looking up what is out of range, which is an error.
  return `(CASE WHEN stream_id BETWEEN ${first} AND ${last} THEN get_bit(unhex(${literal(bits.toString('hex'))})::BIT, stream_id - ${first}) = 1 ELSE false END)`
}
