/** Which streams a range has, and how much of each: from the indexes in memory and beside the files, as far as they go. */
import type { LabelSet } from '../flow/labels.ts'
import type { StreamSelection, StreamStatistics } from '../logql/engine/querier.ts'
import { conditionsOf } from './conditions.ts'
import { LINE_BYTES } from './long-texts.ts'
import { METADATA_BYTES } from './metadata.ts'
import { allRows, spanOf } from './query-rows.ts'
import type { Extent } from './sealed/hot-index.ts'
import type { Part } from './sealed/manifest.ts'
import type { LogStore } from './store.ts'

/** The streams with entries in a range, by their ids. */
export async function streamsWithin(
  store: LogStore,
  selection: StreamSelection,
): Promise<readonly LabelSet[]> {
  const conditions = await conditionsOf(store, selection, [])
  if (conditions === undefined) return []
  const span = spanOf(selection)
  const found = new Set<number>()
  // Streams with entries before and after a range, and perhaps in it.
  const unsure = new Set<number>()
  const look = (id: number, { oldest, newest }: Extent): void => {
    if (conditions.ids?.has(id) === false || found.has(id)) return
    const cutoff = store.rules.of(id)
    const from = span.from > cutoff ? span.from : cutoff
    if (oldest >= span.to || newest < from) return
    if (oldest >= from || newest < span.to) found.add(id)
    else unsure.add(id)
  }
  const unknown: Part[] = []
  const pinned = store.database.files.pin()
  try {
    const { hot, parts } = pinned.manifest
    for (const each of hot)
      for (const [id, extent] of store.upkeep.index(each)?.streams ?? []) look(id, extent)
    for (const part of parts) {
      if (part.from >= span.to || part.to < span.from) continue
      const index = await store.partIndexes.of(part)
      if (index === undefined) unknown.push(part)
      else for (const each of index.streams) look(each.id, each)
    }
  } finally {
    pinned.release()
  }
  const ask = [...unsure].filter((id) => !found.has(id))
  const distinct = (table: string): string => `SELECT DISTINCT stream_id FROM ${table}`
  const { signal } = selection
  if (ask.length > 0) {
    const query = {
      span,
      condition: ` AND stream_id IN (${ask.join(',')})`,
      columns: 'stream_id, ts',
      signal,
    }
    for (const [id] of await allRows<[number]>(store, query, distinct)) found.add(id)
  }
  if (unknown.length > 0) {
    const query = { span, condition: conditions.streams, columns: 'stream_id, ts', signal }
    const files = (): { hot: []; parts: Part[] } => ({ hot: [], parts: unknown })
    for (const [id] of await allRows<[number]>(store, { ...query, files }, distinct)) found.add(id)
  }
  return [...found].sort((a, b) => a - b).flatMap((id) => store.streams.byId(id)?.labels ?? [])
}

/** The same with their sizes. */
export async function statistics(
  store: LogStore,
  selection: StreamSelection,
): Promise<readonly StreamStatistics[]> {
  const conditions = await conditionsOf(store, selection, [])
  if (conditions === undefined) return []
  const span = spanOf(selection)
  const sums = new Map<number, { entries: number; bytes: number }>()
  const add = (id: number, entries: number, bytes: number): void => {
    const sum = sums.get(id)
    if (sum === undefined) sums.set(id, { entries, bytes })
    else {
      sum.entries += entries
      sum.bytes += bytes
    }
  }
  const pinned = store.database.files.pin()
  try {
    const { parts } = pinned.manifest
    const whole = new Set<number>()
    for (const part of parts) {
      if (part.from < span.from || part.to >= span.to || store.deletions.touches(part.from, part.to)) continue
      const index = await store.partIndexes.of(part)
      if (index === undefined || index.streams.some(({ id, oldest }) => oldest < store.rules.of(id))) continue
      whole.add(part.number)
      for (const { id, rows, bytes } of index.streams)
        if (conditions.ids?.has(id) !== false) add(id, rows, bytes)
    }
    const rows = await allRows<[number, bigint, bigint]>(
      store,
      {
        span,
        condition: conditions.streams + conditions.lines,
        values: conditions.values,
        signal: selection.signal,
        pinned,
        files: (all) => ({ ...all, parts: all.parts.filter(({ number }) => !whole.has(number)) }),
      },
      (table) =>
        `SELECT stream_id, count(*), CAST(sum(${store.database.long.any ? LINE_BYTES : 'strlen(line)'} + ${METADATA_BYTES}) AS BIGINT) FROM ${table} GROUP BY stream_id`,
    )
    for (const [id, entries, bytes] of rows) add(id, Number(entries), Number(bytes))
  } finally {
    pinned.release()
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .flatMap(([id, { entries, bytes }]) => {
      const stream = store.streams.byId(id)?.labels
      return stream === undefined ? [] : [{ stream, entries, bytes, chunks: 1 }]
    })
}
