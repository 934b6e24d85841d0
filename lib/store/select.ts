/** LogQL's querier on the store: selectors, time ranges and line filters become SQL. */
import { messageOf } from '../errors.ts'
import type { LineFilter, LineOperand } from '../logql/syntax/ast.ts'
import { LogqlError } from '../logql/syntax/error.ts'
import { compileLineFilter, type LineTest } from '../logql/stages/filter.ts'
import type {
  CountingQuerier,
  CountSelection,
  LogEntry,
  LogSelection,
  Moment,
  StepCount,
  StreamSelection,
  StreamStatistics,
} from '../logql/engine/querier.ts'
import { compileMatchers } from '../logql/stages/selector.ts'
import { MetadataReader, metadataSql, ofNames } from './metadata.ts'
import { IS_LONG, LINE_BYTES } from './long-texts.ts'
import { LINE } from './repeats.ts'
import type { LogStore } from './store.ts'
import { NANOS, toNanos } from './stream-table.ts'

/** When all lines of a range are wanted, they are sorted in windows of this size. */
const WINDOW_ROWS = 65_536n
const WINDOW_BYTES = 16n * 1024n * 1024n
/** How many time slices a range is cut into before they are joined into windows. */
const SLICES = 4096n
/** Letters of lines that are held at a time. */
const BATCH_LETTERS = 4 * 1024 * 1024

interface Conditions {
  /** SQL conditions on streams alone, and on streams and lines; empty or starting with AND. */
  readonly streams: string
  readonly sql: string
  readonly values: readonly string[]
  /** Filters that SQL can't express. */
  readonly tests: readonly LineTest[]
}

/** A span of time, inclusive and exclusive, in nanoseconds. */
interface Span {
  readonly from: bigint
  readonly to: bigint
}

