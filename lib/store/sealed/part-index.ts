/**
 * The index of a sealed file, beside it as `000012.idx`: its streams with their numbers, times and sizes, a filter of
 * the four-byte sequences in its lines, and how many rows the streams have in each bucket of time. Numbers are little-endian:
 *
 *   "LSX2", hash of the rest (8 bytes), streams (uint32), bytes of the filter (uint32),
 *   oldest (int64 each), newest, rows (float64 each), bytes of lines and metadata as Loki counts them, ids (int32 each),
 *   filter (deflated), counts (the rest, as in bucket-counts.ts)
 *
 * An index of "LSX1" has no counts, and 0 or 1 for its bytes: whether the filter is deflated.
 */
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

const MAGIC = 'LSX2'
const WITHOUT_COUNTS = 'LSX1'
const HEADER = 24

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
}

export function encodeIndex({ streams, filter: whole, counts }: PartIndex): Buffer {
  // Few of its bits are set: the 128 KiB become 5 to 40.
  const filter = deflateRawSync(whole)
  const count = streams.length
  const buffer = Buffer.alloc(HEADER + count * 36 + filter.length + counts.length)
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
  buffer.set(counts, HEADER + 36 * count + filter.length)
  hashOf(buffer).copy(buffer, 4)
  return buffer
}

/** Throws when the bytes aren't an index, or were changed. */
export function decodeIndex(buffer: Buffer): PartIndex {
  const magic = buffer.toString('latin1', 0, 4)
  if (buffer.length < HEADER || (magic !== MAGIC && magic !== WITHOUT_COUNTS)) throw new Error('not an index')
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
    return { streams, filter: size === 1 ? inflateRawSync(rest) : rest, counts: new Uint8Array() }
  return { streams, filter: inflateRawSync(rest.subarray(0, size)), counts: rest.subarray(size) }
}

function hashOf(buffer: Buffer): Buffer {
  return createHash('sha256').update(buffer.subarray(16)).digest().subarray(0, 8)
}
