/**
 * A spool file: a line that names the format's version, a mark of how much of the file is safe, then records, each
 * with its length and checksum. A record that has been sent is marked in place, so a file says by itself what is left.
 */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'

/** A batch on disk. */
export interface SpoolRecord {
  readonly route: string
  readonly entries: number
  /** Bytes of lines and structured metadata. */
  readonly bytes: number
  /** When its first entry came in, in milliseconds of Unix time; records are sent in this order. */
  readonly bornAt: number
  /** As the destination encoded it. */
  readonly body: Buffer
}

/** Where a record lies in its file, and what its header says. */
export interface RecordPlace {
  readonly at: number
  /** With its header. */
  readonly size: number
  readonly entries: number
  readonly route: string
  readonly bornAt: number
  readonly taken: boolean
}

/** What was synced to a file and acknowledged. */
export interface SafeMark {
  readonly bytes: number
  readonly entries: number
}

/** What is wrong with a file. */
export interface Damage {
  readonly what: string
  /** Bytes from there to where the file ends, or should end. */
  readonly bytes: number
  /** Entries known to be lost; 0 where the file can't tell. */
  readonly entries: number
}

export type Scan =
  | { readonly kind: 'newer'; readonly version: number }
  | {
      readonly kind: 'read'
      readonly version: number
      readonly places: RecordPlace[]
      readonly size: number
      readonly damage: Damage | undefined
      /**
       * Bytes after the last whole record that nothing was acknowledged for: a process was killed while it wrote them.
       */
      readonly unfinished: number
    }

// File:
//   version 2: "logstream spool 2\n", mark, records
//   version 1: "logstream spool 1\n", records (written by 0.1.0)
// Mark, big endian, rewritten in place after each sync:
//   0  8  size of the file that is safe, a double (exact up to 2^53)
//   8  4  entries in it
//  12  4  first bytes of SHA-256 over bytes 0 to 11
// Record, big endian:
//   0  4  magic "LSR1"; "LSR-" when the record has been sent
//   4  4  length of the payload
//   8  4  entries
//  12  4  bytes of lines and metadata
//  16  8  time of birth, a double
//  24  8  first bytes of SHA-256 over "LSR1", bytes 4 to 23 and the payload
// Payload: 2 bytes length of the route, the route, the body.
const VERSION = 2
const VERSION_LINE = /^logstream spool (\d+)\n/
const VERSION_BYTES = `logstream spool ${VERSION}\n`.length
const MARK = 16
const HEADER = 32
const MAGIC = 0x4c535231
const MAGIC_TAKEN = 0x4c53522d
const TAKEN = Buffer.from('-')
const CHECKED = 24
/** Enough for a header and most routes in one read. */
const PEEK = HEADER + 2 + 222

/** Bytes of a file without records. */
export const EMPTY_FILE_BYTES = VERSION_BYTES + MARK

/** What a new file begins with. */
export function encodeFileStart(): Buffer {
  return Buffer.concat([
    Buffer.from(`logstream spool ${VERSION}\n`),
    encodeMark({ bytes: EMPTY_FILE_BYTES, entries: 0 }),
  ])
}

/** Notes in the file how much of it is safe. */
export async function writeMark(file: FileHandle, mark: SafeMark): Promise<void> {
  await file.write(encodeMark(mark), 0, MARK, VERSION_BYTES)
}

/** Notes in the file that a record has been sent. Overwrites one byte, so it needs no room on the disk. */
export async function markTaken(file: FileHandle, at: number): Promise<void> {
  await file.write(TAKEN, 0, 1, at + 3)
}

export function encodeRecord(record: SpoolRecord): Buffer {
  const route = Buffer.from(record.route)
  const length = 2 + route.length + record.body.length
  const bytes = Buffer.allocUnsafe(HEADER + length)
  bytes.writeUInt32BE(MAGIC, 0)
  bytes.writeUInt32BE(length, 4)
  bytes.writeUInt32BE(record.entries, 8)
  bytes.writeUInt32BE(record.bytes, 12)
  bytes.writeDoubleBE(record.bornAt, 16)
  bytes.writeUInt16BE(route.length, HEADER)
  route.copy(bytes, HEADER + 2)
  record.body.copy(bytes, HEADER + 2 + route.length)
  checksum(bytes).copy(bytes, CHECKED)
  return bytes
}

/** Returns the record at a place, or `undefined` when its bytes are not what was written. */
export async function readRecord(
  file: FileHandle,
  place: Pick<RecordPlace, 'at' | 'size'>,
): Promise<SpoolRecord | undefined> {
  const bytes = Buffer.allocUnsafe(place.size)
  const { bytesRead } = await file.read(bytes, 0, place.size, place.at)
  if (bytesRead < place.size || !isRecord(bytes.readUInt32BE(0))) return undefined
  bytes.writeUInt32BE(MAGIC, 0)
  if (!checksum(bytes).equals(bytes.subarray(CHECKED, HEADER))) return undefined
  const body = HEADER + 2 + bytes.readUInt16BE(HEADER)
  return {
    route: bytes.toString('utf8', HEADER + 2, body),
    entries: bytes.readUInt32BE(8),
    bytes: bytes.readUInt32BE(12),
    bornAt: bytes.readDoubleBE(16),
    body: bytes.subarray(body),
  }
}

