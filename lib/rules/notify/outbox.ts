/**
 * The notifications that wait for one destination: the newest of each alert, sent in batches, and again with growing
 * pauses while the destination is away.
 */
import type { Clock, Timer } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { PostOutcome } from './http-post.ts'
import type { Notification } from './notification.ts'

export interface Destination {
  /** For logs and metrics, without credentials. */
  readonly name: string
  /** Whether it is to be told of this. */
  wants(notification: Notification): boolean
  /** Never rejects. */
  send(batch: readonly Notification[]): Promise<PostOutcome>
  close(): Promise<void>
}

export interface OutboxCounts {
  sent: number
  failed: number
  dropped: number
}

/** As in Prometheus' notifier. */
const MAX_BATCH = 256
const MAX_WAITING = 10_000

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

export class Outbox {
  readonly destination: Destination
  readonly counts: OutboxCounts = { sent: 0, failed: 0, dropped: 0 }
  readonly #clock: Clock
  readonly #log: Logger
  readonly #waiting = new Map<string, Notification>()
  #sending: Promise<void> | undefined
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined
  #pauseMs = FIRST_PAUSE_MS
  #closed = false

  constructor(destination: Destination, clock: Clock, log: Logger) {
    this.destination = destination
    this.#clock = clock
    this.#log = log
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Takes notifications, which replace older ones of the same alerts. */
  put(notifications: readonly Notification[]): void {
    if (this.#closed) return
    for (const each of notifications) {
      const older = this.#waiting.delete(each.key)
      if (!older && !this.destination.wants(each)) continue
      this.#waiting.set(each.key, each)
    }
    this.#dropOldest()
    if (this.#waiting.size > 0) this.#sending ??= this.#run().finally(() => (this.#sending = undefined))
  }

  /** Sends nothing more. What waited is sent by the next process, which finds the alerts where this one left them. */
  async close(): Promise<void> {
    this.#closed = true
    this.#pause?.timer.cancel()
    this.#pause?.end()
    await this.destination.close()
    await this.#sending
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#dropStale()
      const batch = [...this.#waiting.values()].slice(0, MAX_BATCH)
      if (batch.length === 0 || this.#closed) return
      for (const { key } of batch) this.#waiting.delete(key)
      const outcome = await this.destination.send(batch)
      if (this.#closed) return
      if (outcome.ok) this.#succeeded(batch.length)
      else await this.#failed(batch, outcome)
    }
  }

  #succeeded(count: number): void {
    this.counts.sent += count
    if (this.#pauseMs > FIRST_PAUSE_MS)
      this.#log.info('alerts are delivered again', { destination: this.destination.name })
    this.#pauseMs = FIRST_PAUSE_MS
  }

  async #failed(
    batch: readonly Notification[],
    { final, reason }: Extract<PostOutcome, { ok: false }>,
  ): Promise<void> {
    this.counts.failed += batch.length
    const fields = { destination: this.destination.name, alerts: batch.length, reason }
    if (final) {
      this.counts.dropped += batch.length
      this.#log.error('alerts were refused', fields)
      return
    }
    // Once for each outage.
    if (this.#pauseMs === FIRST_PAUSE_MS)
      this.#log.warn('alerts cannot be delivered: they are tried again', fields)
    for (const each of batch) if (!this.#waiting.has(each.key)) this.#waiting.set(each.key, each)
    await this.#wait(this.#pauseMs)
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#pause = { timer: this.#clock.after(ms, resolve), end: resolve }
    })
    this.#pause = undefined
  }

  // An alert whose end has passed would arrive as resolved; the next evaluation sends it anew if it still fires.
  #dropStale(): void {
    const now = this.#clock.now()
    for (const [key, { resolved, endsAt }] of this.#waiting)
      if (!resolved && endsAt < now) this.#waiting.delete(key)
  }

  #dropOldest(): void {
    for (const key of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING) return
      this.#waiting.delete(key)
      this.counts.dropped++
    }
  }
}
