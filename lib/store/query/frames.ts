/**
 * Frames of WebSockets (RFC 6455, section 5.2):
 *
 *   byte 0   FIN (1 bit), reserved (3), opcode (4)
 *   byte 1   MASK (1 bit), length (7): up to 125, or 126: two bytes of length follow, or 127: eight bytes
 *   then     the mask, four bytes, in frames of clients only; then the payload, each byte XOR mask[i mod 4]
 */

export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** Clients have little to say to a server that only tells; more than this is a mistake. */
const MAX_PAYLOAD = 64 * 1024

/** A whole message of a server. */
export function writeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  let head: Buffer
  if (length < 126) head = Buffer.from([0x80 | opcode, length])
  else if (length < 65_536) {
    head = Buffer.from([0x80 | opcode, 126, 0, 0])
    head.writeUInt16BE(length, 2)
  } else {
    head = Buffer.alloc(10)
    head[0] = 0x80 | opcode
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, payload])
}

/** Cuts what a client sends into frames. */
export class FrameReader {
  #rest = Buffer.alloc(0)

  /** The frames that are complete now; `undefined` for what no client may send. */
  read(chunk: Buffer): Frame[] | undefined {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    for (;;) {
      const frame = this.#next()
      if (frame === 'wrong') return undefined
      if (frame === 'short') return frames
      frames.push(frame)
    }
  }

  #next(): Frame | 'short' | 'wrong' {
    const bytes = this.#rest
    if (bytes.length < 2) return 'short'
    const opcode = bytes[0]! & 0x0f
    const isControl = opcode >= 8
    const short = bytes[1]! & 0x7f
    const isMasked = bytes[1]! >= 0x80
    // Control frames are short and whole (section 5.5).
    if (!isMasked || (bytes[0]! & 0x70) !== 0 || (isControl && (short > 125 || bytes[0]! < 0x80)))
      return 'wrong'
    const extra = short === 127 ? 8 : short === 126 ? 2 : 0
    const start = 2 + extra + 4
    if (bytes.length < start) return 'short'
    const length =
      extra === 8 ? Number(bytes.readBigUInt64BE(2)) : extra === 2 ? bytes.readUInt16BE(2) : short
    if (length > MAX_PAYLOAD) return 'wrong'
    if (bytes.length < start + length) return 'short'
    const payload = Buffer.from(bytes.subarray(start, start + length))
    for (let i = 0; i < length; i++) payload[i]! ^= bytes[start - 4 + (i % 4)]!
    this.#rest = bytes.subarray(start + length)
    return { opcode, payload }
  }
}
