/** Cuts the range of a query into windows, so that neither a sort nor its result holds all of it. */
import type { Direction, LogSelection } from '../logql/engine/querier.ts'
import type { Conditions } from './conditions.ts'
import { allRows } from './query-rows.ts'
import type { Extent } from './sealed/hot-index.ts'
import { filesOf, type Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'

/** When all lines of a range are wanted, they are sorted in windows of this size. */
const WINDOW_ROWS = 262_144n
const WINDOW_BYTES = 32 * 1024 * 1024
/** How many time slices a range is cut into before they are joined into windows. */
const SLICES = 4096n
/** Bytes of a line and its metadata where the store doesn't know. */
const USUAL_BYTES = 256

/** Returns spans of some ten thousand rows each, in the order they are wanted. */
export async function windowsOf(
  store: LogStore,
  { streams, needles }: Conditions,
  { direction, signal }: LogSelection,
  span: Span,
): Promise<Span[]> {
  const extent = extentOf(store, span)
  if (extent === undefined) return []
  const query = { span, condition: streams, needles, signal, columns: 'stream_id, ts' }
  const bounds =
    extent === 'unknown'
      ? await allRows<[bigint | null, bigint | null]>(
          store,
          query,
          (table) => `SELECT min(ts), max(ts) FROM ${table}`,
        )
      : [[extent.oldest, extent.newest] as const]
  const [first, last] = bounds[0] ?? [null, null]
  if (first === null || last === null) return []
  const slice = (last - first) / SLICES + 1n
  const rows = await allRows<[bigint, bigint]>(
    store,
    query,
    (table) =>
      `SELECT (ts - ${first}) // ${slice} AS slice, count(*) FROM ${table} GROUP BY slice ORDER BY slice`,
  )
  const most = mostRows(store)
  const windows: Span[] = []
  let start = first
  let count = 0n
  for (const [index, more] of rows) {
    const begin = first + index * slice
    if (count > 0n && count + more > most) {
      windows.push({ from: start, to: begin })
      start = begin
      count = 0n
    }
    count += more
  }
  if (count > 0n) windows.push({ from: start, to: last + 1n })
  return direction === 'backward' ? windows.toReversed() : windows
}

/** The times of the files in a span, undefined without any; unknown if one of them was sealed a moment ago. */
function extentOf({ database, upkeep }: LogStore, span: Span): Extent | 'unknown' | undefined {
  const { hot, parts } = database.files.manifest
  const extents = parts.map(({ from: oldest, to: newest }) => ({ oldest, newest }))
  for (const each of hot) {
    const index = upkeep.index(each)
    if (index === undefined) return 'unknown'
    if (index.extent !== undefined) extents.push(index.extent)
  }
  let all: Extent | undefined
  for (const { oldest, newest } of extents) {
    if (oldest >= span.to || newest < span.from) continue
    all ??= { oldest, newest }
    if (oldest < all.oldest) all.oldest = oldest
    if (newest > all.newest) all.newest = newest
  }
  if (all === undefined) return undefined
  if (all.oldest < span.from) all.oldest = span.from
  if (all.newest >= span.to) all.newest = span.to - 1n
  return all
}

// By the average line: long ones aren't in the database.
function mostRows({ database, upkeep }: LogStore): bigint {
  let rows = 0
  let bytes = 0
  for (const part of database.files.manifest.parts) {
    rows += part.rows
    bytes += part.text
  }
  const { hot } = database.files
  const index = upkeep.index(hot)
  if (index !== undefined && index.bytes > 0) {
    rows += index.rows
    bytes += index.bytes
  }
  const each = rows === 0 ? USUAL_BYTES : Math.min(4096, Math.max(64, bytes / rows))
  const most = BigInt(Math.floor(WINDOW_BYTES / each))
  return most < WINDOW_ROWS ? most : WINDOW_ROWS
}

/**
 * Cuts a range where files begin, for queries that want the first few lines: one file's span, then as much as two, four
 * and so on, until that is enough.
 */
export function widening({ database, upkeep }: LogStore, span: Span, direction: Direction): Span[] {
  const { hot, parts } = database.files.manifest
  const begins = new Set<bigint>()
  for (const { from } of parts) begins.add(from)
  for (const each of hot) {
    const extent = upkeep.index(each)?.extent
    if (extent !== undefined) begins.add(extent.oldest)
  }
  const cuts = [...begins].filter((time) => time > span.from && time < span.to)
  cuts.sort((a, b) => (a < b ? -1 : 1))
  const bounds = [span.from, ...cuts, span.to]
  const down = direction === 'backward'
  if (down) bounds.reverse()
  const spans: Span[] = []
  for (let at = 0, width = 1; at < bounds.length - 1; at += width, width *= 2) {
    const near = bounds[at]!
    const far = bounds[Math.min(at + width, bounds.length - 1)]!
    spans.push(down ? { from: far, to: near } : { from: near, to: far })
  }
  return spans
}

/** With fewer sealed rows in a span the times needn't be looked at first. */
const FEW_ROWS = 65_536

/**
 * Cuts a span down to the first `limit` rows in the order that is wanted: looking at times alone is cheap, and then only
 * the lines near them are read.
 */
export async function nearest(
  store: LogStore,
  { streams, sql, needles }: Conditions,
  { direction, signal }: LogSelection,
  span: Span,
  limit: number,
): Promise<Span> {
  const { parts } = filesOf(store.database.files.manifest, span)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  if (sql !== streams || rows < FEW_ROWS) return span
  const down = direction === 'backward'
  const query = { span, condition: streams, needles, signal, columns: 'stream_id, ts' }
  const [found] = await allRows<[bigint | null]>(
    store,
    query,
    (table) =>
      `SELECT ${down ? 'min' : 'max'}(ts) FROM (SELECT ts FROM ${table} ORDER BY ts${down ? ' DESC' : ''} LIMIT ${limit})`,
  )
  const time = found?.[0] ?? undefined
  if (time === undefined) return span
  return down ? { ...span, from: time } : { ...span, to: time + 1n }
}
