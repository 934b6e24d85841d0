import { gzipSync } from 'node:zlib'
import { compressSync } from 'snappy'
import t from 'tap'
import { unpacker } from '../../../../lib/net/kafka/decompress.ts'
import type { KafkaPackage } from '../../../../lib/net/kafka/package.ts'
import { BadBatch } from '../../../../lib/net/kafka/record-batch.ts'
import { snappy } from '../../../../lib/loki/snappy.ts'

const LIMIT = 1024 * 1024
let unpacked = 0
const codecs = {
  snappy: { decompressSync: (bytes: Buffer) => snappy.uncompress(bytes) },
  lz4: { decompressSync: () => Buffer.alloc(++unpacked) },
} as unknown as KafkaPackage['compressionsAlgorithms']
const unpack = unpacker(codecs, LIMIT)
const GZIP = 1
const SNAPPY = 2
const LZ4 = 3

const faultOf = (codec: number, bytes: Buffer): string => {
  try {
    unpack(codec, bytes)
  } catch (error) {
    if (error instanceof BadBatch) return error.fault
    throw error
  }
  return ''
}

/** As Java's SnappyOutputStream writes. */
function xerial(...blocks: Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])]
  for (const block of blocks) {
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** A frame with blocks of 64 KiB; their content doesn't matter here. */
function lz4(blocks: number, bytes: number, stored = false): Buffer {
  const parts: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0])]
  for (let i = 0; i < blocks; i++) {
    const head = Buffer.alloc(4)
    head.writeUInt32LE((bytes | (stored ? 0x80000000 : 0)) >>> 0)
    parts.push(head, Buffer.alloc(bytes))
  }
  return Buffer.concat([...parts, Buffer.alloc(4)])
}

void t.test('gzip and snappy, in a block and in the stream that Java writes', (tap) => {
  const text = Buffer.from('a line of text '.repeat(100))
  tap.same(unpack(GZIP, gzipSync(text)), text)
  tap.same(unpack(SNAPPY, compressSync(text)), text)
  tap.same(unpack(SNAPPY, xerial(compressSync(text), compressSync(text))), Buffer.concat([text, text]))
  tap.end()
})

void t.test('bombs are refused before they go off', (tap) => {
  const zeros = Buffer.alloc(LIMIT + 1)
  tap.equal(faultOf(GZIP, gzipSync(zeros)), 'oversized')
  tap.equal(faultOf(SNAPPY, compressSync(zeros)), 'oversized')
  const half = compressSync(Buffer.alloc(LIMIT / 2 + 1))
  tap.equal(faultOf(SNAPPY, xerial(half, half)), 'oversized', 'together they are')
  tap.equal(faultOf(LZ4, lz4(17, 300)), 'oversized', '17 blocks of up to 64 KiB')
  tap.equal(faultOf(LZ4, lz4(17, 200)), '', 'a block of 200 bytes cannot hold 64 KiB')
  tap.equal(faultOf(LZ4, lz4(16, 60_000, true)), '', 'stored blocks are as large as they are')
  tap.end()
})

void t.test('damage, and codecs that nobody knows', (tap) => {
  tap.equal(faultOf(GZIP, Buffer.from('no gzip')), 'corrupt')
  tap.equal(faultOf(SNAPPY, Buffer.from([200, 1, 1])), 'corrupt')
  tap.equal(faultOf(SNAPPY, xerial(compressSync(Buffer.from('x'))).subarray(0, -1)), 'corrupt')
  tap.equal(faultOf(SNAPPY, Buffer.alloc(9, 0xff)), 'oversized', 'a length without an end')
  tap.equal(faultOf(LZ4, Buffer.from('no frame')), 'corrupt')
  tap.equal(faultOf(7, Buffer.alloc(1)), 'unsupported_compression')
  tap.end()
})
