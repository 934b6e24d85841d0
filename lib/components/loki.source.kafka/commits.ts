/** Commits offsets as lines are acknowledged: at once, and what comes while a commit is on its way with the next one. */
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import { Signal } from '../../flow/signal.ts'
import { KafkaError } from '../../net/kafka/client.ts'
import type { GroupCalls, Session } from '../../net/kafka/group-calls.ts'
import { placeName } from '../../net/kafka/places.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Claim } from './claim.ts'

export interface CommitsOptions {
  readonly calls: GroupCalls
  readonly claims: () => Iterable<Claim>
  /** The session that the claims belong to; `undefined`: nothing may be committed now. */
  readonly session: () => Session | undefined
  readonly clock: Clock
  readonly log: Logger
}

const RETRY_MS = 500
const LONGEST_FLUSH_MS = 5000
/** The partitions are others' now, as the next heartbeat will learn too. */
const OVER = ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'] as const

export class Commits {
  readonly #options: CommitsOptions
  readonly #done = new Signal()
  #running = false

  constructor(options: CommitsOptions) {
    this.#options = options
  }

  /** Something was acknowledged. */
  moved(): void {
    if (!this.#running) void this.#run()
  }

  /** Commits what is acknowledged now; resolves when that is done, can't be, or takes too long. */
  async flush(): Promise<void> {
    this.moved()
    let late = false
    const timer = this.#options.clock.after(LONGEST_FLUSH_MS, () => {
      late = true
      this.#done.notify()
    })
    await this.#done.until(() => late || !this.#running)
    timer.cancel()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (;;) {
      const session = this.#options.session()
      const claims = [...this.#options.claims()].filter(({ uncommitted }) => uncommitted !== undefined)
      if (session === undefined || claims.length === 0) break
      if (!(await this.#commit(session, claims))) break
    }
    this.#running = false
    this.#done.notify()
  }

  /** Resolves with `false` when there is no sense in another try. */
  async #commit(session: Session, claims: readonly Claim[]): Promise<boolean> {
    const { calls, clock, log } = this.#options
    const offsets = claims.map(({ uncommitted }) => uncommitted!)
    try {
      await calls.commit(session, offsets)
      const byPlace = new Map(claims.map((claim) => [placeName(claim), claim]))
      for (const offset of offsets) byPlace.get(placeName(offset))!.committed(offset.offset)
      return true
    } catch (error) {
      const over = error instanceof KafkaError && error.is(...OVER)
      log[over ? 'warn' : 'debug']('offsets cannot be committed', { error: messageOf(error) })
      if (over) return false
      await new Promise<void>((resolve) => {
        clock.after(RETRY_MS, resolve)
      })
      return true
    }
  }
}
