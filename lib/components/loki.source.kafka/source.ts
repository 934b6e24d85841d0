/**
 * What `loki.source.kafka` and `loki.source.azure_event_hubs` share: a member of a consumer group that hands on messages
 * as entries, and commits an offset once everything before it has been acknowledged.
 */
import type { Component, ComponentContext, Health } from '../../component/component.ts'
import { messageOf } from '../../errors.ts'
import { keepAlive } from '../../flow/keep-alive.ts'
import { Intake } from '../../intake/intake.ts'
import type { Assignor } from '../../net/kafka/assignors.ts'
import { KafkaClient } from '../../net/kafka/client.ts'
import { Cluster } from '../../net/kafka/cluster.ts'
import { unpacker } from '../../net/kafka/decompress.ts'
import { fetcher } from '../../net/kafka/fetch.ts'
import { Coordinator, type Session } from '../../net/kafka/group-calls.ts'
import { placeName, type TopicPartition } from '../../net/kafka/places.ts'
import { Membership, type MembershipListener } from '../../net/kafka/membership.ts'
import { loadKafka } from '../../net/kafka/package.ts'
import type { BatchTools } from '../../net/kafka/record-batch.ts'
import type { KafkaSettings } from '../../net/kafka/settings.ts'
import { Claim } from './claim.ts'
import { Commits } from './commits.ts'
import { FetchLoop } from './fetch-loop.ts'
import type { EntryMaker } from './message-entries.ts'
import { SourceMetrics } from './metrics.ts'
import type { Topics } from './topics.ts'

export interface KafkaSourceOptions {
  readonly settings: KafkaSettings
  readonly topics: Topics
  readonly group: string
  readonly assignor: Assignor
  readonly entries: EntryMaker
  readonly maxLineBytes: number
}

/** How long a rebalance waits for what is in flight; Kafka gives members a minute. */
const DRAIN_MS = 30_000
const RETRY_MS = 1000

/** What there is from `start` on. */
interface Running {
  readonly client: KafkaClient
  readonly cluster: Cluster
  readonly coordinator: Coordinator
  readonly membership: Membership
  readonly commits: Commits
  readonly loop: FetchLoop
  readonly tools: BatchTools
  readonly release: () => void
}

export function kafkaSource(options: KafkaSourceOptions, ctx: ComponentContext): Component {
  const source = new KafkaSource(options, ctx)
  return {
    output: source.output,
    start: () => source.start(),
    stop: () => source.stop(),
    close: () => source.close(),
    health: () => source.health(),
    status: () => source.status(),
  }
}

class KafkaSource implements MembershipListener {
  readonly #options: KafkaSourceOptions
  readonly #ctx: ComponentContext
  readonly #intake: Intake
  readonly #metrics: SourceMetrics
  readonly #claims = new Map<string, Claim>()
  /** How many partitions each topic had when it was looked last. */
  #known: ReadonlyMap<string, number> | undefined
  #running: Running | undefined
  #stopping = false
  #problem = ''

  constructor(options: KafkaSourceOptions, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
    this.#intake = new Intake(ctx, options.maxLineBytes)
    this.#metrics = new SourceMetrics(ctx.metrics, () => this.#claims.values())
  }

  get output(): Intake['output'] {
    return this.#intake.output
  }

