/**
 * Sends the spool again, the oldest batch first, until the destination takes it. A batch or a route that is itself the
 * reason why it fails must not hold up the others: it is told apart by whether another one gets through.
 */
import type { Clock, Timer } from '../flow/clock.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Backoff } from './backoff.ts'
import type { DeadLetterFiler } from './dead-letter-filer.ts'
import type { AnswerKind, SealedBatch } from './destination.ts'
import type { EndpointSpool, SpooledBatch } from './endpoint-spool.ts'
import type { Sender } from './sender.ts'
import type { Waiting } from './spool-index.ts'

export interface ReplayOptions {
  readonly spool: EndpointSpool
  readonly sender: Sender
  /** A batch that waits to be sent after the spool, of another route than the given one if there is one. */
  readonly live: (otherThan?: string) => SealedBatch | undefined
  /** Whether a batch of the route is being sent: it may be older than what is spooled. */
  readonly held: (route: string) => boolean
  readonly filer: DeadLetterFiler
  readonly backoff: Backoff
  readonly clock: Clock
  readonly log: Logger
  readonly leaving: () => boolean
  /** Something got through. */
  readonly onWorks: () => void
  /** There may be something to send again. */
  readonly onResume: () => void
}

// An endpoint that is back should be noticed sooner than after the longest wait of live batches (five minutes).
const LONGEST_WAIT_MS = 30_000
const FAILURES_TO_SUSPECT = 3
/** How long a route that is denied is left alone while others are sent. */
const ASIDE_MS = 30_000
/** How long a spool that can't be read is left alone. */
const REST_MS = 1000

export class Replay {
  readonly #options: ReplayOptions
  readonly #backoff: Backoff
  /** The batch that is known to be the cause of its failures. */
  #blamed: Waiting | undefined
  /** Routes that are denied, and until when they are left alone. */
  readonly #aside = new Map<string, number>()
  #timer: Timer | undefined
  /** Runs until the disk is asked again. */
  #resting: Timer | undefined

  constructor(options: ReplayOptions) {
    this.#options = options
    const { min, max } = options.backoff
    this.#backoff = { min: Math.min(min, LONGEST_WAIT_MS), max: Math.min(max, LONGEST_WAIT_MS) }
  }

  /** Whether there is something to send now. */
  due(): boolean {
    return this.#resting === undefined && this.#options.spool.peek(this.#accept) !== undefined
  }

  /** Whether a route is left alone for a while, because all of it is denied. */
  isAside(route: string): boolean {
    return (this.#aside.get(route) ?? Number.NEGATIVE_INFINITY) > this.#options.clock.now()
  }

  /** Tries the oldest batch until it is through, or something else must come first. */
  async next(): Promise<void> {
    const { spool, sender, filer, leaving } = this.#options
    const oldest = await spool.oldest(this.#accept)
    if (oldest === undefined) return this.#rest()
    const { place, batch } = oldest
    let cause: 'batch' | 'route' | undefined
    const delivery = await sender.deliver(batch, {
      endless: true,
      retrySlowDown: true,
      backoff: this.#backoff,
      blameBatch: this.#blamed === place,
      giveUp: async (kind, failures) => {
        if (!leaving()) cause = await this.#cause(kind, failures, oldest)
        return leaving() || cause !== undefined
      },
    })
    this.#blamed = cause === 'batch' ? place : undefined
    if (cause === 'route') this.#setAside(place.route)
    if (delivery.rest.length > 0) return
    this.#aside.delete(place.route)
    // What the disk doesn't take stays in the spool.
    if ((await filer.file(delivery.refused)) !== 'disk_failed') await spool.take(place)
  }

  close(): void {
    this.#timer?.cancel()
    this.#resting?.cancel()
  }

  readonly #accept = (place: Waiting): boolean =>
    !this.isAside(place.route) && !this.#options.held(place.route)

  // Whether the fault is this batch's, or its route's, since others pass. `undefined`: perhaps nothing passes.
  async #cause(
    kind: AnswerKind,
    failures: number,
    { place, batch }: SpooledBatch,
  ): Promise<'batch' | 'route' | undefined> {
    const suspect = kind === 'denied' || kind === 'failed'
    // A route that was left alone for a while, and is denied again.
    const known = kind === 'denied' && this.#aside.has(place.route)
    if (!suspect || (failures < FAILURES_TO_SUSPECT && !known)) return undefined
    if (kind === 'failed' && batch.entries > 1 && (await this.#passes(batch))) return 'batch'
    const other = await this.#other(place, kind)
    if (other === undefined) return undefined
    if (known) return 'route'
    if (await this.#passes(other, kind)) return kind === 'denied' ? 'route' : 'batch'
    return undefined
  }

  // Whether an entry of the batch gets through; if a route is denied, it's enough that another one is not.
  async #passes(batch: SealedBatch, than?: AnswerKind): Promise<boolean> {
    const kind = await this.#options.sender.probe(batch)
    if (kind === 'accepted') this.#options.onWorks()
    return kind === 'accepted' || (than === 'denied' && (kind === 'failed' || kind === 'refused'))
  }

  // A batch to compare with: of another route than one that is denied, of the same one if possible otherwise.
  async #other(place: Waiting, kind: AnswerKind): Promise<SealedBatch | undefined> {
    const { spool, live } = this.#options
    const others = (accept: (each: Waiting) => boolean): ReturnType<EndpointSpool['oldest']> =>
      spool.oldest((each) => each !== place && this.#accept(each) && accept(each))
    if (kind === 'denied')
      return (await others(({ route }) => route !== place.route))?.batch ?? live(place.route)
    return (
      ((await others(({ route }) => route === place.route)) ?? (await others(() => true)))?.batch ?? live()
    )
  }

  // What waits can't be read at the moment.
  #rest(): void {
    const { clock, onResume } = this.#options
    this.#resting = clock.after(REST_MS, () => {
      this.#resting = undefined
      onResume()
    })
  }

  #setAside(route: string): void {
    const { clock, log, onResume } = this.#options
    if (!this.#aside.has(route))
      log.warn('the endpoint takes other batches, but not those of a tenant', { tenant: route })
    this.#aside.set(route, clock.now() + ASIDE_MS)
    this.#timer?.cancel()
    this.#timer = clock.after(ASIDE_MS, onResume)
  }
}
