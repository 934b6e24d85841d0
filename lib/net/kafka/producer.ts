/**
 * An idempotent producer: Kafka drops what it has already, by producer id and sequence numbers. The package's own producer
 * isn't used: after a failure it gives the numbers of the lost batch to the next one, which Kafka may then take for the
 * same, and drop.
 */
import { KafkaError, type KafkaClient } from './client.ts'
import type { Cluster, Leaders } from './cluster.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

export interface Message {
  /** Messages of one key share one buffer: its partition is then computed once. */
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: ReadonlyMap<Buffer, Buffer>
  /** Milliseconds of Unix time. */
  readonly timestamp: number
  /** About how many bytes it takes in a batch. */
  readonly size: number
}

export interface ProducerOptions {
  readonly topic: string
  readonly compression: Compression
  /** Bytes of messages that go to a partition at once, uncompressed; a larger message goes alone. */
  readonly maxBatchBytes: number
}

/** A message with its place, as the package takes it. */
interface Placed {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: ReadonlyMap<Buffer, Buffer>
  readonly timestamp: bigint
}

/** A producer id and its numbers. One batch at a time: those of a partition must arrive in order. */
interface Lane {
  id: { readonly producerId: bigint; readonly producerEpoch: number } | undefined
  /** The next sequence number of each partition. */
  sequences: Map<number, number>
  busy: boolean
  /** A batch that may be in Kafka in part; when it comes again it has the same numbers. */
  doubt: { readonly id: Buffer; readonly partitions: number } | undefined
}

const ALL_REPLICAS = -1
const PRODUCE_MS = 30_000
const SEQUENCES = 2 ** 31
/** Kafka no longer knows the numbers that were used so far. */
const NUMBERS_LOST = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
] as const

export class Producer {
  readonly #client: KafkaClient
  readonly #cluster: Cluster
  readonly #options: ProducerOptions
  readonly #lanes: Lane[] = []

  constructor(client: KafkaClient, cluster: Cluster, options: ProducerOptions) {
    this.#client = client
    this.#cluster = cluster
    this.#options = options
  }

  /**
   * Resolves when all replicas in sync have the messages, those of one key in order. Rejects with `KafkaError`; parts may
   * be in Kafka then, and aren't stored twice when the messages are sent again under the same `id`.
   */
  async send(id: Buffer, messages: readonly Message[]): Promise<void> {
    const lane = this.#laneFor(id)
    lane.busy = true
    try {
      const leaders = await this.#leaders()
      if (lane.doubt !== undefined && !lane.doubt.id.equals(id)) restart(lane)
      lane.id ??= await this.#newId()
      const partitions = lane.doubt?.partitions ?? leaders.length
      lane.doubt = { id, partitions }
      lane.sequences = await this.#sendAll(lane, leaders, this.#rounds(messages, partitions))
      lane.doubt = undefined
    } catch (error) {
      if (error instanceof KafkaError && error.is(...NUMBERS_LOST)) restart(lane)
      throw error
    } finally {
      lane.busy = false
    }
  }