/** Finds the records of a file by their headers; checksums are checked when records are read. */
export async function scanFile(path: string): Promise<Scan> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const start = Buffer.alloc(EMPTY_FILE_BYTES)
    const { bytesRead } = await file.read(start, 0, start.length, 0)
    const version = VERSION_LINE.exec(start.toString('latin1', 0, bytesRead))?.[1]
    if (version === undefined) return notASpoolFile(size, bytesRead)
    if (Number(version) > VERSION) return { kind: 'newer', version: Number(version) }
    const found = { places: [], size, version: Number(version), damage: undefined, unfinished: 0 }
    if (found.version === 1) return await scanRecords(file, found, VERSION_BYTES, undefined)
    return await scanRecords(file, found, EMPTY_FILE_BYTES, decodeMark(start.subarray(VERSION_BYTES)))
  } finally {
    await file.close()
  }
}

type Found = Omit<Extract<Scan, { kind: 'read' }>, 'kind'>

// A file without even its first line was just being made.
function notASpoolFile(size: number, bytesRead: number): Scan {
  const found = { kind: 'read' as const, version: VERSION, places: [], size }
  if (bytesRead < VERSION_BYTES) return { ...found, damage: undefined, unfinished: size }
  const damage = { what: 'its first line is not that of a spool file', bytes: size, entries: 0 }
  return { ...found, damage, unfinished: 0 }
}

async function scanRecords(
  file: FileHandle,
  found: Found,
  start: number,
  mark: SafeMark | undefined,
): Promise<Scan> {
  const { size } = found
  const places: RecordPlace[] = []
  let at = Math.min(start, size)
  let broken = false
  let entries = 0
  while (at + HEADER <= size) {
    const place = await readPlace(file, at, size)
    broken = place === 'broken'
    if (place === 'broken' || place === 'cut') break
    places.push(place)
    entries += place.entries
    at += place.size
  }
  const lost = {
    bytes: Math.max(size, mark?.bytes ?? 0) - at,
    entries: Math.max(0, (mark?.entries ?? 0) - entries),
  }
  const damage = broken
    ? { what: `byte ${at} is not the start of a record`, ...lost }
    : mark !== undefined && at < mark.bytes
      ? { what: `it ends at byte ${size}, but was written up to byte ${mark.bytes}`, ...lost }
      : undefined
  return { ...found, kind: 'read', places, damage, unfinished: damage === undefined ? lost.bytes : 0 }
}

async function readPlace(
  file: FileHandle,
  at: number,
  fileSize: number,
): Promise<RecordPlace | 'broken' | 'cut'> {
  let head = Buffer.allocUnsafe(PEEK)
  const { bytesRead } = await file.read(head, 0, PEEK, at)
  const magic = head.readUInt32BE(0)
  if (!isRecord(magic)) return 'broken'
  const size = HEADER + head.readUInt32BE(4)
  if (at + size > fileSize || bytesRead < HEADER + 2) return 'cut'
  const routeEnd = HEADER + 2 + head.readUInt16BE(HEADER)
  if (routeEnd > size) return 'broken'
  if (routeEnd > PEEK) {
    head = Buffer.allocUnsafe(routeEnd)
    await file.read(head, 0, routeEnd, at)
  }
  return {
    at,
    size,
    entries: head.readUInt32BE(8),
    route: head.toString('utf8', HEADER + 2, routeEnd),
    bornAt: head.readDoubleBE(16),
    taken: magic === MAGIC_TAKEN,
  }
}

function isRecord(magic: number): boolean {
  return magic === MAGIC || magic === MAGIC_TAKEN
}

function encodeMark({ bytes, entries }: SafeMark): Buffer {
  const mark = Buffer.alloc(MARK)
  mark.writeDoubleBE(bytes, 0)
  mark.writeUInt32BE(entries, 8)
  createHash('sha256').update(mark.subarray(0, 12)).digest().copy(mark, 12, 0, 4)
  return mark
}

// A mark that doesn't check out was half written when the machine lost power; the records still speak for themselves.
function decodeMark(mark: Buffer): SafeMark | undefined {
  const bytes = mark.readDoubleBE(0)
  const entries = mark.readUInt32BE(8)
  return encodeMark({ bytes, entries }).equals(mark) ? { bytes, entries } : undefined
}

function checksum(bytes: Buffer): Buffer {
  const hash = createHash('sha256')
  hash.update(bytes.subarray(0, CHECKED))
  hash.update(bytes.subarray(HEADER))
  return hash.digest().subarray(0, 8)
}
