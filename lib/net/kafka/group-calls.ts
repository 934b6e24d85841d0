/** The calls of a consumer group's member, for one coordinator at a time. */
import { assign, type Assignor, type GroupMember } from './assignors.ts'
import { KafkaError, type ApiName, type KafkaClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Assignment,
  type Subscription,
} from './consumer-protocol.ts'
import { placeName, type Offset, type TopicPartition } from './places.ts'
import type { Address } from './settings.ts'

/** A membership between two rebalances. What is committed for it counts only until the next one. */
export interface Session {
  readonly memberId: string
  readonly generation: number
  readonly assignment: Assignment
}

/** What a member does towards the coordinator; every call rejects with `KafkaError`. */
export interface GroupCalls {
  /**
   * Joins, or joins again under the id of the last time ('': the first time), and resolves once all members have and
   * the partitions are shared out.
   */
  join(memberId: string, subscription: Subscription): Promise<Session>
  heartbeat(session: Session): Promise<void>
  leave(memberId: string): Promise<void>
  commit(session: Session, offsets: readonly Offset[]): Promise<void>
  /** The offsets that the group has committed, by `topic/partition`; -1 where it hasn't. */
  committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>>
}

export interface GroupOptions {
  readonly group: string
  readonly assignor: Assignor
}

/** Members that aren't heard of for so long are out. Kafka's own clients have 45 s, Alloy's 10. */
export const SESSION_MS = 30_000
/** How long the others wait for a member that has to hand in what it holds. */
const REBALANCE_MS = 60_000
const PROTOCOL = 'consumer'
/** These say that the group has moved to another coordinator, or is about to. */
const MOVED = ['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS'] as const

interface Joined {
  readonly generationId: number
  readonly memberId: string
  readonly protocolName: string
  readonly leader: string
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer | null }[]
}

interface OffsetFetchAnswer {
  readonly groups: readonly {
    readonly topics: readonly {
      readonly name: string
      readonly partitions: readonly { readonly partitionIndex: number; readonly committedOffset: bigint }[]
    }[]
  }[]
}

export class Coordinator implements GroupCalls {
  readonly #client: KafkaClient
  readonly #cluster: Cluster
  readonly #options: GroupOptions
  #address: Address | undefined

  constructor(client: KafkaClient, cluster: Cluster, options: GroupOptions) {
    this.#client = client
    this.#cluster = cluster
    this.#options = options
  }

  async join(memberId: string, subscription: Subscription): Promise<Session> {
    const { group, assignor } = this.#options
    const protocols = [{ name: assignor, metadata: encodeSubscription(subscription) }]
    const args = [group, SESSION_MS, REBALANCE_MS, memberId, null, PROTOCOL, protocols, null]
    let joined: Joined
    try {
      joined = await this.#call<Joined>('JoinGroup', args, REBALANCE_MS + 15_000)
    } catch (error) {
      // The coordinator gives out an id first, so that members that never come back are not waited for.
      const id = (error as KafkaError).response as { readonly memberId?: string } | undefined
      if (!(error instanceof KafkaError) || !error.is('MEMBER_ID_REQUIRED') || id?.memberId === undefined)
        throw error
      return await this.join(id.memberId, subscription)
    }
    const shares = joined.leader === joined.memberId ? await this.#shareOut(joined) : []
    const { assignment } = await this.#call<{ readonly assignment: Buffer }>('SyncGroup', [
      group,
      joined.generationId,
      joined.memberId,
      null,
      PROTOCOL,
      joined.protocolName,
      shares,
    ])
    return {
      memberId: joined.memberId,
      generation: joined.generationId,
      assignment: decodeAssignment(assignment),
    }
  }

  async heartbeat({ generation, memberId }: Session): Promise<void> {
    await this.#call('Heartbeat', [this.#options.group, generation, memberId, null], 10_000)
  }

  async leave(memberId: string): Promise<void> {
    // On another connection than the group's, where a join may be waiting.
    await this.#call('LeaveGroup', [this.#options.group, [{ memberId }]], 5000, 'other')
  }

  async commit({ generation, memberId }: Session, offsets: readonly Offset[]): Promise<void> {
    const topics = byTopic(offsets, ({ partition, offset }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: null,
    })).map(([name, partitions]) => ({ name, partitions }))
    await this.#call('OffsetCommit', [this.#options.group, generation, memberId, null, topics], 15_000)
  }

  async committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>> {
    const topics = byTopic(partitions, ({ partition }) => partition).map(([name, partitionIndexes]) => ({
      name,
      partitionIndexes,
    }))
    // Stable: what a transaction is about to commit is waited for.
    const { groups } = await this.#call<OffsetFetchAnswer>('OffsetFetch', [
      [{ groupId: this.#options.group, memberId: null, memberEpoch: -1, topics }],
      true,
    ])
    const found = new Map<string, number>()
    for (const topic of groups[0]?.topics ?? [])
      for (const { partitionIndex, committedOffset } of topic.partitions)
        found.set(placeName({ topic: topic.name, partition: partitionIndex }), Number(committedOffset))
    return found
  }

  async #shareOut({ members, protocolName }: Joined): Promise<{ memberId: string; assignment: Buffer }[]> {
    const all = members.map(({ memberId, metadata }): GroupMember => ({
      id: memberId,
      ...decodeSubscription(metadata ?? Buffer.alloc(0)),
    }))
    const leaders = await this.#cluster.topics([...new Set(all.flatMap(({ topics }) => topics))])
    const counts = new Map([...leaders].map(([topic, partitions]) => [topic, partitions.length]))
    const shares = assign(protocolName as Assignor, all, counts)
    return [...shares].map(([memberId, assignment]) => ({
      memberId,
      assignment: encodeAssignment(assignment),
    }))
  }

  async #call<R>(
    name: ApiName,
    args: readonly unknown[],
    timeoutMs = 30_000,
    purpose: 'group' | 'other' = 'group',
  ): Promise<R> {
    this.#address ??= await this.#cluster.coordinator(this.#options.group)
    try {
      return await this.#client.call<R>(name, this.#address, args, { purpose, timeoutMs })
    } catch (error) {
      // No answer: it may be down, and the group elsewhere.
      if (!(error instanceof KafkaError) || error.codes.size === 0 || error.is(...MOVED))
        this.#address = undefined
      throw error
    }
  }
}

function byTopic<P extends TopicPartition, T>(places: readonly P[], of: (place: P) => T): [string, T[]][] {
  const topics = new Map<string, T[]>()
  for (const place of places) {
    const known = topics.get(place.topic)
    if (known === undefined) topics.set(place.topic, [of(place)])
    else known.push(of(place))
  }
  return [...topics]
}
