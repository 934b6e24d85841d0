/** Fetches from one broker. Batches come back as they are, compressed: see record-batch.ts. */
import { KafkaError, type KafkaClient } from './client.ts'
import type { Address } from './settings.ts'

/** Where to read on in a partition. */
export interface FetchFrom {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface Fetched {
  readonly topic: string
  readonly partition: number
  /** Kafka's name of an error, '' where there was none. */
  readonly error: string
  /** The end of the partition, for the lag. */
  readonly highWatermark: number
  readonly bytes: Buffer
}

/** One long poll: the broker answers when there is something, or after this time. */
const WAIT_MS = 500
const ANSWER_MS = 30_000
const MIB = 1024 * 1024
/** The broker keeps to both, but for a first batch that is larger. */
const MAX_BYTES = 8 * MIB
const MAX_PARTITION_BYTES = MIB
/** The newest version that names topics by name; Kafka 2.7 to 4.x have it. */
const FETCH_KEY = 1
const FETCH_VERSION = 12
/** As Alloy's client: what a transaction has aborted is read too. */
const READ_UNCOMMITTED = 0
const NOTHING = Buffer.alloc(0)

/** What of the package's reader is needed. */
interface Reader {
  position: number
  readonly buffer: { slice(from: number, to: number): Buffer }
  readInt16(): number
  readInt32(): number
  readInt64(): bigint
  readString(): string
  readUnsignedVarInt(): number
  readArray<T>(read: (reader: Reader) => T): T[]
  skip(bytes: number): unknown
}

export type Fetch = (from: Address, what: readonly FetchFrom[]) => Promise<Fetched[]>

/** Makes the function that fetches. It rejects with `KafkaError`. */
export function fetcher(client: KafkaClient): Fetch {
  const { createAPI, fetchV12, protocolErrorsCodesById: names } = client.kafka
  const nameOf = (code: number): string =>
    code === 0 ? '' : ((names as Readonly<Record<number, string>>)[code] ?? `error ${code}`)
  // The package's own answer is unpacked as a whole, without a limit.
  const parse = (reader: Reader): Fetched[] => {
    reader.readInt32()
    const error = nameOf(reader.readInt16())
    if (error !== '') throw new KafkaError(`fetch: ${error}`, { codes: [error] })
    reader.readInt32()
    return reader.readArray((r) => topicOf(r, nameOf)).flat()
  }
  const api = createAPI<unknown[], Fetched[]>(
    FETCH_KEY,
    FETCH_VERSION,
    fetchV12.createRequest,
    (_id, _key, _version, reader) => parse(reader as unknown as Reader),
  )
  return async (from, what) =>
    await client.send<Fetched[]>(from, 'fetch', ANSWER_MS, () => api as never, [
      WAIT_MS,
      1,
      MAX_BYTES,
      READ_UNCOMMITTED,
      0,
      -1,
      requested(what),
      [],
      '',
    ])
}

function topicOf(reader: Reader, nameOf: (code: number) => string): Fetched[] {
  const topic = reader.readString()
  return reader.readArray((r) => {
    const partition = r.readInt32()
    const error = nameOf(r.readInt16())
    const highWatermark = Number(r.readInt64())
    // The last stable and the first offset.
    r.skip(16)
    // Aborted transactions.
    r.readArray((aborted) => aborted.skip(16))
    // A replica to read from instead, of those that no rack was named for.
    r.skip(4)
    const size = Math.max(0, r.readUnsignedVarInt() - 1)
    const bytes = size === 0 ? NOTHING : r.buffer.slice(r.position, r.position + size)
    r.skip(size)
    return { topic, partition, error, highWatermark, bytes }
  })
}

function requested(what: readonly FetchFrom[]): unknown[] {
  const topics = new Map<string, unknown[]>()
  for (const { topic, partition, offset } of what) {
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    partitions.push({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: MAX_PARTITION_BYTES,
    })
  }
  // The package calls a topic's name its id here.
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }))
}