  async start(): Promise<void> {
    const { settings, group, assignor } = this.#options
    const { clock, log } = this.#ctx
    const kafka = await loadKafka()
    const client = new KafkaClient(kafka, settings)
    const cluster = new Cluster(client)
    const coordinator = new Coordinator(client, cluster, { group, assignor })
    const membership = new Membership({
      calls: coordinator,
      listener: this,
      clock,
      log,
      sticky: assignor === 'sticky',
    })
    const claims = (): Iterable<Claim> => this.#claims.values()
    const commits = new Commits({ calls: coordinator, claims, session: () => membership.session, clock, log })
    const loop = new FetchLoop({
      fetch: fetcher(client),
      cluster,
      claims,
      onOutOfRange: (claim) => this.#moveToStart(claim),
      clock,
      log,
    })
    const tools = {
      crc32c: (bytes: Buffer): number => kafka.crc32c(bytes),
      decompress: unpacker(kafka.compressionsAlgorithms),
    }
    this.#running = {
      client,
      cluster,
      coordinator,
      membership,
      commits,
      loop,
      tools,
      release: keepAlive(),
    }
    membership.start()
    loop.start()
  }

  /** Reads nothing more, and stays in the group to commit what is in flight. */
  stop(): void {
    this.#stopping = true
    this.#running?.loop.stop()
    for (const claim of this.#claims.values()) claim.pause()
    this.#running?.membership.retire()
    this.#intake.stop()
    this.#intake.end()
  }

  async close(): Promise<void> {
    if (!this.#stopping) this.stop()
    if (this.#running === undefined) return
    const { client, commits, membership, release } = this.#running
    this.#running = undefined
    await commits.flush()
    this.lost()
    await membership.leave()
    await client.close()
    release()
  }

  health(): Health {
    const { membership, loop } = this.#running ?? {}
    const problem = membership?.problem || loop?.problem || this.#problem
    return problem ? { state: 'unhealthy', message: problem } : { state: 'healthy', message: '' }
  }

  status(): unknown {
    return {
      generation: this.#running?.membership.session?.generation,
      partitions: [...this.#claims.values()].map((claim) => ({
        topic: claim.topic,
        partition: claim.partition,
        read_offset: claim.next,
        acknowledged_offset: claim.position,
        lag: claim.lag,
      })),
    }
  }

  async topics(): Promise<readonly string[]> {
    return [...(await this.#options.topics.find(this.#running!.cluster)).keys()].sort()
  }

  async outdated({ assignment }: Session): Promise<boolean> {
    const found = await this.#options.topics.find(this.#running!.cluster)
    const known = this.#known
    this.#known = new Map([...found].map(([topic, leaders]) => [topic, leaders.length]))
    if (known === undefined) return [...assignment.keys()].some((topic) => !found.has(topic))
    return known.size !== found.size || [...found].some(([topic, { length }]) => known.get(topic) !== length)
  }

  async assigned(session: Session, next: boolean): Promise<void> {
    const places = [...session.assignment].flatMap(([topic, partitions]) =>
      partitions.map((partition): TopicPartition => ({ topic, partition })),
    )
    const wanted = new Map(places.map((place) => [placeName(place), place]))
    for (const [name, claim] of this.#claims) {
      // No other member had it in between, so what is in flight stays this member's, and isn't read again.
      if (next && wanted.delete(name)) {
        if (!this.#stopping) claim.resume()
      } else {
        claim.fence()
        this.#claims.delete(name)
      }
    }
    this.#running?.commits.moved()
    if (wanted.size > 0 && !this.#stopping) void this.#open(session, [...wanted.values()])
  }

  async revoking(session: Session): Promise<void> {
    const claims = [...this.#claims.values()]
    for (const claim of claims) claim.pause()
    let timer = { cancel: (): void => {} }
    const late = new Promise<void>((resolve) => {
      timer = this.#ctx.clock.after(DRAIN_MS, resolve)
    })
    await Promise.race([Promise.all(claims.map((claim) => claim.settled())), late])
    timer.cancel()
    await this.#running?.commits.flush()
    this.#ctx.log.debug('handed in what was in flight', { generation: session.generation })
  }

  lost(): void {
    for (const claim of this.#claims.values()) claim.fence()
    this.#claims.clear()
  }

  /** Begins with new partitions, where the group has come to. Tries until that is known, or the session is over. */
  async #open(session: Session, places: readonly TopicPartition[]): Promise<void> {
    const running = this.#running
    while (running !== undefined && !this.#stopping && running.membership.session === session) {
      try {
        const offsets = await startOffsets(running, places)
        if (running.membership.session !== session || this.#stopping) return
        for (const place of places)
          this.#claims.set(placeName(place), this.#claim(running, session, place, offsets))
        this.#problem = ''
        running.loop.poke()
        return
      } catch (error) {
        this.#problem = `the group's offsets cannot be read: ${messageOf(error)}`
        this.#ctx.log.warn("the group's offsets cannot be read", { error: messageOf(error) })
        await new Promise<void>((resolve) => {
          this.#ctx.clock.after(RETRY_MS, resolve)
        })
      }
    }
  }

  #claim(
    { commits, loop, tools }: Running,
    { memberId }: Session,
    place: TopicPartition,
    offsets: ReadonlyMap<string, number>,
  ): Claim {
    return new Claim({
      ...place,
      offset: offsets.get(placeName(place))!,
      intake: this.#intake,
      entriesOf: this.#options.entries(place, memberId),
      tools,
      onAdvance: () => commits.moved(),
      onReady: () => loop.poke(),
      onRefused: ({ topic, partition, next }, messages, { fault, message }) => {
        this.#metrics.refused(fault, messages)
        this.#ctx.log.error('a batch of messages is skipped', {
          topic,
          partition,
          offset: next,
          messages,
          reason: message,
        })
      },
    })
  }

  /** Kafka has deleted what was to be read next: that can't be mended, but it must not be silent. */
  async #moveToStart(claim: Claim): Promise<void> {
    if (this.#running === undefined) return
    const name = placeName(claim)
    const first = (await this.#running.cluster.firstOffsets([claim])).get(name)!
    const missed = Math.max(0, first - claim.next)
    this.#metrics.missed(missed)
    this.#ctx.log.error('Kafka no longer has the messages at the offset: reading on at the first it has', {
      topic: claim.topic,
      partition: claim.partition,
      offset: claim.next,
      first,
      missed,
    })
    claim.moveTo(first)
  }
}

/** Where the group has come to, and the beginning of partitions that are new to it. */
async function startOffsets(
  { coordinator, cluster }: Running,
  places: readonly TopicPartition[],
): Promise<ReadonlyMap<string, number>> {
  const committed = await coordinator.committed(places)
  const fresh = places.filter((place) => (committed.get(placeName(place)) ?? -1) < 0)
  return fresh.length === 0 ? committed : new Map([...committed, ...(await cluster.firstOffsets(fresh))])
}
