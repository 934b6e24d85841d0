/** Fetches for all claims: one long poll at a time from each broker, about the partitions that have room. */
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import { Signal } from '../../flow/signal.ts'
import type { Cluster } from '../../net/kafka/cluster.ts'
import type { Fetch, Fetched } from '../../net/kafka/fetch.ts'
import { placeName } from '../../net/kafka/places.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Claim } from './claim.ts'

export interface FetchLoopOptions {
  readonly fetch: Fetch
  readonly cluster: Cluster
  readonly claims: () => Iterable<Claim>
  /** The messages at the claim's offset no longer exist. Resolves when it has been moved. */
  readonly onOutOfRange: (claim: Claim) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}

/** Between two looks for leaders that aren't known. */
const LOOK_MS = 500
/** These say that a partition is led by another node now, or by none for the moment. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'KAFKA_STORAGE_ERROR',
  'REPLICA_NOT_AVAILABLE',
])

export class FetchLoop {
  readonly #options: FetchLoopOptions
  readonly #wake = new Signal()
  readonly #busy = new Set<number>()
  #looking = false
  #stopped = false
  #problem = ''

  constructor(options: FetchLoopOptions) {
    this.#options = options
  }

  /** Why the brokers can't be read, '' when they can. */
  get problem(): string {
    return this.#problem
  }

  start(): void {
    void this.#run()
  }

  /** A claim has come, or has room. */
  poke(): void {
    this.#wake.notify()
  }

  stop(): void {
    this.#stopped = true
    this.#wake.notify()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const byLeader = new Map<number, Claim[]>()
      for (const claim of this.#options.claims()) {
        if (!claim.wants) continue
        const known = byLeader.get(claim.leader)
        if (known === undefined) byLeader.set(claim.leader, [claim])
        else known.push(claim)
      }
      for (const [leader, claims] of byLeader)
        if (leader < 0) void this.#findLeaders(claims)
        else if (!this.#busy.has(leader)) void this.#fetch(leader, claims)
      await this.#wake.next()
    }
  }

  async #findLeaders(claims: readonly Claim[]): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const { cluster, clock } = this.#options
    try {
      const topics = await cluster.topics([...new Set(claims.map(({ topic }) => topic))])
      for (const claim of claims) claim.leader = topics.get(claim.topic)?.[claim.partition] ?? -1
    } catch (error) {
      this.#report(error)
    }
    if (claims.some(({ leader }) => leader < 0)) await this.#pause(clock)
    this.#looking = false
    this.poke()
  }

  async #fetch(leader: number, claims: readonly Claim[]): Promise<void> {
    const { fetch, cluster, clock } = this.#options
    this.#busy.add(leader)
    try {
      const address = cluster.node(leader)
      if (address === undefined) throw new Error(`node ${leader} has left the cluster`)
      const from = claims.map((claim) => ({ claim, offset: claim.next }))
      const wanted = from.map(({ claim: { topic, partition }, offset }) => ({ topic, partition, offset }))
      const asked = new Map(from.map((each) => [placeName(each.claim), each]))
      for (const fetched of await fetch(address, wanted)) {
        const found = asked.get(placeName(fetched))
        // The claim may have been paused, resumed and moved on meanwhile.
        if (found !== undefined && found.claim.next === found.offset) await this.#take(found.claim, fetched)
      }
      if (this.#problem !== '') this.#options.log.info('Kafka can be read again')
      this.#problem = ''
    } catch (error) {
      this.#report(error)
      for (const claim of claims) claim.leader = -1
      await this.#pause(clock)
    }
    this.#busy.delete(leader)
    this.poke()
  }

  async #take(claim: Claim, { error, bytes, highWatermark }: Fetched): Promise<void> {
    if (error === '') {
      claim.highWatermark = highWatermark
      claim.take(bytes)
    } else if (error === 'OFFSET_OUT_OF_RANGE') await this.#options.onOutOfRange(claim)
    else if (ELSEWHERE.has(error)) claim.leader = -1
    else throw new Error(`${placeName(claim)}: ${error}`)
  }

  async #pause(clock: Clock): Promise<void> {
    await new Promise<void>((resolve) => {
      clock.after(LOOK_MS, resolve)
    })
  }

  #report(error: unknown): void {
    const problem = messageOf(error)
    if (problem !== this.#problem && !this.#stopped)
      this.#options.log.warn('messages cannot be fetched', { error: problem })
    this.#problem = problem
  }
}
