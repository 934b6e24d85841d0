/** Writes Kafka's record batches, as a fetch returns them. */

export interface TestRecord {
  readonly value: Buffer | undefined
  readonly key?: Buffer
  readonly headers?: readonly (readonly [string, Buffer | undefined])[]
  readonly offsetDelta?: number
  readonly timestampDelta?: number
}

export interface BatchOptions {
  readonly baseOffset?: number
  readonly firstTimestamp?: number
  readonly maxTimestamp?: number
  readonly attributes?: number
  readonly lastOffsetDelta?: number
  readonly magic?: number
  readonly count?: number
  readonly pack?: (records: Buffer) => Buffer
}

/** What `testTools` takes for the right checksum. */
const CRC = 0x12345678

export const testTools = {
  crc32c: (): number => CRC,
  decompress: (_codec: number, bytes: Buffer): Buffer => bytes,
}

export function recordBatch(records: readonly TestRecord[], options: BatchOptions = {}): Buffer {
  const body = Buffer.concat(records.map(record))
  const packed = options.pack?.(body) ?? body
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(options.baseOffset ?? 0), 0)
  head.writeInt32BE(49 + packed.length, 8)
  head[16] = options.magic ?? 2
  head.writeUInt32BE(CRC, 17)
  head.writeInt16BE(options.attributes ?? 0, 21)
  head.writeInt32BE(options.lastOffsetDelta ?? records.length - 1, 23)
  head.writeBigInt64BE(BigInt(options.firstTimestamp ?? 0), 27)
  head.writeBigInt64BE(BigInt(options.maxTimestamp ?? 0), 35)
  head.writeInt32BE(options.count ?? records.length, 57)
  return Buffer.concat([head, packed])
}

function record(
  { value, key, headers = [], offsetDelta, timestampDelta = 0 }: TestRecord,
  i: number,
): Buffer {
  const parts = [
    Buffer.from([0]),
    varint(timestampDelta),
    varint(offsetDelta ?? i),
    field(key),
    field(value),
    varint(headers.length),
    ...headers.flatMap(([name, text]) => [field(Buffer.from(name)), field(text)]),
  ]
  const body = Buffer.concat(parts)
  return Buffer.concat([varint(body.length), body])
}

function field(bytes: Buffer | undefined): Buffer {
  return bytes === undefined ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value >= 0 ? BigInt(value) * 2n : -BigInt(value) * 2n - 1n
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}
