/**
 * Unpacks record batches, within a limit: a batch of 1 MB can hold 1 GB of zeros, and anyone who may write to a topic could
 * end the process with it.
 */
import zlib from 'node:zlib'
import type { KafkaPackage } from './package.ts'
import { BadBatch } from './record-batch.ts'

/** What a batch may unpack to. Producers make batches of 16 KB to 1 MB, and logs shrink to a tenth. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024

const GZIP = 1
const SNAPPY = 2
const LZ4 = 3
const ZSTD = 4

type Codecs = KafkaPackage['compressionsAlgorithms']

/** Zlib's part that only Node 22.15 and later have. */
interface Zstd {
  readonly zstdDecompressSync?: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer
}

/** Returns a function that unpacks by Kafka's number of the codec. It throws `BadBatch`. */
export function unpacker(
  codecs: Codecs,
  limit: number = MAX_UNPACKED_BYTES,
): (codec: number, bytes: Buffer) => Buffer {
  return (codec, bytes) => {
    try {
      return unpack(codecs, codec, bytes, limit)
    } catch (error) {
      if (error instanceof BadBatch) throw error
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw oversized(limit)
      throw new BadBatch('corrupt', 'what is compressed cannot be read')
    }
  }
}

function unpack(codecs: Codecs, codec: number, bytes: Buffer, limit: number): Buffer {
  const bounded = { maxOutputLength: limit }
  if (codec === GZIP) return zlib.gunzipSync(bytes, bounded)
  if (codec === SNAPPY) return unsnap(codecs, bytes, limit)
  if (codec === LZ4) {
    if (lz4Bound(bytes) > limit) throw oversized(limit)
    return codecs.lz4.decompressSync(bytes) as Buffer
  }
  if (codec !== ZSTD) throw new BadBatch('unsupported_compression', `codec ${codec}`)
  const { zstdDecompressSync } = zlib as Zstd
  if (zstdDecompressSync === undefined)
    throw new BadBatch('unsupported_compression', 'zstd, which needs Node 22.15 or later')
  return zstdDecompressSync(bytes, bounded)
}

// Java's snappy stream: a mark of eight bytes, two versions, then blocks with their lengths. Others send one plain block.
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER = 16

function unsnap(codecs: Codecs, bytes: Buffer, limit: number): Buffer {
  const blocks = bytes.subarray(0, XERIAL.length).equals(XERIAL) ? xerialBlocks(bytes) : [bytes]
  if (blocks.reduce((sum, block) => sum + snappyLength(block), 0) > limit) throw oversized(limit)
  return Buffer.concat(blocks.map((block) => codecs.snappy.decompressSync(block) as Buffer))
}

function xerialBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = XERIAL_HEADER; at < bytes.length;) {
    const length = bytes.readInt32BE(at)
    if (length < 0 || at + 4 + length > bytes.length)
      throw new BadBatch('corrupt', 'a snappy block is cut off')
    blocks.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

// A block begins with the length of what is in it.
function snappyLength(block: Buffer): number {
  let length = 0
  for (let i = 0, factor = 1; i < 5; i++, factor *= 128) {
    const byte = block[i] ?? 0
    length += (byte & 0x7f) * factor
    if (byte < 0x80) return length
  }
  return Infinity
}

const LZ4_MAGIC = 0x184d2204
const LZ4_STORED = 0x80000000

/** What an LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md) unpacks to at most, from the heads of its blocks. */
function lz4Bound(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== LZ4_MAGIC)
    throw new BadBatch('corrupt', 'not an LZ4 frame')
  const flags = bytes[4]!
  const blockSize = 256 << (2 * ((bytes[5]! >> 4) & 7))
  // Flags, block size, the length and the dictionary where they are given, a checksum.
  let at = 4 + 2 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1
  let bound = 0
  while (at + 4 <= bytes.length) {
    const head = bytes.readUInt32LE(at)
    if (head === 0) break
    const stored = head >= LZ4_STORED
    const size = stored ? head - LZ4_STORED : head
    // No sequence gives more than 255 bytes for one.
    bound += stored ? size : Math.min(blockSize, size * 255)
    at += 4 + size + ((flags & 0x10) === 0 ? 0 : 4)
  }
  return bound
}

function oversized(limit: number): BadBatch {
  return new BadBatch('oversized', `it unpacks to more than ${limit / 1024 / 1024} MiB`)
}
