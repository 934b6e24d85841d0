/** Reads protobuf messages field by field (protobuf.dev/programming-guides/encoding). */
import { Malformed } from './malformed.ts'
import { ValueCount } from './value-limit.ts'
import { plural } from '../formats/plural.ts'

/**
 * A cursor over one message. Loop over `next()`, compare `field` with numbers, and call the reader for its type; a
 * field that isn't read is skipped. Every method throws `Malformed` where the bytes end early.
 */
export class WireReader {
  readonly #bytes: Buffer
  readonly #messages: ValueCount
  #at = 0
  #type = 0
  #pending = false
  /** The number of the current field. */
  field = 0

  constructor(bytes: Buffer, messages = new ValueCount()) {
    this.#bytes = bytes
    this.#messages = messages
  }

  /** Moves to the next field; false at the end. */
  next(): boolean {
    if (this.#pending) this.#skip()
    if (this.#at >= this.#bytes.length) return false
    const tag = this.#varint()
    this.field = Math.floor(tag / 8)
    this.#type = tag % 8
    this.#pending = true
    return true
  }

  /** The contents of a string, bytes or message field; empty for any other type. */
  bytes(): Buffer {
    if (this.#type !== 2) return NOTHING
    this.#pending = false
    const length = this.#varint()
    const start = this.#at
    this.#forward(length)
    return this.#bytes.subarray(start, this.#at)
  }

  text(): string {
    return this.bytes().toString()
  }

  /** A reader of a message in this one. Throws `Malformed` for one too many, those in other messages included. */
  message(): WireReader {
    this.#messages.add()
    return new WireReader(this.bytes(), this.#messages)
  }

  /** An int32 or int64, precise up to 2^53; 0 for any other type. */
  integer(): number {
    if (this.#type !== 0) return 0
    this.#pending = false
    const start = this.#at
    const value = this.#varint()
    // Only negative numbers take all ten bytes.
    return this.#at - start < 10 ? value : Number(BigInt.asIntN(64, this.#exact(start)))
  }

  /** An unsigned integer of any length, precise; 0n for any other type. */
  unsigned(): bigint {
    const at = this.#at
    switch (this.#type) {
      case 0:
        this.#pending = false
        this.#varint()
        return BigInt.asUintN(64, this.#exact(at))
      case 1:
        this.#skip()
        return this.#bytes.readBigUInt64LE(at)
      case 5:
        this.#skip()
        return BigInt(this.#bytes.readUInt32LE(at))
      default:
        return 0n
    }
  }

  /** 0 for any other type. */
  double(): number {
    const at = this.#at
    if (this.#type !== 1) return 0
    this.#skip()
    return this.#bytes.readDoubleLE(at)
  }

  #skip(): void {
    switch (this.#type) {
      case 0:
        this.#varint()
        break
      case 1:
        this.#forward(8)
        break
      case 2:
        this.#forward(this.#varint())
        break
      case 5:
        this.#forward(4)
        break
      default:
        throw new Malformed(`expected a field of wire type 0, 1, 2 or 5, found ${this.#type}`)
    }
    this.#pending = false
  }

  #forward(length: number): void {
    const left = this.#bytes.length - this.#at
    if (length > left) throw new Malformed(`expected ${plural(length, 'byte')}, found the end after ${left}`)
    this.#at += length
  }

  // varint = { byte with the high bit set }, byte without; seven bits each, lowest first
  #varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new Malformed('expected the rest of a number, found the end')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    throw new Malformed('expected a number of at most ten bytes, found a longer one')
  }

  #exact(start: number): bigint {
    let value = 0n
    for (let at = this.#at - 1; at >= start; at--) value = (value << 7n) | BigInt(this.#bytes[at]! & 0x7f)
    return value
  }
}

const NOTHING = Buffer.alloc(0)
