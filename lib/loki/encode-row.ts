/**
 * Writes a row of columns into a push, in one go: nearly all rows have a time of this century, structured metadata only
 * as places in the bytes, and follow one of the same second. Anything else is left to `encode.ts`, which writes the same
 * bytes in twice the time.
 */
import type { Columns } from '../flow/columns.ts'
import { copyText } from '../flow/copy-text.ts'
import { cellFields, writeCellFields } from './encode-cells.ts'
import { addToStream, varintSize, writeVarint, type RawBuffer } from './encode.ts'
import { makeRoom, type PushStream } from './push-stream.ts'

// Seconds whose varint takes five bytes: from 1978 to 3058.
const FIVE_BYTES_FROM = 2 ** 28
const FIVE_BYTES_TO = 2 ** 35

/** The second that was written last, and the six bytes of its field: tag and varint, as they lie in a push. */
let second = 0
let first4 = 0
let last2 = 0

/** Adds the entry of a row, whose line has `bytes` bytes. */
export function addRowToStream(stream: PushStream, columns: Columns, row: number, bytes: number): void {
  const seconds = columns.seconds[row]!
  const nanos = columns.nanos[row]!
  const isUnusual = columns.metadata?.[row] !== undefined || nanos === 0 || bytes === 0
  if (isUnusual || (seconds !== second && !keep(seconds))) {
    const structuredMetadata = columns.metadataOf(row) ?? []
    const entry = { seconds, nanos, line: '', structuredMetadata, text: columns, row }
    return addToStream(stream, entry, bytes)
  }
  const cells = columns.metadataCells?.filled[row] === 1 ? columns.metadataCells : undefined
  const timestampSize = 7 + varintSize(nanos)
  const metadata = cells === undefined ? 0 : cellFields(cells, row)
  const size = 2 + timestampSize + 1 + varintSize(bytes) + bytes + metadata
  let at = makeRoom(stream, 1 + varintSize(size) + size)
  const { bytes: chunk, view } = stream.chunk
  const out = chunk as RawBuffer
  out[at++] = 0x12
  at = writeVarint(out, size, at)
  out[at++] = 0x0a
  out[at++] = timestampSize
  view.setInt32(at, first4, true)
  view.setInt16(at + 4, last2, true)
  out[at + 6] = 0x10
  at = writeVarint(out, nanos, at + 7)
  out[at++] = 0x12
  at = writeVarint(out, bytes, at)
  copyText(columns, columns.starts[row]!, columns.ends[row]!, out, view, at)
  if (cells !== undefined) writeCellFields(columns, cells, row, stream.chunk, at + bytes)
  stream.entries++
}

// Returns `false` for a second that takes another number of bytes.
function keep(seconds: number): boolean {
  if (!(seconds >= FIVE_BYTES_FROM && seconds < FIVE_BYTES_TO)) return false
  const low = seconds % FIVE_BYTES_FROM
  const seven = (shift: number): number => ((low >>> shift) & 0x7f) | 0x80
  second = seconds
  first4 = 0x08 | (seven(0) << 8) | (seven(7) << 16) | (seven(14) << 24)
  last2 = seven(21) | (Math.floor(seconds / FIVE_BYTES_FROM) << 8)
  return true
}
