/** LogQL's querier on the store: selectors, time ranges and line filters become SQL. */
import type {
  CountingQuerier,
  CountSelection,
  LogEntry,
  LogSelection,
  StepCount,
} from '../logql/engine/querier.ts'
import { conditionsOf, type Conditions } from './conditions.ts'
import { LINE_BYTES } from './long-texts.ts'
import { MetadataReader, metadataSql, ofNames } from './metadata.ts'
import { chunksOf, floorDiv, spanOf } from './query-rows.ts'
import { knownCounts, type KnownCount, type KnownCounts } from './known-counts.ts'
import type { Pinned } from './sealed/store-files.ts'
import { rowReading } from './row-blocks.ts'
import { RowMemory } from './row-memory.ts'
import { filesOf, type FileChoice, type Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { toNanos } from './stream-table.ts'
import { ofStreamsSql } from './stream-set.ts'
import { statistics, streamsWithin } from './stream-statistics.ts'
import { approaching, windowsOf, widening } from './windows.ts'

/** Letters of lines that are held at a time. */
const BATCH_LETTERS = 4 * 1024 * 1024

/** A querier on the store. Several may share `memory`. */
export function storeQuerier(store: LogStore, memory = new RowMemory()): CountingQuerier {
  const reader = new MetadataReader(store.database.long)
  return {
    entries: (selection) => entries(store, reader, selection),
    streams: (selection) => streamsWithin(store, selection),
    statistics: (selection) => statistics(store, selection),
    counts: (selection) => counts(store, reader, selection),
    rows: (selection) => rowReading(store, reader, memory, selection),
  }
}

async function* entries(
  store: LogStore,
  reader: MetadataReader,
  selection: LogSelection,
): AsyncGenerator<readonly LogEntry[]> {
  const conditions = await conditionsOf(store, selection, selection.filters)
  if (conditions === undefined) return
  const limited = selection.limit !== undefined && conditions.tests.length === 0
  const whole = spanOf(selection)
  const windows = limited
    ? widening(store, whole, selection.direction)
    : await windowsOf(store, conditions, selection, whole)
  let left = selection.limit ?? Infinity
  for (const each of windows) {
    const pieces = limited ? await approaching(store, conditions, selection.direction, each, left) : [each]
    for (const window of pieces) {
      const limit = limited ? left : undefined
      for await (const found of readWindow(store, reader, { selection, conditions, window, limit })) {
        yield found
        left -= found.length
      }
      if (left <= 0) return
    }
  }
}

interface WindowRead {
  readonly selection: LogSelection
  readonly conditions: Conditions
  readonly window: Span
  readonly limit: number | undefined
}

async function* readWindow(
  store: LogStore,
  reader: MetadataReader,
  { selection, conditions, window, limit }: WindowRead,
): AsyncGenerator<LogEntry[]> {
  const { direction, signal } = selection
  const { tests, needles, values } = conditions
  const down = direction === 'backward' ? ' DESC' : ''
  const atMost = limit === undefined ? '' : ` LIMIT ${limit}`
  const sql = (table: string): string =>
    `SELECT stream_id, ts, line, metadata FROM ${table} ORDER BY ts${down}, stream_id, seq${down}${atMost}`
  const atOnce = limit !== undefined
  const query = { span: window, condition: conditions.lines, values, needles, signal, atOnce }
  for await (const columns of chunksOf(store, query, sql)) {
    const ids = columns.integers(0)
    const { seconds, nanos } = columns.moments(1)
    const lines = columns.texts(2)
    const metadata = columns.texts(3)
    let found: LogEntry[] = []
    let size = 0
    for (let i = 0; i < ids.length; i++) {
      const stream = store.streams.byId(ids[i]!)?.labels
      if (stream === undefined) continue
      const line = store.database.long.text(lines[i]!)
      if (!tests.every((test) => test(line))) continue
      const pairs = metadata[i] === '' ? undefined : reader.read(metadata[i]!)
      found.push({ stream, seconds: seconds[i]!, nanos: nanos[i]!, line, metadata: pairs })
      size += line.length
      if (size < BATCH_LETTERS) continue
      yield found
      found = []
      size = 0
    }
    if (found.length > 0) yield found
  }
}

async function* counts(
  store: LogStore,
  reader: MetadataReader,
  selection: CountSelection,
): AsyncGenerator<readonly StepCount[]> {
  const conditions = await conditionsOf(store, selection, selection.filters)
  if (conditions === undefined) return
  if (conditions.tests.length > 0) {
    yield await countHere(store, reader, selection)
    return
  }
  const span = spanOf(selection)
  const pinned = store.database.files.pin()
  try {
    const all = filesOf(pinned.manifest, span)
    const known = await knownCounts(store, all, selection, conditions, span)
    const read = { span, selection, conditions, pinned, reader }
    if (known.counts.length === 0) yield* countRows(store, { ...read, files: (choice) => choice })
    else yield await countRest(store, read, known)
  } finally {
    pinned.release()
  }
}

interface CountRead {
  readonly span: Span
  readonly selection: CountSelection
  readonly conditions: Conditions
  readonly pinned: Pinned
  readonly reader: MetadataReader
}

type FoundCount = StepCount & { readonly id: number } & Pick<KnownCount, 'first' | 'rank'>

async function* countRows(
  store: LogStore,
  {
    span,
    selection,
    conditions,
    pinned,
    reader,
    files,
  }: CountRead & { readonly files: (choice: FileChoice) => FileChoice },
): AsyncGenerator<readonly FoundCount[]> {
  const { lines: condition, needles, values } = conditions
  const query = { span, condition, values, needles, pinned, files, signal: selection.signal }
  const sql = countSql(selection, span, store.database.long.any ? LINE_BYTES : 'strlen(line)')
  for await (const columns of chunksOf(store, query, sql)) {
    const ids = columns.integers(0)
    const metadata = columns.texts(1)
    const steps = columns.bigints(2)
    const rows = columns.bigints(3)
    const sizes = columns.bigints(4)
    const firsts = columns.bigints(5)
    const found: FoundCount[] = []
    for (let i = 0; i < ids.length; i++) {
      const stream = store.streams.byId(ids[i]!)?.labels
      if (stream === undefined) continue
      found.push({
        id: ids[i]!,
        stream,
        metadata: metadata[i] === '' ? undefined : reader.read(metadata[i]!),
        index: Number(steps[i]),
        entries: Number(rows[i]),
        bytes: Number(sizes[i]),
        first: firsts[i]!,
        rank: 0,
      })
    }
    yield found
  }
}

/** Counts what the indexes don't know, and returns all of it in the order of the first rows. */
async function countRest(
  store: LogStore,
  read: CountRead,
  { counts, files, rest }: KnownCounts,
): Promise<readonly StepCount[]> {
  const found = new Map<string, FoundCount>()
  const add = (count: FoundCount): void => {
    const key = `${count.index} ${count.id} ${JSON.stringify(count.metadata)}`
    const same = found.get(key)
    if (same === undefined) found.set(key, count)
    else {
      const { first, rank } = isBefore(same, count) ? same : count
      found.set(key, { ...count, first, rank, entries: count.entries + same.entries })
    }
  }
  for (const { id, metadata: text, step, first, rank, rows } of counts) {
    const stream = store.streams.byId(id)?.labels
    const metadata = text === '' ? undefined : read.reader.read(text)
    if (stream !== undefined)
      add({ id, stream, metadata, index: Number(step), entries: rows, bytes: 0, first, rank })
  }
  const only = (isWanted: (number: number) => boolean) => (choice: FileChoice) => ({
    hot: choice.hot.filter(({ number }) => isWanted(number)),
    parts: choice.parts.filter(({ number }) => isWanted(number)),
  })
  const unknown = only((number) => !files.has(number))
  for await (const batch of countRows(store, { ...read, files: unknown }))
    for (const count of batch) add(count)
  for (const { file, span, ids } of rest) {
    const conditions = ids === undefined ? read.conditions : narrowed(read.conditions, ids)
    const one = { ...read, span, conditions, files: only((number) => number === file) }
    for await (const batch of countRows(store, one)) for (const count of batch) add(count)
  }
  return [...found.values()].sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : a.id - b.id))
}

