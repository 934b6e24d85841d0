/** Rows as they come out of the database, in memory that queries hand on. */
import type { Columns } from './columns.ts'

/** Finds the numbers for the streams and metadata of rows. */
export interface OriginReader {
  /** Writes them for rows of these streams. Returns whether one is -1, for a stream that was forgotten. */
  read(ids: Int32Array, metadata: readonly string[] | undefined, target: Int32Array): boolean
}

/** What lies between two queries at most. */
const KEPT_BYTES = 10 * 1024 * 1024

/** Memory of a few MiB for each query would make V8 collect the whole heap at every second one. */
export class RowMemory {
  #spare: Rows[] = []

  take(): Rows {
    return this.#spare.pop() ?? new Rows()
  }

  give(rows: Rows): void {
    rows.clear()
    this.#spare.push(rows)
  }

  /** At the end of a query, lets go of what is too much to keep. */
  trim(): void {
    let bytes = 0
    this.#spare = this.#spare.filter(({ memory }) => (bytes += memory) <= KEPT_BYTES)
  }
}

/** Rows as they come out of the database. */
export class Rows {
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
  add(columns: Columns, origins: OriginReader, from: Uint32Array): void {
    const { rows } = columns
    if (rows === 0) return
    while (this.count + rows > this.ids.length) this.#grow()
    const ids = columns.integers(0)
    this.ids.set(ids, this.count)
    const metadata = columns.width > 3 && !this.hasNumbers ? columns.texts(3) : undefined
    if (origins.read(ids, metadata, this.origins.subarray(this.count))) this.hasForgotten = true
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

  /** Bytes of its memory. */
  get memory(): number {
    const { ids, origins, times, ends, numbers, bytes } = this
    return [ids, origins, times, ends, numbers, bytes].reduce((sum, each) => sum + each.byteLength, 0)
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
