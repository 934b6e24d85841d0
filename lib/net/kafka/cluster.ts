/** What is where in a Kafka cluster: topics, the leaders of their partitions, and the coordinator of a group. */
import { KafkaError, type KafkaClient } from './client.ts'
import { placeName, type TopicPartition } from './places.ts'
import type { Address } from './settings.ts'

interface MetadataAnswer {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[]
  readonly topics: readonly {
    readonly errorCode: number
    readonly name: string | null
    readonly isInternal: boolean
    readonly partitions: readonly { readonly partitionIndex: number; readonly leaderId: number }[]
  }[]
}

/** The node that leads each partition of a topic, by the partition's number; -1 where none does at the moment. */
export type Leaders = readonly number[]

interface OffsetsAnswer {
  readonly topics: readonly { readonly partitions: readonly { readonly offset: bigint }[] }[]
}

// Of Kafka's protocol.
const GROUP = 0
const CONSUMER = -1
const READ_UNCOMMITTED = 0
const EARLIEST = -2n

export class Cluster {
  readonly #client: KafkaClient
  #nodes = new Map<number, Address>()

  constructor(client: KafkaClient) {
    this.#client = client
  }

  /** Returns the address of a node that an answer named; `undefined` when the cluster no longer has it. */
  node(id: number): Address | undefined {
    return this.#nodes.get(id)
  }

  /** Returns one of the cluster's nodes. */
  anyNode(): Address {
    for (const address of this.#nodes.values()) return address
    return this.#client.settings.brokers[0]!
  }

  /**
   * Returns the topics of those names that exist, or all of them, without Kafka's own. Rejects with `KafkaError` when no
   * broker answers, or one refuses the topics to this user.
   */
  async topics(names?: readonly string[]): Promise<ReadonlyMap<string, Leaders>> {
    const answer = await this.#metadata(names ?? null)
    this.#nodes = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    const found = new Map<string, Leaders>()
    for (const { errorCode, name, isInternal, partitions } of answer.topics) {
      if (errorCode !== 0 || name === null || (isInternal && names === undefined)) continue
      const leaders: number[] = partitions.map(() => -1)
      for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId
      found.set(name, leaders)
    }
    return found
  }

  /** Rejects with `KafkaError`. */
  async coordinator(group: string): Promise<Address> {
    const { coordinators } = await this.#ask<{
      readonly coordinators: readonly (Address & { readonly nodeId: number })[]
    }>('FindCoordinator', [GROUP, [group]])
    const [found] = coordinators
    if (found === undefined) throw new KafkaError('no coordinator for the group', {})
    return { host: found.host, port: found.port }
  }

  /** The first offset that Kafka still has, by `topic/partition`. Rejects with `KafkaError`. */
  async firstOffsets(places: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>> {
    const topics = await this.topics([...new Set(places.map(({ topic }) => topic))])
    const found = new Map<string, number>()
    for (const place of places) {
      const leader = this.node(topics.get(place.topic)?.[place.partition] ?? -1)
      if (leader === undefined) throw new KafkaError(`${placeName(place)} has no leader at the moment`, {})
      found.set(placeName(place), await this.#firstOffset(leader, place))
    }
    return found
  }

  async #firstOffset(leader: Address, { topic, partition }: TopicPartition): Promise<number> {
    const where = [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: EARLIEST }]
    const answer = await this.#client.call<OffsetsAnswer>('ListOffsets', leader, [
      CONSUMER,
      READ_UNCOMMITTED,
      [{ name: topic, partitions: where }],
    ])
    return Number(answer.topics[0]?.partitions[0]?.offset ?? 0n)
  }

  async #metadata(names: readonly string[] | null): Promise<MetadataAnswer> {
    try {
      return await this.#ask<MetadataAnswer>('Metadata', [names, false, false])
    } catch (error) {
      // A topic that doesn't exist yet, or whose leader is being elected, says nothing against the others.
      if (
        error instanceof KafkaError &&
        error.response !== undefined &&
        !error.is('TOPIC_AUTHORIZATION_FAILED')
      )
        return error.response as MetadataAnswer
      throw error
    }
  }

  /** Asks one broker after the other, those of the config last: they may be old. */
  async #ask<R>(name: 'FindCoordinator' | 'Metadata', args: readonly unknown[]): Promise<R> {
    let failure: unknown
    for (const address of [...this.#nodes.values(), ...this.#client.settings.brokers]) {
      try {
        return await this.#client.call<R>(name, address, args)
      } catch (error) {
        failure = error
        if (error instanceof KafkaError && error.response !== undefined) throw error
      }
    }
    throw failure
  }
}
