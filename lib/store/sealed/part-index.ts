/**
 * The index of a sealed file, beside it as `000012.idx`: its streams with their numbers, times and sizes, a filter of
 * the four-byte sequences in its lines, how many rows the streams have in each bucket of time, and which of them have which
 * sequences. Numbers are little-endian:
 *
 *   "LSX3", hash of the rest (8 bytes), streams (uint32), bytes of the filter (uint32),
 *   oldest (int64 each), newest, rows (float64 each), bytes of lines and metadata as Loki counts them, ids (int32 each),
 *   filter (deflated), bytes of the counts (uint32), counts (as in bucket-counts.ts), grams (the rest, as in stream-grams.ts)
 *
 * An index of "LSX2" ends with the counts, without their bytes. One of "LSX1" has no counts, and 0 or 1 for the bytes of the
 * filter: whether it is deflated.
 */
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

const MAGIC = 'LSX3'
const WITHOUT_GRAMS = 'LSX2'
const WITHOUT_COUNTS = 'LSX1'
const MAGICS = [MAGIC, WITHOUT_GRAMS, WITHOUT_COUNTS]
const HEADER = 24
const NONE = new Uint8Array()

/** One stream of a sealed file. Times are nanoseconds, inclusive. */
export interface PartStream {
  readonly id: number
  readonly oldest: bigint
  readonly newest: bigint
  readonly rows: number
  readonly bytes: number
}

export interface PartIndex {
  readonly streams: readonly PartStream[]
  /** Empty: nothing is known of the lines. */
  readonly filter: Uint8Array
  /** From a `BucketWriter`; empty: nothing is known. */
  readonly counts: Uint8Array
  /** From a `StreamGramsWriter`; empty: nothing is known. */
  readonly grams: Uint8Array
}

export function encodeIndex({ streams, filter: whole, counts, grams }: PartIndex): Buffer {
  // Few of its bits are set: the 128 KiB become 5 to 40.
  const filter = deflateRawSync(whole)
  const count = streams.length
  const buffer = Buffer.alloc(HEADER + count * 36 + filter.length + 4 + counts.length + grams.length)
  buffer.write(MAGIC, 'latin1')
  buffer.writeUInt32LE(count, 16)
  buffer.writeUInt32LE(filter.length, 20)
  for (const [i, { id, oldest, newest, rows, bytes }] of streams.entries()) {
    buffer.writeBigInt64LE(oldest, HEADER + i * 8)
    buffer.writeBigInt64LE(newest, HEADER + (count + i) * 8)
    buffer.writeDoubleLE(rows, HEADER + (2 * count + i) * 8)
    buffer.writeDoubleLE(bytes, HEADER + (3 * count + i) * 8)
    buffer.writeInt32LE(id, HEADER + 32 * count + i * 4)
  }
  buffer.set(filter, HEADER + 36 * count)
  const end = buffer.writeUInt32LE(counts.length, HEADER + 36 * count + filter.length)
  buffer.set(counts, end)
  buffer.set(grams, end + counts.length)
  hashOf(buffer).copy(buffer, 4)
  return buffer
}

/** Throws when the bytes aren't an index, or were changed. */
export function decodeIndex(buffer: Buffer): PartIndex {
  const magic = buffer.toString('latin1', 0, 4)
  if (buffer.length < HEADER || !MAGICS.includes(magic)) throw new Error('not an index')
  if (!hashOf(buffer).equals(buffer.subarray(4, 12))) throw new Error('the index is not what was written')
  const count = buffer.readUInt32LE(16)
  const streams = Array.from({ length: count }, (_, i) => ({
    oldest: buffer.readBigInt64LE(HEADER + i * 8),
    newest: buffer.readBigInt64LE(HEADER + (count + i) * 8),
    rows: buffer.readDoubleLE(HEADER + (2 * count + i) * 8),
    bytes: buffer.readDoubleLE(HEADER + (3 * count + i) * 8),
    id: buffer.readInt32LE(HEADER + 32 * count + i * 4),
  }))
  const rest = buffer.subarray(HEADER + 36 * count)
  const size = buffer.readUInt32LE(20)
  if (magic === WITHOUT_COUNTS)
    return { streams, filter: size === 1 ? inflateRawSync(rest) : rest, counts: NONE, grams: NONE }
  const filter = inflateRawSync(rest.subarray(0, size))
  if (magic === WITHOUT_GRAMS) return { streams, filter, counts: rest.subarray(size), grams: NONE }
  const end = size + 4 + rest.readUInt32LE(size)
  return { streams, filter, counts: rest.subarray(size + 4, end), grams: rest.subarray(end) }
}

function hashOf(buffer: Buffer): Buffer {
  return createHash('sha256').update(buffer.subarray(16)).digest().subarray(0, 8)
}
