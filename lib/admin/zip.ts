/** Writes a small ZIP archive in memory. */
import { deflateRawSync } from 'node:zlib'

export interface ZipFile {
  /** With `/` between folders. */
  readonly name: string
  readonly data: string | Buffer
}

const DEFLATED = 8
const UTF8_NAMES = 0x0800
const VERSION = 20

/**
 * The archive (PKWARE's APPNOTE.TXT 6.3, without ZIP64: less than 4 GiB): for each file a local header and its deflated
 * data, then the central directory with one entry each, then its end record. All numbers are little-endian.
 */
export function zip(files: readonly ZipFile[], at: Date): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data } of files) {
    const plain = Buffer.from(data as string)
    const packed = deflateRawSync(plain)
    const path = Buffer.from(name)
    const common = commonHeader(plain, packed, path, at)
    const local = [signature(0x04034b50), common, path, packed]
    parts.push(...local)
    directory.push(signature(0x02014b50), uint16(VERSION), common, centralRest(offset), path)
    for (const part of local) offset += part.length
  }
  const central = Buffer.concat(directory)
  return Buffer.concat([...parts, central, endRecord(files.length, central.length, offset)])
}

/*
 * version needed 2 | flags 2 | method 2 | time 2 | date 2 | CRC-32 4 | packed size 4 | plain size 4 | name length 2 |
 * extra length 2
 */
function commonHeader(plain: Buffer, packed: Buffer, path: Buffer, at: Date): Buffer {
  const header = Buffer.alloc(26)
  header.writeUInt16LE(VERSION, 0)
  header.writeUInt16LE(UTF8_NAMES, 2)
  header.writeUInt16LE(DEFLATED, 4)
  header.writeUInt16LE((at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1), 6)
  header.writeUInt16LE(((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(), 8)
  header.writeUInt32LE(crc32(plain), 10)
  header.writeUInt32LE(packed.length, 14)
  header.writeUInt32LE(plain.length, 18)
  header.writeUInt16LE(path.length, 22)
  return header
}

/* comment length 2 | disk 2 | internal attributes 2 | external attributes 4 | offset of the local header 4 */
function centralRest(offset: number): Buffer {
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(offset, 10)
  return rest
}

/* signature 4 | disks 2 2 | entries 2 2 | size of the directory 4 | its offset 4 | comment length 2 */
function endRecord(entries: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries, 8)
  end.writeUInt16LE(entries, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return end
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
  return remainder
})

// node:zlib has it from 22.2 on.
function crc32(data: Buffer): number {
  let remainder = 0xffffffff
  for (const byte of data) remainder = (remainder >>> 8) ^ TABLE[(remainder ^ byte) & 0xff]!
  return (remainder ^ 0xffffffff) >>> 0
}
