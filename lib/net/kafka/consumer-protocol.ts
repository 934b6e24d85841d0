/**
 * What members of a consumer group tell each other through the coordinator, which doesn't read it: subscriptions and
 * assignments (ConsumerProtocolSubscription.json and ConsumerProtocolAssignment.json of Kafka's sources, version 0).
 */

/** The partitions of some topics. */
export type Assignment = ReadonlyMap<string, readonly number[]>

export interface Subscription {
  readonly topics: readonly string[]
  /** What the member had until now; only the sticky assignor says it. */
  readonly owned: Assignment
}

const VERSION = 0
const NOTHING = Buffer.alloc(0)

export function encodeSubscription({ topics, owned }: Subscription): Buffer {
  const userData = owned.size === 0 ? NOTHING : Buffer.concat([topicPartitions(owned), int32(0)])
  return Buffer.concat([int16(VERSION), int32(topics.length), ...topics.map(string), bytes(userData)])
}

export function encodeAssignment(assignment: Assignment): Buffer {
  return Buffer.concat([int16(VERSION), topicPartitions(assignment), bytes(NOTHING)])
}

/** Throws `RangeError` for bytes that end too soon. */
export function decodeSubscription(encoded: Buffer): Subscription {
  const reader = new Reader(encoded)
  reader.int16()
  const topics = reader.list(() => reader.string())
  return { topics, owned: ownedIn(reader.bytes()) }
}

/** Throws `RangeError` for bytes that end too soon. A coordinator sends none at all to a member without partitions. */
export function decodeAssignment(encoded: Buffer): Assignment {
  if (encoded.length === 0) return new Map()
  const reader = new Reader(encoded)
  reader.int16()
  return reader.topicPartitions()
}

// Each assignor may put there what it likes.
function ownedIn(userData: Buffer): Assignment {
  try {
    return userData.length === 0 ? new Map<string, number[]>() : new Reader(userData).topicPartitions()
  } catch {
    return new Map()
  }
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

function string(value: string): Buffer {
  const text = Buffer.from(value)
  return Buffer.concat([int16(text.length), text])
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([int32(value.length), value])
}

function topicPartitions(assignment: Assignment): Buffer {
  const parts = [int32(assignment.size)]
  for (const [topic, partitions] of assignment)
    parts.push(string(topic), int32(partitions.length), ...partitions.map(int32))
  return Buffer.concat(parts)
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(encoded: Buffer) {
    this.#bytes = encoded
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  string(): string {
    return this.#take(this.int16()).toString('utf8')
  }

  bytes(): Buffer {
    return this.#at >= this.#bytes.length ? NOTHING : this.#take(this.int32())
  }

  list<T>(read: () => T): T[] {
    const count = this.int32()
    // Each item takes two bytes at least.
    if (count > this.#bytes.length) throw new RangeError('a list is longer than what holds it')
    return Array.from({ length: Math.max(0, count) }, read)
  }

  topicPartitions(): Map<string, number[]> {
    return new Map(this.list((): [string, number[]] => [this.string(), this.list(() => this.int32())]))
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new RangeError('it ends too soon')
    const taken = this.#bytes.subarray(this.#at, this.#at + Math.max(0, length))
    this.#at += taken.length
    return taken
  }
}
