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
import { chunksOf, floorDiv, MOMENT_SQL, spanOf } from './query-rows.ts'
import type { Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { toNanos } from './stream-table.ts'
import { statistics, streamsWithin } from './stream-statistics.ts'
import { windowsOf, widening } from './windows.ts'

/** Letters of lines that are held at a time. */
const BATCH_LETTERS = 4 * 1024 * 1024

/** A querier on the store. */
export function storeQuerier(store: LogStore): CountingQuerier {
  const reader = new MetadataReader(store.database.long)
  return {
    entries: (selection) => entries(store, reader, selection),
    streams: (selection) => streamsWithin(store, selection),
    statistics: (selection) => statistics(store, selection),
    counts: (selection) => counts(store, reader, selection),
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
  for (const window of windows) {
    const limit = limited ? left : undefined
    for await (const found of readWindow(store, reader, { selection, conditions, window, limit })) {
      yield found
      left -= found.length
    }
    if (left <= 0) return
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
    `SELECT stream_id, ${MOMENT_SQL}, line, metadata FROM ${table} ORDER BY ts${down}, stream_id, seq${down}${atMost}`
  const query = { span: window, condition: conditions.sql, values, needles, signal }
  for await (const columns of chunksOf(store, query, sql)) {
    const ids = columns.integers(0)
    const seconds = columns.doubles(1)
    const nanos = columns.integers(2)
    const lines = columns.texts(3)
    const metadata = columns.texts(4)
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
  const { needles, values } = conditions
  const query = {
    span: spanOf(selection),
    condition: conditions.sql,
    values,
    needles,
    signal: selection.signal,
  }
  const sql = countSql(selection, query.span, store.database.long.any ? LINE_BYTES : 'strlen(line)')
  for await (const columns of chunksOf(store, query, sql)) {
    const ids = columns.integers(0)
    const metadata = columns.texts(1)
    const steps = columns.bigints(2)
    const rows = columns.bigints(3)
    const sizes = columns.bigints(4)
    const found: StepCount[] = []
    for (let i = 0; i < ids.length; i++) {
      const stream = store.streams.byId(ids[i]!)?.labels
      if (stream === undefined) continue
      found.push({
        stream,
        metadata: metadata[i] === '' ? undefined : reader.read(metadata[i]!),
        index: Number(steps[i]),
        entries: Number(rows[i]),
        bytes: Number(sizes[i]),
      })
    }
    yield found
  }
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
    return `SELECT stream_id, ${metadata} AS m, ${index} AS step, count(*), ${size} FROM ${table} GROUP BY stream_id, m, step ORDER BY min(ts), stream_id${order}`
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
