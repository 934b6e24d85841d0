/** Rows of a query by columns: of one window of time after the other, sorted here, while DuckDB reads the next window. */
import { LogqlError } from '../logql/syntax/error.ts'
import type { RowBlock, RowOrigin, RowReading, RowSelection } from '../logql/engine/querier.ts'
import { conditionsOf, type Conditions } from './conditions.ts'
import { type MetadataReader, metadataSql } from './metadata.ts'
import { numberSql } from './number-column.ts'
import { chunksOf, spanOf } from './query-rows.ts'
import type { OriginReader, RowMemory, Rows } from './row-memory.ts'
import { timeOrder } from './row-order.ts'
import type { Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { toNanos } from './stream-table.ts'
import { type WindowSize, windowsOf } from './windows.ts'
import { collectYoung } from './young-garbage.ts'

/** A window is in memory up to four times: as DuckDB's result and here, and so is the next one. */
const BLOCK: WindowSize = { rows: 131_072, bytes: 16 * 1024 * 1024 }

/** Rows with numbers in place of lines are small, and each window less saves reading what lies on both sides of a cut twice. */
const NUMBERS: WindowSize = { rows: 262_144, bytes: 32 * 1024 * 1024 }

/** From so many rows on, DuckDB's memory of a window is worth the millisecond that freeing it takes. */
const MANY_ROWS = 65_536

/** U+FDD0 in UTF-8, which references to long lines begin with. */
const MARK = [0xef, 0xb7, 0x90] as const

/** The rows of a selection. */
export function rowReading(
  store: LogStore,
  reader: MetadataReader,
  memory: RowMemory,
  selection: RowSelection,
): RowReading {
  const origins = new Origins(store, reader)
  return { blocks: blocks(store, memory, origins, selection), originOf: (number) => origins.at(number) }
}

async function* blocks(
  store: LogStore,
  memory: RowMemory,
  origins: Origins,
  selection: RowSelection,
): AsyncGenerator<RowBlock> {
  const conditions = await conditionsOf(store, selection, selection.filters)
  if (conditions === undefined) return
  // A filter that SQL can't express needs the line.
  const number = conditions.tests.length > 0 ? undefined : numberSql(store, conditions, selection.number)
  const size = number === undefined ? BLOCK : NUMBERS
  const order = { direction: 'forward', signal: selection.signal } as const
  const windows = await windowsOf(store, conditions, order, spanOf(selection), size)
  const read = (window: Span | undefined): Promise<Rows> | undefined => {
    if (window === undefined) return undefined
    const rows = readRows(store, selection, conditions, { window, origins, number, rows: memory.take() })
    // Its error is that of the query when its turn comes.
    rows.catch(() => undefined)
    return rows
  }
  // While the rows of a window are looked at, those of the next are read.
  let next = read(windows[0])
  try {
    for (let i = 1; next !== undefined; i++) {
      const rows: Rows = await next
      next = read(windows[i])
      yield blockOf(store, rows, conditions)
      memory.give(rows)
    }
  } finally {
    await next?.catch(() => undefined)
    memory.trim()
  }
}

interface WindowRead {
  readonly window: Span
  readonly origins: Origins
  readonly number: ((table: string) => string) | undefined
  readonly rows: Rows
}

async function readRows(
  store: LogStore,
  selection: RowSelection,
  { lines: condition, needles, values }: Conditions,
  { window, origins, number, rows }: WindowRead,
): Promise<Rows> {
  const { seconds, nanos } = selection.from
  const from = new Uint32Array(BigInt64Array.of(toNanos(seconds, nanos)).buffer)
  const query = { span: window, condition, values, needles, signal: selection.signal, atOnce: true }
  const sql = (table: string, structured: boolean): string => {
    const metadata = metadataSql(selection.byMetadata, structured)
    if (metadata !== "''") return `SELECT stream_id, ts, line, ${metadata} FROM ${table}`
    rows.hasNumbers = number !== undefined && !structured
    return rows.hasNumbers ? number!(table) : `SELECT stream_id, ts, line FROM ${table}`
  }
  for await (const columns of chunksOf(store, query, sql)) rows.add(columns, origins, from)
  if (rows.count >= MANY_ROWS) collectYoung()
  return rows
}

/** Sorts rows by time, and leaves out those that a filter drops which SQL can't express. */
function blockOf(store: LogStore, all: Rows, { tests }: Conditions): RowBlock {
  const { origins, times, ends } = all
  const bytes = all.bytes.subarray(0, all.size)
  const text = Buffer.from(bytes.buffer, 0, bytes.length)
  const { long } = store.database
  const line = (row: number): string => long.text(text.toString('utf8', startOf(all, row), ends[row]))
  const numbers = all.hasNumbers ? all.numbers : undefined
  let order = timeOrder(times.subarray(0, all.count), all.ids)
  if (all.hasForgotten) order = order.filter((row) => origins[row]! >= 0)
  if (tests.length > 0) order = order.filter((row) => tests.every((test) => test(line(row))))
  const block = { order, origins, times, bytes, ends, numbers, line }
  if (!long.any) return block
  const isElsewhere = (row: number): boolean => {
    const start = startOf(all, row)
    return MARK.every((byte, i) => bytes[start + i] === byte)
  }
  return { ...block, isElsewhere }
}

function startOf({ ends }: Rows, row: number): number {
  return row === 0 ? 0 : ends[row - 1]!
}

/** Numbers for the streams and metadata of rows. */
class Origins implements OriginReader {
  readonly #store: LogStore
  readonly #reader: MetadataReader
  readonly #numbers = new Map<number, Map<string, number>>()
  readonly #all: RowOrigin[] = []

  constructor(store: LogStore, reader: MetadataReader) {
    this.#store = store
    this.#reader = reader
  }

  at(number: number): RowOrigin {
    const origin = this.#all[number]
    if (origin === undefined) throw new LogqlError(`there are no rows of number ${number}`, { status: 500 })
    return origin
  }

  read(ids: Int32Array, metadata: readonly string[] | undefined, target: Int32Array): boolean {
    let hasForgotten = false
    let id = -1
    let text: string | undefined
    let number = -1
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] !== id || metadata?.[i] !== text) {
        id = ids[i]!
        text = metadata?.[i]
        number = this.#numberOf(id, text ?? '')
        if (number < 0) hasForgotten = true
      }
      target[i] = number
    }
    return hasForgotten
  }

  /** The number of a stream and the column `metadata`; -1 for a stream that was forgotten. */
  #numberOf(id: number, text: string): number {
    let ofStream = this.#numbers.get(id)
    if (ofStream === undefined) this.#numbers.set(id, (ofStream = new Map()))
    let number = ofStream.get(text)
    if (number !== undefined) return number
    const stream = this.#store.streams.byId(id)?.labels
    if (stream === undefined) number = -1
    else number = this.#all.push({ stream, metadata: text === '' ? undefined : this.#reader.read(text) }) - 1
    ofStream.set(text, number)
    return number
  }
}