/** The same conditions on some of their streams. */
function narrowed(conditions: Conditions, wanted: readonly number[]): Conditions {
  const ids = new Set(wanted)
  const streams = ` AND ${ofStreamsSql(wanted)}`
  return { ...conditions, ids, streams, needles: { ...conditions.needles, ids, streams } }
}

/** Whether the first row of a count comes before that of another. */
function isBefore(a: FoundCount, b: FoundCount): boolean {
  return a.first < b.first || (a.first === b.first && a.rank < b.rank)
}

function countSql(
  { origin, step, byMetadata, bytes }: CountSelection,
  { from }: Span,
  lineBytes: string,
): (table: string, structured: boolean) => string {
  const begin = toNanos(origin.seconds, origin.nanos)
  const since = `(ts - 1 - (${begin}))`
  // SQL's division rounds towards zero.
  const index =
    from > begin
      ? `${since} // ${step}`
      : `CASE WHEN ${since} >= 0 THEN ${since} // ${step} ELSE -((${step} - 1 - ${since}) // ${step}) END`
  const size = bytes ? `CAST(sum(${lineBytes}) AS BIGINT)` : '0::BIGINT'
  return (table, structured) => {
    const metadata = metadataSql(byMetadata, structured)
    // Without metadata no two counts of a stream begin at the same time.
    const order = metadata === "''" ? '' : ', arg_min(seq, ts)'
    return `SELECT stream_id, ${metadata} AS m, ${index} AS step, count(*), ${size}, min(ts) FROM ${table} GROUP BY stream_id, m, step ORDER BY min(ts), stream_id${order}`
  }
}

/** The same for filters that SQL can't express. */
async function countHere(
  store: LogStore,
  reader: MetadataReader,
  selection: CountSelection,
): Promise<readonly StepCount[]> {
  const origin = toNanos(selection.origin.seconds, selection.origin.nanos)
  const steps = new Map<string, { -readonly [K in keyof StepCount]: StepCount[K] }>()
  const all = entries(store, reader, { ...selection, direction: 'forward', limit: undefined })
  for await (const batch of all)
    for (const { stream, seconds, nanos, line, metadata } of batch) {
      const index = floorDiv(toNanos(seconds, nanos) - 1n - origin, selection.step)
      const apart = ofNames(metadata, selection.byMetadata)
      const key = `${index} ${stream.key} ${JSON.stringify(apart)}`
      let step = steps.get(key)
      if (step === undefined)
        steps.set(key, (step = { stream, metadata: apart, index: Number(index), entries: 0, bytes: 0 }))
      step.entries++
      if (selection.bytes) step.bytes += Buffer.byteLength(line)
    }
  return [...steps.values()]
}
