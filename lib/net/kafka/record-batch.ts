/**
 * Kafka's record batches, version 2, as a fetch returns them (kafka.apache.org/documentation/#recordbatch). They are
 * split first and decoded one by one, when there is room for what is in them: a small batch may hold a lot.
 */

/** A batch as it came, perhaps compressed. */
export interface RawBatch {
  readonly bytes: Buffer
  readonly baseOffset: number
  /** The offset of its last record, or of one that compaction has removed. */
  readonly lastOffset: number
}

export interface KafkaRecord {
  readonly offset: number
  /** Milliseconds of Unix time. */
  readonly timestamp: number
  readonly key: Buffer | undefined
  readonly value: Buffer | undefined
  readonly headers: readonly RecordHeader[]
}

export type RecordHeader = readonly [name: string, value: Buffer]

/** Why a batch can't be read: a short name, for counting. */
export type BatchFault = 'corrupt' | 'oversized' | 'unsupported_compression' | 'unsupported_format'

export class BadBatch extends Error {
  override readonly name = 'BadBatch'
  readonly fault: BatchFault

  constructor(fault: BatchFault, message: string) {
    super(message)
    this.fault = fault
  }
}

/** What decoding needs of others. */
export interface BatchTools {
  readonly crc32c: (bytes: Buffer) => number
  /** Throws `BadBatch`, also for what would become too large. */
  readonly decompress: (codec: number, bytes: Buffer) => Buffer
}

const LENGTH_AT = 8
const MAGIC_AT = 16
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const LAST_DELTA_AT = 23
const FIRST_TIME_AT = 27
const MAX_TIME_AT = 35
const COUNT_AT = 57
const RECORDS_AT = 61
/** What comes before the bytes that the length counts. */
const PREFIX = 12

const CODEC = 0b111
const LOG_APPEND_TIME = 1 << 3
const CONTROL = 1 << 5

const NO_HEADERS: readonly RecordHeader[] = []
/** A header takes two bytes at least, but memory for far more. */
const MAX_HEADERS = 10_000

/** Splits what a fetch returned. The last batch may be cut off; it comes again with the next fetch. */
export function splitBatches(bytes: Buffer): RawBatch[] {
  const batches: RawBatch[] = []
  for (let at = 0; at + RECORDS_AT <= bytes.length;) {
    const length = bytes.readInt32BE(at + LENGTH_AT)
    const end = at + PREFIX + length
    if (length < MAGIC_AT - PREFIX || end > bytes.length) break
    const baseOffset = Number(bytes.readBigInt64BE(at))
    const isCurrent = bytes[at + MAGIC_AT] === 2
    batches.push({
      bytes: bytes.subarray(at, end),
      baseOffset,
      lastOffset: baseOffset + (isCurrent ? Math.max(0, bytes.readInt32BE(at + LAST_DELTA_AT)) : 0),
    })
    at = end
  }
  return batches
}

/**
 * The records of a batch from `from` on, one by one: a small batch may hold millions. None for a batch of Kafka's own (the
 * end of a transaction). Throws `BadBatch`, perhaps after some records.
 */
export function* readRecords(
  { bytes, baseOffset }: RawBatch,
  from: number,
  tools: BatchTools,
): Generator<KafkaRecord, void> {
  const magic = bytes[MAGIC_AT]!
  if (magic !== 2)
    throw new BadBatch('unsupported_format', `the message format ${magic}, which Kafka 0.10 and older wrote`)
  if (tools.crc32c(bytes.subarray(ATTRIBUTES_AT)) >>> 0 !== bytes.readUInt32BE(CRC_AT))
    throw new BadBatch('corrupt', 'the checksum is wrong')
  const attributes = bytes.readInt16BE(ATTRIBUTES_AT)
  if ((attributes & CONTROL) !== 0) return
  const codec = attributes & CODEC
  const packed = bytes.subarray(RECORDS_AT)
  const reader = new RecordReader(codec === 0 ? packed : tools.decompress(codec, packed))
  const firstTime = Number(bytes.readBigInt64BE(FIRST_TIME_AT))
  const appended =
    (attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(bytes.readBigInt64BE(MAX_TIME_AT))
  for (let left = bytes.readInt32BE(COUNT_AT); left > 0; left--) {
    const record = reader.record(baseOffset, firstTime, appended)
    if (record.offset >= from) yield record
  }
}

class RecordReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  // Record = length, attributes, timestamp delta, offset delta, key, value, { header }
  record(baseOffset: number, firstTime: number, appended: number | undefined): KafkaRecord {
    const length = this.#varint()
    const end = this.#at + length
    if (length < 0 || end > this.#bytes.length) throw torn()
    this.#at++
    const timestamp = firstTime + this.#varint()
    const offset = baseOffset + this.#varint()
    const key = this.#field(end)
    const value = this.#field(end)
    const headers = this.#headers(end)
    // What a newer version may add is skipped.
    this.#at = end
    return { offset, timestamp: appended ?? timestamp, key, value, headers }
  }

  #headers(end: number): readonly RecordHeader[] {
    const count = this.#varint()
    if (count === 0) return NO_HEADERS
    if (count < 0 || count > MAX_HEADERS) throw new BadBatch('corrupt', `a record with ${count} headers`)
    const headers: RecordHeader[] = []
    for (let i = 0; i < count; i++) {
      const name = this.#field(end)
      const value = this.#field(end)
      if (name !== undefined && value !== undefined) headers.push([name.toString('utf8'), value])
    }
    return headers
  }

  #field(end: number): Buffer | undefined {
    const length = this.#varint()
    if (length < 0) return undefined
    if (this.#at + length > end) throw torn()
    const field = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return field
  }

  // Zigzag, seven bits a byte. Not by shifts: times take more than 32 bits.
  #varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw torn()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      factor *= 128
    }
    throw torn()
  }
}

function torn(): BadBatch {
  return new BadBatch('corrupt', 'it ends in the middle of a record')
}
