/** What has come into the store lately, in the order in which it came: for those who tail. */
import type { LabelMatcher } from '../../logql/syntax/ast.ts'
import { momentOf } from '../../logql/engine/moment.ts'
import type { LogEntry } from '../../logql/engine/querier.ts'
import { compileMatchers } from '../../logql/stages/selector.ts'
import { MetadataReader } from '../metadata.ts'
import { LINE } from '../repeats.ts'
import type { LogStore } from '../store.ts'

export interface Arrived {
  /** Where to go on. */
  readonly place: bigint
  readonly entries: readonly LogEntry[]
}

export interface Arrivals {
  /** The place behind everything that is here. */
  newest(): Promise<bigint>
  /** At most `limit` entries of matching streams that came behind a place, in order. */
  since(place: bigint, matchers: readonly LabelMatcher[], limit: number): Promise<Arrived>
}

type Row = [rowid: bigint, streamId: number, ts: bigint, line: string, metadata: string]

/** Places are the database's row numbers, which grow with each row. */
export function storeArrivals(store: LogStore): Arrivals {
  const { long } = store.database
  const reader = new MetadataReader(long)
  const query = async <T>(sql: string): Promise<T[]> =>
    await store.database.use(async (connection) => {
      const found = await connection.runAndReadAll(sql)
      return found.getRows() as T[]
    })
  const newest = async (from = -1n): Promise<bigint> => {
    const [row] = await query<[bigint | null]>(`SELECT max(rowid) FROM entries WHERE rowid >= ${from}`)
    return row?.[0] ?? -1n
  }
  return {
    newest,
    since: async (place, matchers, limit) => {
      const last = await newest(place < 0n ? 0n : place)
      // Deleting old entries may number the rows anew; what came in between is missed.
      if (last < place) return { place: await newest(), entries: [] }
      const streams = streamsSql(store, matchers)
      if (last === place || streams === undefined) return { place: last, entries: [] }
      const rows = await query<Row>(
        `SELECT rowid, stream_id, ts, ${LINE} AS line, metadata FROM entries WHERE rowid > ${place} AND rowid <= ${last}${streams} ORDER BY rowid LIMIT ${limit}`,
      )
      const entries: LogEntry[] = []
      for (const [, id, ts, line, metadata] of rows) {
        const stream = store.streams.byId(id)?.labels
        const pairs = metadata === '' ? undefined : reader.read(metadata)
        if (stream !== undefined) entries.push({ ...momentOf(ts), stream, line: long.text(line), metadata: pairs })
      }
      return { place: rows.length < limit ? last : rows.at(-1)![0], entries }
    },
  }
}

// '' for all streams, `undefined` for none.
function streamsSql(store: LogStore, matchers: readonly LabelMatcher[]): string | undefined {
  const matches = compileMatchers(matchers)
  const ids: number[] = []
  for (const { id, labels } of store.streams.values()) if (matches(labels)) ids.push(id)
  if (ids.length === 0) return undefined
  return ids.length < store.streams.size ? ` AND stream_id IN (${ids.join(',')})` : ''
}
