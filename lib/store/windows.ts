/** Cuts the range of a query into windows, so that neither a sort nor its result holds all of it. */
import type { Direction, LogSelection } from '../logql/engine/querier.ts'
import type { Conditions } from './conditions.ts'
import { allRows } from './query-rows.ts'
import type { Extent } from './sealed/hot-index.ts'
import type { Part } from './sealed/manifest.ts'
import { filesOf, type Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'

/** How much of the store a window may hold. */
export interface WindowSize {
  readonly rows: number
  readonly bytes: number
}

/** When all lines of a range are wanted, they are sorted in windows of this size. */
const SORTED: WindowSize = { rows: 262_144, bytes: 32 * 1024 * 1024 }
/** How many time slices a range is cut into before they are joined into windows. */
const SLICES = 4096n
/** Bytes of a line and its metadata where the store doesn't know. */
const USUAL_BYTES = 256

/** Returns spans of some ten thousand rows each, in the order they are wanted. */
export async function windowsOf(
  store: LogStore,
  conditions: Conditions,
  { direction, signal }: Pick<LogSelection, 'direction' | 'signal'>,
  span: Span,
  most = SORTED,
): Promise<Span[]> {
  const extent = extentOf(store, span)
  if (extent === undefined) return []
  const files = await sizesOf(store, conditions, span, most)
  const known = files === undefined ? undefined : fileWindows(files, span, most)
  if (known !== undefined) return direction === 'backward' ? known.toReversed() : known
  const mostRows = BigInt(Math.floor(Math.min(most.rows, most.bytes / rowBytes(files))))
  const { needles } = conditions
  const query = { span, condition: '', needles, signal, columns: 'stream_id, ts' }
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
  const windows: Span[] = []
  let start = first
  let count = 0n
  for (const [index, more] of rows) {
    const begin = first + index * slice
    if (count > 0n && count + more > mostRows) {
      windows.push({ from: start, to: begin })
      start = begin
      count = 0n
    }
    count += more
  }
  if (count > 0n) windows.push({ from: start, to: last + 1n })
  return direction === 'backward' ? windows.toReversed() : windows
}

/** What a file, or a part of its time, has of some streams: how many rows, and their bytes in the database. */
interface FileSize extends Extent {
  readonly rows: number
  readonly bytes: number
  /** Whether it's the file, or its last part. */
  readonly isEnd: boolean
}

/** The sizes of the files in a span; `undefined` where one of them was sealed a moment ago. */
async function sizesOf(
  store: LogStore,
  { ids }: Conditions,
  span: Span,
  most: WindowSize,
): Promise<FileSize[] | undefined> {
  const { hot, parts } = filesOf(store.database.files.manifest, span)
  const files: FileSize[] = []
  for (const part of parts) {
    const size = { oldest: part.from, newest: part.to, isEnd: true, ...(await matching(store, part, ids)) }
    files.push(...(await piecesOf(store, part, ids, { size, most })))
  }
  for (const each of hot) {
    const index = store.upkeep.index(each)
    if (index === undefined) return undefined
    // Bytes are those since this start.
    const { extent, rows, bytes } = index
    if (extent !== undefined)
      files.push({ ...extent, isEnd: true, rows, bytes: Math.max(bytes, rows * USUAL_BYTES) })
  }
  return files
}

/** A window is made of so many pieces of a large file. */
const PIECES = 8

/** The size of a file by pieces of its time, as far as its index knows them and it's too large for one window with others. */
async function piecesOf(
  { partIndexes }: LogStore,
  part: Part,
  ids: ReadonlySet<number> | undefined,
  { size, most }: { readonly size: FileSize; readonly most: WindowSize },
): Promise<FileSize[]> {
  const { oldest, newest, rows, bytes } = size
  const few = Math.min(most.rows, (most.bytes / Math.max(1, bytes)) * rows) / PIECES
  if (rows <= few) return [size]
  const counts = (await partIndexes.of(part))?.counts
  if (counts === undefined) return [size]
  const pieces: FileSize[] = []
  let count = 0
  let from = oldest
  const end = (to: bigint): void => {
    const isEnd = to === newest
    if (count > 0)
      pieces.push({ oldest: from, newest: to, isEnd, rows: count, bytes: (bytes / rows) * count })
    from = to + 1n
    count = 0
  }
  let last = -1
  for (const { id, bucket, rows: more } of counts.within(0, Infinity)) {
    if (ids?.has(id) === false) continue
    if (bucket !== last && count >= few) end(BigInt(last + 1) * counts.length)
    last = bucket
    count += more
  }
  end(newest)
  return pieces
}

/**
 * Cuts a span where files and their parts begin and end, so that what they have in each window isn't more than `most`;
 * `undefined` where that isn't enough. A window ends with a file if it's half full then: what lies on both sides of a cut
 * through a file is decompressed twice.
 */
function fileWindows(files: readonly FileSize[], span: Span, most: WindowSize): Span[] | undefined {
  const started = new Sum(files, ({ oldest }) => oldest)
  const ended = new Sum(files, ({ newest }) => newest)
  const shareOfMost = ({ from, to }: Span): number => {
    const begun = started.before(to)
    const over = ended.before(from)
    return Math.max((begun.rows - over.rows) / most.rows, (begun.bytes - over.bytes) / most.bytes)
  }
  const cuts = new Set(files.flatMap(({ oldest, newest }) => [oldest, newest + 1n]))
  const bounds = [...cuts].filter((time) => time > span.from && time < span.to)
  bounds.sort((a, b) => (a < b ? -1 : 1))
  const ends = new Set(files.flatMap(({ newest, isEnd }) => (isEnd ? [newest + 1n] : [])))
  const windows: Span[] = []
  let { from } = span
  let to = from
  /** Where the window at hand may end for the sake of files. */
  let end: bigint | undefined
  for (const bound of [...bounds, span.to]) {
    if (to > from && shareOfMost({ from, to: bound }) > 1) {
      to = end ?? to
      windows.push({ from, to })
      from = to
      end = undefined
    }
    to = bound
    const share = shareOfMost({ from, to })
    if (share > 1) return undefined
    if (share >= 1 / 2 && ends.has(to)) end = to
  }
  windows.push({ from, to })
  return windows
}

/** Adds up files in the order of a time of theirs. */
class Sum {
  readonly #files: readonly FileSize[]
  readonly #timeOf: (file: FileSize) => bigint
  #at = 0
  #rows = 0
  #bytes = 0

  constructor(files: readonly FileSize[], timeOf: (file: FileSize) => bigint) {
    this.#files = files.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    this.#timeOf = timeOf
  }

  /** Those whose time is before another, which isn't before that of an earlier call. */
  before(time: bigint): { readonly rows: number; readonly bytes: number } {
    for (; this.#at < this.#files.length && this.#timeOf(this.#files[this.#at]!) < time; this.#at++) {
      this.#rows += this.#files[this.#at]!.rows
      this.#bytes += this.#files[this.#at]!.bytes
    }
    return { rows: this.#rows, bytes: this.#bytes }
  }
}

/** Bytes of a longer line aren't in the database. */
const LONGEST_ROW = 4096

/** What a file has of some streams: all of it if its index can't be read. */
async function matching(
  { partIndexes }: LogStore,
  part: Part,
  ids: ReadonlySet<number> | undefined,
): Promise<{ rows: number; bytes: number }> {
  const index = ids === undefined ? undefined : await partIndexes.of(part)
  let { rows, text: bytes } = part
  if (index !== undefined) {
    rows = bytes = 0
    for (const each of index.streams)
      if (ids?.has(each.id) === true) {
        rows += each.rows
        bytes += Math.min(each.bytes, each.rows * LONGEST_ROW)
      }
  }
  return { rows, bytes: Math.min(bytes, rows * LONGEST_ROW) }
}

/** The bytes of a row in the file where they are the most. */
function rowBytes(files: readonly FileSize[] = []): number {
  const averages = files.filter(({ rows }) => rows > 0).map(({ rows, bytes }) => bytes / rows)
  return Math.max(64, averages.length === 0 ? USUAL_BYTES : Math.max(...averages))
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

/** A span with fewer sealed rows is read as it is. */
const FEW_ROWS = 65_536
/** The first piece should hold a few more rows than are wanted, since rows aren't spread evenly. */
const SPARE = 1.25
/** How much longer each piece is than the one before. */
const GROWTH = 8n

/**
 * Cuts a span into pieces from its near end on: by what the indexes of its files know, the first one holds `limit` rows
 * and some more, so that a query that wants no more than that reads few row groups.
 */
export async function approaching(
  store: LogStore,
  { ids, lines }: Conditions,
  direction: Direction,
  span: Span,
  limit: number,
): Promise<Iterable<Span>> {
  const { parts } = filesOf(store.database.files.manifest, span)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  // How many lines pass a filter isn't known.
  if (lines !== '' || rows < FEW_ROWS) return [span]
  let { from: newest, to: oldest } = span
  let wanted = 0
  for (const part of parts) {
    if (part.from < oldest) oldest = part.from > span.from ? part.from : span.from
    if (part.to >= newest) newest = part.to < span.to ? part.to + 1n : span.to
    wanted += (await matching(store, part, ids)).rows * shareOf(part, span)
  }
  const share = Math.min(1, (limit * SPARE + 1) / Math.max(1, wanted))
  return pieces(span, { oldest, newest }, share, direction)
}

/**
 * Cuts a span whose rows lie between `oldest` and `newest`, in the order of the direction: the first piece is that share
 * of this time, each further one is eight times as long as the one before.
 */
export function* pieces(
  { from, to }: Span,
  { oldest, newest }: Extent,
  share: number,
  direction: Direction,
): Generator<Span> {
  let length = BigInt(Math.ceil(Number(newest - oldest) * share)) + 1n
  for (; from < to; length *= GROWTH)
    if (direction === 'backward') {
      const end = (to < newest ? to : newest) - length
      const cut = end > oldest ? end : from
      yield { from: cut, to }
      to = cut
    } else {
      const end = (from > oldest ? from : oldest) + length
      const cut = end < newest ? end : to
      yield { from, to: cut }
      from = cut
    }
}

/** How much of the time of a file lies in a span: from 0 to 1. */
function shareOf({ from, to }: Span, span: Span): number {
  const first = from > span.from ? from : span.from
  const last = to < span.to ? to : span.to
  return to === from ? 1 : Number(last - first) / Number(to - from)
}
