/** How a spool's file looks: a line that names the version, then records, each with its length and checksum. */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'

/** A batch on disk. */
export interface SpoolRecord {
  readonly tenant: string
  readonly entries: number
  /** Bytes of lines and structured metadata. */
  readonly bytes: number
  /** When its first entry came in, in milliseconds of Unix time. */
  readonly bornAt: number
  /** The push request: protobuf in one snappy block. */
  readonly body: Buffer
}

/** Where a record lies in its file. */
export interface RecordPlace {
  readonly at: number
  /** With its header. */
  readonly size: number
  readonly entries: number
}

export type Scan =
  | { readonly kind: 'newer' }
  | {
      readonly kind: 'read'
      readonly places: RecordPlace[]
      readonly size: number
      /** What is wrong in the file; a record that was cut off at the end is not, for nobody was told it is safe. */
      readonly damage: string | undefined
    }

export const FILE_HEADER = Buffer.from('logstream spool 1\n')
const ANY_VERSION = /^logstream spool (\d+)\n/

// Header of a record, big endian:
//   0  4  magic "LSR1"
//   4  4  length of the payload
//   8  4  entries
//  12  4  bytes of lines and metadata
//  16  8  time of birth, a double
//  24  8  first bytes of SHA-256 over bytes 0 to 23 and the payload
// Payload: 2 bytes length of the tenant, the tenant, the body.
const HEADER = 32
const MAGIC = 0x4c535231
const CHECKED = 24

export function encodeRecord(record: SpoolRecord): Buffer {
  const tenant = Buffer.from(record.tenant)
  const length = 2 + tenant.length + record.body.length
  const bytes = Buffer.allocUnsafe(HEADER + length)
  bytes.writeUInt32BE(MAGIC, 0)
  bytes.writeUInt32BE(length, 4)
  bytes.writeUInt32BE(record.entries, 8)
  bytes.writeUInt32BE(record.bytes, 12)
  bytes.writeDoubleBE(record.bornAt, 16)
  bytes.writeUInt16BE(tenant.length, HEADER)
  tenant.copy(bytes, HEADER + 2)
  record.body.copy(bytes, HEADER + 2 + tenant.length)
  checksum(bytes).copy(bytes, CHECKED)
  return bytes
}

/** The record at a place, or `undefined` when it is not what was written. */
export async function readRecord(file: FileHandle, place: RecordPlace): Promise<SpoolRecord | undefined> {
  const bytes = Buffer.allocUnsafe(place.size)
  const { bytesRead } = await file.read(bytes, 0, place.size, place.at)
  if (bytesRead < place.size || bytes.readUInt32BE(0) !== MAGIC) return undefined
  if (!checksum(bytes).equals(bytes.subarray(CHECKED, HEADER))) return undefined
  const body = HEADER + 2 + bytes.readUInt16BE(HEADER)
  return {
    tenant: bytes.toString('utf8', HEADER + 2, body),
    entries: bytes.readUInt32BE(8),
    bytes: bytes.readUInt32BE(12),
    bornAt: bytes.readDoubleBE(16),
    body: bytes.subarray(body),
  }
}

/** Finds the records of a file by their headers; checksums are left for when they are read. */
export async function scanSegment(path: string): Promise<Scan> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const start = Buffer.alloc(FILE_HEADER.length)
    const { bytesRead } = await file.read(start, 0, start.length, 0)
    if (bytesRead < FILE_HEADER.length) return { kind: 'read', places: [], size, damage: undefined }
    if (!start.equals(FILE_HEADER)) {
      if (ANY_VERSION.test(start.toString())) return { kind: 'newer' }
      return { kind: 'read', places: [], size, damage: 'it does not begin as a spool file does' }
    }
    return await scanRecords(file, size)
  } finally {
    await file.close()
  }
}

async function scanRecords(file: FileHandle, size: number): Promise<Scan> {
  const places: RecordPlace[] = []
  const header = Buffer.alloc(HEADER)
  let at = FILE_HEADER.length
  while (at + HEADER <= size) {
    await file.read(header, 0, HEADER, at)
    if (header.readUInt32BE(0) !== MAGIC)
      return { kind: 'read', places, size, damage: `no record where one should begin, at byte ${at}` }
    const whole = HEADER + header.readUInt32BE(4)
    if (at + whole > size) break
    places.push({ at, size: whole, entries: header.readUInt32BE(8) })
    at += whole
  }
  return { kind: 'read', places, size, damage: undefined }
}

function checksum(bytes: Buffer): Buffer {
  const hash = createHash('sha256')
  hash.update(bytes.subarray(0, CHECKED))
  hash.update(bytes.subarray(HEADER))
  return hash.digest().subarray(0, 8)
}
