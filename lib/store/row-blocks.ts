/** Rows of a query by columns: of one window of time after the other, sorted here, while DuckDB reads the next window. */
import { LogqlError } from '../logql/syntax/error.ts'
import type { RowBlock, RowOrigin, RowReading, RowSelection } from '../logql/engine/querier.ts'
import type { Columns } from './columns.ts'
import { conditionsOf, type Conditions } from './conditions.ts'
import { type MetadataReader, metadataSql } from './metadata.ts'
import { numberSql } from './number-column.ts'
import { chunksOf, spanOf } from './query-rows.ts'
import { timeOrder } from './row-order.ts'
import type { Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { toNanos } from './stream-table.ts'
import { type WindowSize, windowsOf } from './windows.ts'

/** A window is in memory up to four times: as DuckDB's result and here, and so is the next one. */
const BLOCK: WindowSize = { rows: 131_072, bytes: 16 * 1024 * 1024 }

/** Rows with numbers in place of lines are small, and each window less saves reading what lies on both sides of a cut twice. */
const NUMBERS: WindowSize = { rows: 262_144, bytes: 32 * 1024 * 1024 }

/** U+FDD0 in UTF-8, which references to long lines begin with. */
const MARK = [0xef, 0xb7, 0x90] as const

/** The rows of a selection. */
export function rowReading(store: LogStore, reader: MetadataReader, selection: RowSelection): RowReading {
  const origins = new Origins(store, reader)
  return { blocks: blocks(store, origins, selection), originOf: (number) => origins.at(number) }
}

async function* blocks(store: LogStore, origins: Origins, selection: RowSelection): AsyncGenerator<RowBlock> {
  const conditions = await conditionsOf(store, selection, selection.filters)
  if (conditions === undefined) return
  // A filter that SQL can't express needs the line.
  const number = conditions.tests.length > 0 ? undefined : numberSql(store, conditions, selection.number)
  const size = number === undefined ? BLOCK : NUMBERS
  const order = { direction: 'forward', signal: selection.signal } as const
  const windows = await windowsOf(store, conditions, order, spanOf(selection), size)
  // While the rows of a window are looked at, those of the next are read: memory for two is enough.
  const spare = [new Rows(), new Rows()]
  const read = (window: Span | undefined): Promise<Rows> | undefined => {
    if (window === undefined) return undefined
    const rows = readRows(store, selection, conditions, { window, origins, number, rows: spare.pop()! })
    // Its error is that of the query when its turn comes.
    rows.catch(() => undefined)
    return rows
  }
  let next = read(windows[0])
  try {
    for (let i = 1; next !== undefined; i++) {
      const rows: Rows = await next
      next = read(windows[i])
      yield blockOf(store, rows, conditions)
      rows.clear()
      spare.push(rows)
    }
  } finally {
    await next?.catch(() => undefined)
  }
}

/** Rows as they come out of the database. */
class Rows {
  count = 0
  size = 0
  /** Whether some rows are of streams that were forgotten: their origin is -1. */
  hasForgotten = false
  /** Whether there are numbers in place of lines. */
  hasNumbers = false
  ids = new Int32Array(8192)
  origins = new Int32Array(8192)
  times = new Float64Array(8192)
  ends = new Int32Array(8192)
  numbers = new Float64Array(0)
  bytes = new Uint8Array(1024 * 1024)

  /** `from` is the time that times are counted from. */
  add(columns: Columns, origins: Origins, from: Uint32Array): void {
    const { rows } = columns
    if (rows === 0) return
    while (this.count + rows > this.ids.length) this.#grow()
    this.ids.set(columns.integers(0), this.count)
    if (origins.read(columns, columns.width > 3 && !this.hasNumbers, this.origins, this.count))
      this.hasForgotten = true
    const words = columns.words(1)
    const [low = 0, high = 0] = from
    for (let i = 0; i < rows; i++)
      this.times[this.count + i] =
        (words[2 * i + 1]! | 0) * 2 ** 32 - (high | 0) * 2 ** 32 + (words[2 * i]! - low)
    const ends = this.ends.subarray(this.count)
    let size: number
    while ((size = columns.bytes(2, this.bytes, this.size, ends)) < 0) {
      const larger = new Uint8Array(this.bytes.length * 2)
      larger.set(this.bytes.subarray(0, this.size))
      this.bytes = larger
    }
    this.size = size
    if (this.hasNumbers) {
      if (this.numbers.length < this.ids.length) this.numbers = grown(this.numbers, this.ids.length)
      this.numbers.set(columns.doubles(3), this.count)
    }
    this.count += rows
  }

  clear(): void {
    this.count = this.size = 0
    this.hasForgotten = this.hasNumbers = false
  }

  #grow(): void {
    const length = this.ids.length * 2
    this.ids = grown(this.ids, length)
    this.origins = grown(this.origins, length)
    this.times = grown(this.times, length)
    this.ends = grown(this.ends, length)
  }
}

function grown<A extends Int32Array | Float64Array>(old: A, length: number): A {
  const larger = new (old.constructor as new (length: number) => A)(length)
  larger.set(old)
  return larger
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
class Origins {
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

  /** Writes the numbers of some rows into `target`. Returns whether one is -1. */
  read(columns: Columns, withMetadata: boolean, target: Int32Array, from: number): boolean {
    const ids = columns.integers(0)
    const metadata = withMetadata ? columns.texts(3) : undefined
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
      target[from + i] = number
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