/** A querier on the store. */
export function storeQuerier(store: LogStore): CountingQuerier {
  const reader = new MetadataReader(store.database.long)
  return {
    entries: (selection) => entries(store, reader, selection),
    streams: async (selection) => (await statistics(store, selection)).map(({ stream }) => stream),
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
  const whole: Span = spanOf(selection)
  const windows = limited ? [whole] : await windowsOf(store, conditions, selection, whole)
  let left = selection.limit ?? Infinity
  for (const window of windows) {
    for await (const found of readWindow(store, reader, { selection, conditions, window })) {
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
}

type EntryRow = [streamId: number, ts: bigint, line: string, metadata: string]

async function* readWindow(
  store: LogStore,
  reader: MetadataReader,
  { selection, conditions, window }: WindowRead,
): AsyncGenerator<LogEntry[]> {
  const { direction, limit, signal } = selection
  const down = direction === 'backward' ? ' DESC' : ''
  const atMost = limit !== undefined && conditions.tests.length === 0 ? ` LIMIT ${limit}` : ''
  const sql = `SELECT stream_id, ts, ${LINE} AS line, metadata FROM entries WHERE ${within(window)}${conditions.sql} ORDER BY ts${down}, stream_id, rowid${down}${atMost}`
  for await (const rows of stream<EntryRow>(store, sql, conditions.values, signal)) {
    let found: LogEntry[] = []
    let size = 0
    for (const [id, ts, column, metadata] of rows) {
      const labels = store.streams.byId(id)?.labels
      if (labels === undefined) continue
      const line = store.database.long.text(column)
      if (!conditions.tests.every((test) => test(line))) continue
      const { seconds, nanos } = momentOf(ts)
      const pairs = metadata === '' ? undefined : reader.read(metadata)
      found.push({ stream: labels, seconds, nanos, line, metadata: pairs })
      size += line.length
      if (size < BATCH_LETTERS) continue
      yield found
      found = []
      size = 0
    }
    if (found.length > 0) yield found
  }
}

/** Returns spans of some ten thousand rows each, in the order they are wanted. */
async function windowsOf(
  store: LogStore,
  { streams }: Conditions,
  { direction, signal }: LogSelection,
  { from, to }: Span,
): Promise<Span[]> {
  const [bounds] = await run<[bigint | null, bigint | null]>(
    store,
    `SELECT min(ts), max(ts) FROM entries WHERE ${within({ from, to })}${streams}`,
    [],
    signal,
  )
  const [first, last] = bounds ?? [null, null]
  if (first === null || last === null) return []
  const slice = (last - first) / SLICES + 1n
  const rows = await run<[bigint, bigint, bigint]>(
    store,
    `SELECT (ts - ${first}) // ${slice} AS slice, count(*), CAST(sum(${lineBytes(store)} + strlen(metadata)) AS BIGINT) FROM entries WHERE ${within({ from, to })}${streams} GROUP BY slice ORDER BY slice`,
    [],
    signal,
  )
  const windows: Span[] = []
  let start = first
  let count = 0n
  let bytes = 0n
  for (const [index, more, size] of rows) {
    const begin = first + index * slice
    if (count > 0n && (count + more > WINDOW_ROWS || bytes + size > WINDOW_BYTES)) {
      windows.push({ from: start, to: begin })
      start = begin
      count = 0n
      bytes = 0n
    }
    count += more
    bytes += size
  }
  windows.push({ from: start, to: last + 1n })
  return direction === 'backward' ? windows.toReversed() : windows
}

/**
 * What metadata adds to the size that Loki reports: eight bytes a pair, and each name and value once in a chunk. Half of
 * the text stands for the latter where there is more than a level: names repeat, values mostly don't.
 */
const PAIRS = `((strlen(metadata) - strlen(replace(metadata, '","', ''))) // 3 + 2) // 2`
const METADATA_BYTES = `CASE WHEN metadata = '' THEN 0 WHEN starts_with(metadata, '=') THEN 8 ELSE 4 * ${PAIRS} + greatest(strlen(metadata) - 25, 0) // 2 END`

async function statistics(store: LogStore, selection: StreamSelection): Promise<readonly StreamStatistics[]> {
  const conditions = await conditionsOf(store, selection, [])
  if (conditions === undefined) return []
  const rows = await run<[number, bigint, bigint]>(
    store,
    `SELECT stream_id, count(*), CAST(sum(${lineBytes(store)} + ${METADATA_BYTES}) AS BIGINT) FROM entries WHERE ${within(spanOf(selection))}${conditions.sql} GROUP BY stream_id ORDER BY stream_id`,
    conditions.values,
    selection.signal,
  )
  return rows.flatMap(([id, count, bytes]) => {
    const stream = store.streams.byId(id)?.labels
    return stream === undefined ? [] : [{ stream, entries: Number(count), bytes: Number(bytes), chunks: 1 }]
  })
}

/** Larger than any row number, so that a time and a row number make one number: 2^40. */
const MAX_ROWS = 2n ** 40n

type CountRow = [streamId: number, metadata: string, step: bigint, entries: bigint, bytes: bigint]

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
  const origin = toNanos(selection.origin.seconds, selection.origin.nanos)
  // SQL's division rounds towards zero.
  const since = `(ts - 1 - (${origin}))`
  const step = `CASE WHEN ${since} >= 0 THEN ${since} // ${selection.step} ELSE -((${selection.step} - 1 - ${since}) // ${selection.step}) END`
  const bytes = selection.bytes ? `CAST(sum(${lineBytes(store)}) AS BIGINT)` : '0::BIGINT'
  const sql = `SELECT stream_id, ${metadataSql(selection.byMetadata)} AS m, ${step} AS step, count(*), ${bytes} FROM entries WHERE ${within(spanOf(selection))}${conditions.sql} GROUP BY stream_id, m, step ORDER BY min(ts), stream_id, min(ts::HUGEINT * ${MAX_ROWS} + rowid)`
  for await (const rows of stream<CountRow>(store, sql, conditions.values, selection.signal)) {
    const found: StepCount[] = []
    for (const [id, text, index, count, size] of rows) {
      const labels = store.streams.byId(id)?.labels
      if (labels === undefined) continue
      const metadata = text === '' ? undefined : reader.read(text)
      found.push({
        stream: labels,
        metadata,
        index: Number(index),
        entries: Number(count),
        bytes: Number(size),
      })
    }
    yield found
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

/** `undefined` when no stream matches. Times aren't part of it. */
async function conditionsOf(
  store: LogStore,
  selection: StreamSelection,
  filters: readonly LineFilter[],
): Promise<Conditions | undefined> {
  const { matchers } = selection
  let streams = ''
  if (matchers.length > 0) {
    const matches = compileMatchers(matchers)
    const ids: number[] = []
    for (const { id, labels } of store.streams.values()) if (matches(labels)) ids.push(id)
    if (ids.length === 0) return undefined
    if (ids.length < store.streams.size) streams = ` AND stream_id IN (${ids.join(',')})`
  }
  const values: string[] = []
  const tests: LineTest[] = []
  const inSql: LineFilter[] = []
  let lines = ''
  for (const filter of filters) {
    const condition = filterSql(filter, values)
    if (condition === undefined) tests.push(compileLineFilter(filter))
    else {
      lines += ` AND ${condition}`
      inSql.push(filter)
    }
  }
  if (inSql.length > 0 && store.database.long.any)
    lines = ` AND ((NOT ${IS_LONG}${lines}) OR ${await longLines(store, selection, streams, inSql)})`
  return { streams, sql: streams + lines, values, tests }
}

/** A condition that holds for the long lines that pass: they aren't in the database, so they are read here. */
async function longLines(
  store: LogStore,
  selection: StreamSelection,
  streams: string,
  filters: readonly LineFilter[],
): Promise<string> {
  const tests = filters.map((filter) => compileLineFilter(filter))
  const sql = `SELECT DISTINCT line FROM entries WHERE ${within(spanOf(selection))}${streams} AND ${IS_LONG}`
  const passing: string[] = []
  for await (const rows of stream<[string]>(store, sql, [], selection.signal))
    for (const [column] of rows) {
      const line = store.database.long.text(column)
      if (tests.every((test) => test(line))) passing.push(`'${column.replaceAll("'", "''")}'`)
    }
  return passing.length === 0 ? 'false' : `line IN (${passing.join(',')})`
}

function lineBytes(store: LogStore): string {
  return store.database.long.any ? LINE_BYTES : 'strlen(line)'
}

function filterSql(filter: LineFilter, values: string[]): string | undefined {
  const { operator, operands } = filter
  if (operator === '|>' || operator === '!>' || operands.some(({ ip }) => ip)) return undefined
  const regex = operator === '|~' || operator === '!~'
  // DuckDB's regexes are RE2 as well; compiling here refuses what LogQL refuses.
  if (regex) compileLineFilter(filter)
  const each = operands.map((operand) => operandSql(operand, regex, values))
  const any = each.length === 0 ? 'true' : `(${each.join(' OR ')})`
  return operator.startsWith('!') ? `NOT ${any}` : any
}

function operandSql({ text }: LineOperand, regex: boolean, values: string[]): string {
  values.push(text)
  return `${regex ? 'regexp_matches' : 'contains'}(line, $${values.length})`
}

async function run<Row>(
  store: LogStore,
  sql: string,
  values: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  const all: Row[] = []
  for await (const rows of stream<Row>(store, sql, values, signal)) all.push(...rows)
  return all
}

/** Streams the rows of a query, so that the result is never in memory as a whole. */
async function* stream<Row>(
  store: LogStore,
  sql: string,
  values: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Row[]> {
  signal?.throwIfAborted()
  const connection = await store.database.take()
  const stop = (): void => connection.interrupt()
  signal?.addEventListener('abort', stop)
  try {
    const result = await connection.stream(sql, [...values])
    for (;;) {
      const chunk = await result.fetchChunk()
      signal?.throwIfAborted()
      if (chunk === null || chunk.rowCount === 0) return
      yield chunk.getRows() as Row[]
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw explained(error)
  } finally {
    signal?.removeEventListener('abort', stop)
    store.database.give(connection)
  }
}

function explained(error: unknown): unknown {
  if (!/^Out of Memory/i.test(messageOf(error))) return error
  return new LogqlError(
    'the query needs more memory than max_memory allows: narrow its range or its selector, or raise max_memory',
    { cause: error },
  )
}

function within({ from, to }: Span): string {
  return `ts >= ${from} AND ts < ${to}`
}

// Times beyond 64 bits of nanoseconds mean "from the beginning" and "to the end".
const FIRST = -(2n ** 63n)
const LAST = 2n ** 63n - 1n

function spanOf({ from, to }: StreamSelection): Span {
  return { from: clamp(toNanos(from.seconds, from.nanos)), to: clamp(toNanos(to.seconds, to.nanos)) }
}

function clamp(time: bigint): bigint {
  return time < FIRST ? FIRST : time > LAST ? LAST : time
}

function floorDiv(a: bigint, b: bigint): bigint {
  return a >= 0n ? a / b : -((-a + b - 1n) / b)
}

function momentOf(ts: bigint): Moment {
  const seconds = floorDiv(ts, NANOS)
  return { seconds: Number(seconds), nanos: Number(ts - seconds * NANOS) }
}
