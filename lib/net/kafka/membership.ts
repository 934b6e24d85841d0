/**
 * A member of a consumer group: joins, keeps itself alive, and joins again at every rebalance. Before that it lets its
 * listener hand in what it has in flight. That is why the package's own consumer isn't used: it joins at once, and it
 * commits what it was asked to under its next membership, when the partition may be another's.
 */
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import { Signal } from '../../flow/signal.ts'
import type { Logger } from '../../telemetry/log.ts'
import { KafkaError } from './client.ts'
import type { Assignment } from './consumer-protocol.ts'
import { SESSION_MS, type GroupCalls, type Session } from './group-calls.ts'

export interface MembershipListener {
  /** The topics to ask for. */
  topics(): Promise<readonly string[]>
  /** The partitions of the session are this member's. `next`: the session follows that of before at once. */
  assigned(session: Session, next: boolean): Promise<void>
  /** The partitions are about to be shared out anew: resolves when what was read of them is committed, or time is up. */
  revoking(session: Session): Promise<void>
  /** The partitions are another's already: nothing of them may be committed. */
  lost(): void
  /** Whether other topics, or more partitions, are there to be read than the session has. */
  outdated(session: Session): Promise<boolean>
}

export interface MembershipOptions {
  readonly calls: GroupCalls
  readonly listener: MembershipListener
  readonly clock: Clock
  readonly log: Logger
  /** Whether the assignor wants to know what the member has. */
  readonly sticky: boolean
}

const HEARTBEAT_MS = 3000
/** As often as Alloy looks for topics (target_syncer.go). */
const TOPICS_MS = 30_000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 15_000
/** No generation follows this one. */
const LOST = -10
const NOTHING_OWNED: Assignment = new Map()

type Ended = 'rebalance' | 'lost' | 'stopped'

export class Membership {
  readonly #options: MembershipOptions
  readonly #wake = new Signal()
  #memberId = ''
  #generation = LOST
  #owned: Assignment = NOTHING_OWNED
  #session: Session | undefined
  #stopped = false
  #retiring = false
  #problem = ''

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** The present session; `undefined` before the first one, and from a rebalance until its end. */
  get session(): Session | undefined {
    return this.#session
  }

  /** Why this isn't a member, '' when it is. */
  get problem(): string {
    return this.#problem
  }

  start(): void {
    void this.#run()
  }

  /** Reads no more: it stays a member to commit what is in flight, until the next rebalance. */
  retire(): void {
    this.#retiring = true
    if (this.#session === undefined) this.#stopped = true
    this.#wake.notify()
  }

  /** Leaves the group, so that the others take over at once. */
  async leave(): Promise<void> {
    this.#stopped = true
    this.#wake.notify()
    const id = this.#memberId
    if (id === '') return
    try {
      await this.#options.calls.leave(id)
    } catch (error) {
      this.#options.log.debug('cannot leave the group: it will notice', { error: messageOf(error) })
    }
  }

  async #run(): Promise<void> {
    const { log, clock } = this.#options
    for (let failures = 0; !this.#stopped;) {
      try {
        if (!(await this.#join())) {
          this.#report('none of the topics exists')
          await this.#wake.nextWithin(HEARTBEAT_MS, clock)
          continue
        }
        failures = 0
        const session = this.#session!
        if (this.#stopped) return await this.leave()
        const ended = await this.#keepAlive(session)
        if (ended === 'stopped') return
        if (ended === 'rebalance') {
          log.info('the group is being rebalanced', { generation: session.generation })
          await this.#handIn(session)
        } else {
          log.warn('no longer a member of the group', { generation: session.generation })
          this.#lose()
        }
        this.#session = undefined
        if (this.#retiring) return
      } catch (error) {
        if (this.#stopped) return
        this.#session = undefined
        const known = error instanceof KafkaError
        if (known && error.is('UNKNOWN_MEMBER_ID')) {
          this.#memberId = ''
          this.#lose()
        } else if (!known || !error.is('REBALANCE_IN_PROGRESS')) {
          this.#report(messageOf(error))
          await this.#wake.nextWithin(Math.min(FIRST_RETRY_MS * 2 ** failures++, LAST_RETRY_MS), clock)
        }
      }
    }
  }

  /** Resolves with `false` when there is no topic to read. */
  async #join(): Promise<boolean> {
    const { calls, listener, log, sticky } = this.#options
    const topics = await listener.topics()
    if (topics.length === 0) return false
    const owned = sticky ? this.#owned : NOTHING_OWNED
    const session = await calls.join(this.#memberId, { topics, owned })
    // The same one again: the coordinator saw no reason to share out anew.
    const follows = session.generation === this.#generation + 1 || session.generation === this.#generation
    const next = this.#memberId === session.memberId && follows
    this.#memberId = session.memberId
    this.#generation = session.generation
    this.#owned = session.assignment
    this.#session = session
    this.#problem = ''
    if (this.#stopped) return true
    log.info('a member of the group', {
      generation: session.generation,
      partitions: [...session.assignment.values()].reduce((sum, { length }) => sum + length, 0),
    })
    await listener.assigned(session, next)
    return true
  }

  async #keepAlive(session: Session): Promise<Ended> {
    const { calls, clock, listener } = this.#options
    let heard = clock.now()
    let looked = heard
    while (!this.#stopped) {
      await this.#wake.nextWithin(HEARTBEAT_MS, clock)
      if (this.#stopped) break
      try {
        await calls.heartbeat(session)
        heard = clock.now()
        this.#problem = ''
        if (clock.now() - looked < TOPICS_MS) continue
        looked = clock.now()
        if (await listener.outdated(session)) return 'rebalance'
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        if (error.is('REBALANCE_IN_PROGRESS')) return 'rebalance'
        if (error.is('UNKNOWN_MEMBER_ID')) this.#memberId = ''
        if (error.is('UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION')) return 'lost'
        this.#report(messageOf(error))
        // By now the coordinator has given the partitions to others.
        if (clock.now() - heard > SESSION_MS) return 'lost'
      }
    }
    return 'stopped'
  }

  /** Keeps the membership alive until what is in flight was handed in. */
  async #handIn(session: Session): Promise<void> {
    const { calls, clock, listener } = this.#options
    let done = false
    const handing = listener.revoking(session).finally(() => {
      done = true
      this.#wake.notify()
    })
    while (!done) {
      await this.#wake.nextWithin(HEARTBEAT_MS, clock)
      try {
        if (!done) await calls.heartbeat(session)
      } catch (error) {
        if (!(error instanceof KafkaError) || !error.is('UNKNOWN_MEMBER_ID')) continue
        this.#memberId = ''
        this.#lose()
      }
    }
    await handing
  }

  #lose(): void {
    this.#generation = LOST
    this.#owned = NOTHING_OWNED
    this.#options.listener.lost()
  }

  #report(problem: string): void {
    if (problem !== this.#problem) this.#options.log.warn('Kafka cannot be read', { error: problem })
    this.#problem = problem
  }
}
