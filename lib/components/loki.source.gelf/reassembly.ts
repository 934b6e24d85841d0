/** Puts messages together that came in chunks, within bounds of time and memory. */

/** GELF: all chunks must come within 5 s, and there are at most 128. */
const WITHIN_MS = 5000
const MAX_CHUNKS = 128

/** Bytes of unfinished messages, overhead included; the oldest is given up for a newer one. */
const MAX_HELD_BYTES = 16 * 1024 * 1024

/** What an unfinished message, and each of its chunks, costs beyond the bytes. */
const MESSAGE_BYTES = 500
const CHUNK_BYTES = 150

// chunk = 0x1e 0x0f, message id (8 bytes), sequence number, sequence count, data
const HEADER_BYTES = 12

export type ChunkFault =
  /** It has no data, or its number isn't one of so many. */
  | 'bad_chunk'
  /** The message has not come as a whole within 5 s. */
  | 'incomplete'
  /** The message was given up for newer ones. */
  | 'no_room'

interface Unfinished {
  readonly chunks: (Buffer | undefined)[]
  /** When it is given up, in milliseconds. */
  readonly until: number
  missing: number
  bytes: number
}

export function isChunk(datagram: Buffer): boolean {
  return datagram[0] === 0x1e && datagram[1] === 0x0f
}

export class Reassembly {
  /** By sender and id, oldest first. */
  readonly #unfinished = new Map<string, Unfinished>()
  readonly #onFault: (fault: ChunkFault, ip: string) => void
  #bytes = 0

  /** `onFault` is called once for each message or chunk that comes to nothing. */
  constructor(onFault: (fault: ChunkFault, ip: string) => void) {
    this.#onFault = onFault
  }

  /** When the oldest message is given up; `undefined` without any. */
  get dueAt(): number | undefined {
    for (const { until } of this.#unfinished.values()) return until
    return undefined
  }

  /** The whole message, if `datagram` is the last chunk that was missing. Chunks that come twice count once. */
  add(datagram: Buffer, ip: string, now: number): Buffer | undefined {
    const count = datagram[11] ?? 0
    const number = datagram[10] ?? 0
    if (datagram.length <= HEADER_BYTES || count > MAX_CHUNKS || number >= count) {
      this.#onFault('bad_chunk', ip)
      return undefined
    }
    this.expire(now)
    const key = `${ip} ${datagram.toString('latin1', 2, 10)}`
    const message = this.#unfinished.get(key) ?? this.#begin(key, count, now)
    if (message.chunks.length !== count) {
      this.#onFault('bad_chunk', ip)
      return undefined
    }
    if (message.chunks[number] !== undefined) return undefined
    // A copy: the datagram's buffer may be a slice of a larger one.
    const data = Buffer.from(datagram.subarray(HEADER_BYTES))
    message.chunks[number] = data
    message.missing--
    this.#hold(message, data.length + CHUNK_BYTES)
    if (message.missing > 0) {
      this.#makeRoom(key)
      return undefined
    }
    this.#forget(key, message)
    return Buffer.concat(message.chunks as Buffer[])
  }

  /** Gives up what is too old. */
  expire(now: number): void {
    for (const [key, message] of this.#unfinished) {
      if (message.until > now) return
      this.#giveUp(key, message, 'incomplete')
    }
  }

  /** Nothing more comes: what is unfinished is given up. */
  end(): void {
    for (const [key, message] of this.#unfinished) this.#giveUp(key, message, 'incomplete')
  }

  #begin(key: string, count: number, now: number): Unfinished {
    const message: Unfinished = {
      chunks: Array.from({ length: count }, () => undefined),
      until: now + WITHIN_MS,
      missing: count,
      bytes: 0,
    }
    this.#unfinished.set(key, message)
    this.#hold(message, MESSAGE_BYTES + count * 8)
    return message
  }

  #hold(message: Unfinished, bytes: number): void {
    message.bytes += bytes
    this.#bytes += bytes
  }

  // The newest message stays, however large; 128 datagrams have at most 8 MiB.
  #makeRoom(newest: string): void {
    for (const [key, message] of this.#unfinished) {
      if (this.#bytes <= MAX_HELD_BYTES || key === newest) return
      this.#giveUp(key, message, 'no_room')
    }
  }

  #giveUp(key: string, message: Unfinished, fault: ChunkFault): void {
    this.#forget(key, message)
    this.#onFault(fault, key.slice(0, key.indexOf(' ')))
  }

  #forget(key: string, message: Unfinished): void {
    this.#unfinished.delete(key)
    this.#bytes -= message.bytes
  }
}