  /** The lane that has sent it before, or one that is free. */
  #laneFor(id: Buffer): Lane {
    const free = this.#lanes.filter(({ busy }) => !busy)
    const found =
      free.find(({ doubt }) => doubt?.id.equals(id) === true) ??
      free.find(({ doubt }) => doubt === undefined) ??
      free[0]
    if (found !== undefined) return found
    const lane = { id: undefined, sequences: new Map<number, number>(), busy: false, doubt: undefined }
    this.#lanes.push(lane)
    return lane
  }

  /** Messages by partition, in lists that each fit into one batch. The first of each go together, then the second. */
  #rounds(messages: readonly Message[], partitions: number): Map<number, Message[]>[] {
    const rounds: Map<number, Message[]>[] = []
    const open = new Map<number, { round: number; bytes: number }>()
    const places = new Map<Buffer, number>()
    for (const message of messages) {
      let partition = places.get(message.key)
      if (partition === undefined)
        places.set(
          message.key,
          (partition = partitionOf(this.#client.kafka.murmur2(message.key), partitions)),
        )
      let at = open.get(partition)
      if (at === undefined) open.set(partition, (at = { round: 0, bytes: 0 }))
      else if (at.bytes + message.size > this.#options.maxBatchBytes) {
        at.round++
        at.bytes = 0
      }
      at.bytes += message.size
      const round = (rounds[at.round] ??= new Map<number, Message[]>())
      const list = round.get(partition)
      if (list === undefined) round.set(partition, [message])
      else list.push(message)
    }
    return rounds
  }

  /** Returns the next sequence numbers. */
  async #sendAll(
    { id, sequences }: Lane,
    leaders: Leaders,
    rounds: readonly Map<number, Message[]>[],
  ): Promise<Map<number, number>> {
    const next = new Map(sequences)
    for (const round of rounds) {
      const byLeader = new Map<number, number[]>()
      for (const partition of round.keys()) {
        const leader = leaders[partition] ?? -1
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
      }
      const sent = await Promise.allSettled(
        [...byLeader].map(([leader, partitions]) => this.#produce(leader, partitions, round, next, id!)),
      )
      for (const result of sent) if (result.status === 'rejected') throw result.reason
      for (const [partition, list] of round)
        next.set(partition, ((next.get(partition) ?? 0) + list.length) % SEQUENCES)
    }
    return next
  }

  async #produce(
    leader: number,
    partitions: readonly number[],
    round: ReadonlyMap<number, readonly Message[]>,
    sequences: ReadonlyMap<number, number>,
    id: NonNullable<Lane['id']>,
  ): Promise<void> {
    const { topic, compression } = this.#options
    const address = this.#cluster.node(leader)
    if (address === undefined) throw new KafkaError(`a partition of ${topic} has no leader at the moment`, {})
    const numbers = new this.#client.kafka.NumericMap()
    const placed: Placed[] = []
    for (const partition of partitions) {
      numbers.set(`${topic}:${partition}`, sequences.get(partition) ?? 0)
      for (const { key, value, headers, timestamp } of round.get(partition)!)
        placed.push({ topic, partition, key, value, headers, timestamp: BigInt(timestamp) })
    }
    try {
      await this.#client.call(
        'Produce',
        address,
        [ALL_REPLICAS, PRODUCE_MS, placed, { compression, ...id, sequences: numbers }],
        { timeoutMs: PRODUCE_MS + 5000 },
      )
    } catch (error) {
      // Kafka has had it all along.
      if (
        error instanceof KafkaError &&
        [...error.codes].every((code) => code === 'DUPLICATE_SEQUENCE_NUMBER') &&
        error.codes.size > 0
      )
        return
      throw error
    }
  }

  async #leaders(): Promise<Leaders> {
    const { topic } = this.#options
    const leaders = (await this.#cluster.topics([topic])).get(topic)
    if (leaders === undefined || leaders.length === 0)
      throw new KafkaError(`the topic ${topic} does not exist: create it`, {
        codes: ['UNKNOWN_TOPIC_OR_PARTITION'],
      })
    return leaders
  }

  async #newId(): Promise<NonNullable<Lane['id']>> {
    const node = this.#cluster.anyNode()
    const { producerId, producerEpoch } = await this.#client.call<NonNullable<Lane['id']>>(
      'InitProducerId',
      node,
      [null, PRODUCE_MS, -1n, -1],
    )
    return { producerId, producerEpoch }
  }
}

function restart(lane: Lane): void {
  lane.id = undefined
  lane.sequences = new Map()
  lane.doubt = undefined
}

/** As Kafka's own clients do, so that a key is in one partition for all writers. */
function partitionOf(hash: number, partitions: number): number {
  return (hash & 0x7fffffff) % partitions
}
