/**
 * How many rows each stream of a sealed file has in each bucket of time, so that counts over time read no rows. A bucket
 * holds its end and not its beginning, like a range of LogQL, and begins at a multiple of its length. In an index, deflated:
 *
 *   length (float64, nanoseconds), bytes of the series (uint32), series (JSON: number of the stream, metadata, …), then for
 *   each bucket with rows varints: how many buckets it's after the one before, how many series it has, and for each of
 *   them, in the order of their first rows: its place in the list of series, its rows
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** A stream, and the text of its metadata where that is only a level in the whole file; else ''. */
export interface CountedSeries {
  readonly id: number
  readonly metadata: string
}

/** The rows of a series in a bucket, which is the time in ((number)·length, (number+1)·length]. */
interface Bucket extends CountedSeries {
  readonly bucket: number
  readonly rows: number
}

const SECOND = 1_000_000_000n
/** Lengths that divide the steps which people and Grafana choose. */
const LENGTHS = [15n * SECOND, 60n * SECOND, 300n * SECOND]
/** Fewer rows for a bucket aren't worth its one or two bytes. */
const FEWEST_ROWS = 8n

/** The length of buckets for a file; `undefined` where its streams have too few rows for any. */
export function bucketLength(rows: number, streams: number, span: bigint): bigint | undefined {
  return LENGTHS.find((length) => BigInt(streams) * (span / length + 1n) * FEWEST_ROWS <= BigInt(rows))
}

/** Writes counts that come in the order of their buckets, then of their first rows. */
export class BucketWriter {
  readonly #length: bigint
  readonly #numbers = new Map<string, number>()
  readonly #series: (number | string)[] = []
  readonly #bytes: number[] = []
  #cells: number[] = []
  #bucket = 0
  #last = 0

  constructor(length: bigint) {
    this.#length = length
  }

  add({ id, metadata, bucket, rows }: Bucket): void {
    if (bucket !== this.#bucket) {
      this.#end()
      this.#bucket = bucket
    }
    const key = `${id} ${metadata}`
    let number = this.#numbers.get(key)
    if (number === undefined) {
      this.#numbers.set(key, (number = this.#numbers.size))
      this.#series.push(id, metadata)
    }
    this.#cells.push(number, rows)
  }

  bytes(): Buffer {
    this.#end()
    const series = Buffer.from(JSON.stringify(this.#series))
    const head = Buffer.alloc(12)
    head.writeDoubleLE(Number(this.#length))
    head.writeUInt32LE(series.length, 8)
    return deflateRawSync(Buffer.concat([head, series, Uint8Array.from(this.#bytes)]))
  }

  #end(): void {
    if (this.#cells.length === 0) return
    writeVarint(this.#bytes, this.#bucket - this.#last)
    writeVarint(this.#bytes, this.#cells.length / 2)
    for (const value of this.#cells) writeVarint(this.#bytes, value)
    this.#last = this.#bucket
    this.#cells = []
  }
}

function writeVarint(bytes: number[], value: number): void {
  while (value >= 128) {
    bytes.push((value % 128) + 128)
    value = Math.floor(value / 128)
  }
  bytes.push(value)
}

/** The counts of a file. They stay deflated: taken apart, those of a day need ten times the memory. */
export class BucketCounts {
  /** Nanoseconds. */
  readonly length: bigint
  readonly #deflated: Uint8Array

  private constructor(deflated: Uint8Array, length: bigint) {
    this.#deflated = deflated
    this.length = length
  }

  /** From what a writer returned; `undefined` for nothing. */
  static of(deflated: Uint8Array): BucketCounts | undefined {
    if (deflated.length === 0) return undefined
    // A copy, as it's a part of the whole index.
    return new BucketCounts(Uint8Array.from(deflated), BigInt(inflateRawSync(deflated).readDoubleLE()))
  }

  /** Bytes in memory. */
  get memory(): number {
    return this.#deflated.byteLength
  }

  /** The buckets with rows from one number to another, exclusive, in the order in which they were written. */
  *within(from: number, to: number): Generator<Bucket> {
    const bytes = inflateRawSync(this.#deflated)
    let at = 12 + bytes.readUInt32LE(8)
    const flat = JSON.parse(bytes.toString('utf8', 12, at)) as (number | string)[]
    const series = Array.from({ length: flat.length / 2 }, (_, i) => ({
      id: flat[2 * i] as number,
      metadata: flat[2 * i + 1] as string,
    }))
    const next = (): number => {
      let value = 0
      for (let unit = 1; ; unit *= 128) {
        const byte = bytes[at++]!
        if (byte < 128) return value + byte * unit
        value += (byte - 128) * unit
      }
    }
    let bucket = 0
    while (at < bytes.length) {
      bucket += next()
      if (bucket >= to) return
      for (let left = next(); left > 0; left--) {
        const { id, metadata } = series[next()]!
        const rows = next()
        if (bucket >= from) yield { id, metadata, bucket, rows }
      }
    }
  }
}
