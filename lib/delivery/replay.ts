/**
 * Sends the spool again, oldest batch first, until the endpoint takes it. A batch that is itself the reason why it
 * fails must not hold up those behind it: it is told apart by whether another one gets through.
 */
import type { Clock, Timer } from '../flow/clock.ts'
import type { Logger } from '../telemetry/log.ts'
import type { SealedBatch } from '../loki/batch.ts'
import type { Sender } from './deliver.ts'
import type { Graveyard } from './graveyard.ts'
import type { Backoff, PushAnswer } from './retry.ts'
import type { SpoolLink } from './spool-link.ts'

export interface ReplayOptions {
  readonly link: SpoolLink
  readonly sender: Sender
  /** The live batch that waits behind the spool. */
  readonly live: () => SealedBatch | undefined
  readonly graveyard: Graveyard
  readonly backoff: Backoff
  readonly clock: Clock
  readonly log: Logger
  readonly leaving: () => boolean
  /** Something got through. */
  readonly works: () => void
  /** The spool's turn has come again. */
  readonly resume: () => void
}

// An endpoint that is back should be noticed sooner than after Alloy's longest wait.
const LONGEST_WAIT = 30_000
const FAILURES_TO_SUSPECT = 3
const PARKED = 30_000

/** Why one batch is refused while others pass: its content, or its tenant (of all that is spooled, perhaps). */
type Suspicion = 'content' | 'tenant' | 'tenant of all'

export class Replay {
  readonly #options: ReplayOptions
  readonly #backoff: Backoff
  /** The next batch is known to be the cause of its failures. */
  #blame = false
  #parkedUntil = 0
  #parked: Timer | undefined

  constructor(options: ReplayOptions) {
    this.#options = options
    const { min, max } = options.backoff
    this.#backoff = { min: Math.min(min, LONGEST_WAIT), max: Math.min(max, LONGEST_WAIT) }
  }

  /** Whether there is something to send before live batches. */
  due(): boolean {
    return !this.#options.link.empty && this.#parkedUntil <= this.#options.clock.now()
  }

  /** Tries the oldest batch until it is through, or something else must come first. */
  async next(): Promise<void> {
    const { link, sender, graveyard, leaving } = this.#options
    const batch = await link.head()
    if (batch === undefined) return
    let suspicion: Suspicion | undefined
    const delivery = await sender.deliver(batch, {
      endless: true,
      retryOn429: true,
      backoff: this.#backoff,
      blameBatch: this.#blame,
      giveUp: async (answer, attempt) => {
        if (leaving()) return true
        suspicion = await this.#suspect(answer, attempt)
        return suspicion !== undefined
      },
    })
    this.#blame = suspicion === 'content'
    if (delivery.rest.length === 0) {
      await graveyard.bury(delivery.refused)
      await link.shift()
    } else if (suspicion === 'tenant' || suspicion === 'tenant of all')
      await this.#setAside(batch, suspicion === 'tenant of all')
  }

  close(): void {
    this.#parkedUntil = Number.POSITIVE_INFINITY
    this.#parked?.cancel()
  }

  async #suspect(answer: PushAnswer, attempt: number): Promise<Suspicion | undefined> {
    const { status } = answer
    const aboutTenant = status === 401 || status === 403 || status === 404
    if (attempt < FAILURES_TO_SUSPECT || !(aboutTenant || status === 500)) return undefined
    const { link, live, sender, works } = this.#options
    const second = await link.second()
    const other = second ?? live()
    if (other === undefined || !(await sender.probe(other))) return undefined
    works()
    if (!aboutTenant) return 'content'
    return second === undefined ? 'tenant of all' : 'tenant'
  }

  // To the end of the spool; and when nothing else is in it, live batches get their turn first.
  async #setAside(batch: SealedBatch, alone: boolean): Promise<void> {
    const { link, clock, log, resume } = this.#options
    log.warn('the endpoint takes other batches, but not those of a tenant', { tenant: batch.tenant })
    if (!alone) return await link.rotate(batch)
    this.#parkedUntil = clock.now() + PARKED
    this.#parked?.cancel()
    this.#parked = clock.after(PARKED, resume)
  }
}
