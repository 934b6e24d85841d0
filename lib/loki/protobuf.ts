/** The fields of a protobuf message one after the other; what they mean is the reader's business. */

/** Bytes that are no message. */
export class Malformed extends Error {}

/** One field; of `bytes`, `integer` and `double` those that its wire type does not carry are empty. */
export interface WireField {
  readonly number: number
  readonly bytes: Buffer
  /** Of a varint, or of 32 or 64 fixed bits, without sign. */
  readonly integer: bigint
  /** Of 64 fixed bits. */
  readonly double: number
}

const NOTHING = Buffer.alloc(0)

/** Throws `Malformed` where the bytes end early or hold no field. */
// message = { tag (varint: number << 3 | wire type), value }
export function* fieldsOf(bytes: Buffer): Generator<WireField, void> {
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    at = tag.end
    const number = Number(tag.value >> 3n)
    switch (Number(tag.value & 7n)) {
      case 0: {
        const { value, end } = readVarint(bytes, at)
        at = end
        yield { number, bytes: NOTHING, integer: value, double: 0 }
        break
      }
      case 1:
        at = after(bytes, at, 8)
        yield {
          number,
          bytes: NOTHING,
          integer: bytes.readBigUInt64LE(at - 8),
          double: bytes.readDoubleLE(at - 8),
        }
        break
      case 2: {
        const { value, end } = readVarint(bytes, at)
        at = after(bytes, end, Number(value))
        yield { number, bytes: bytes.subarray(end, at), integer: 0n, double: 0 }
        break
      }
      case 5:
        at = after(bytes, at, 4)
        yield { number, bytes: NOTHING, integer: BigInt(bytes.readUInt32LE(at - 4)), double: 0 }
        break
      default:
        throw new Malformed(`expected a field of wire type 0, 1, 2 or 5, found ${tag.value & 7n}`)
    }
  }
}

function after(bytes: Buffer, at: number, length: number): number {
  if (at + length > bytes.length)
    throw new Malformed(`expected ${length} bytes, found the end after ${bytes.length - at}`)
  return at + length
}

// varint = { byte with the high bit set }, byte without; seven bits each, lowest first
function readVarint(bytes: Buffer, start: number): { readonly value: bigint; readonly end: number } {
  let low = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) throw new Malformed('expected the rest of a number, found the end')
    low += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value: BigInt(low), end: start + i + 1 }
  }
  let value = BigInt(low)
  for (let i = 4; i < 10; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) throw new Malformed('expected the rest of a number, found the end')
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + i + 1 }
  }
  throw new Malformed('expected a number of at most ten bytes, found a longer one')
}
