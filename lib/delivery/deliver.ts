/**
 * Brings one batch to its end at Loki: tries again what may pass later, cuts up what is too large or partly bad,
 * and finds the single entries that Loki refuses.
 */
import { EventEmitter } from 'node:events'
import type { Clock } from '../flow/clock.ts'
import { cut, cutInHalf, openBatch, type SealedBatch } from '../loki/batch.ts'
import type { Refused } from './graveyard.ts'
import {
  backoffDelay,
  classify,
  refusesWholeStream,
  type AnswerKind,
  type Backoff,
  type PushAnswer,
} from './retry.ts'
import type { Transport } from './transport.ts'
import type { WriteMetrics } from '../loki/write-metrics.ts'

export interface SenderOptions {
  readonly transport: Transport
  readonly metrics: WriteMetrics
  readonly clock: Clock
  readonly backoff: Backoff
  /** Attempts before a batch is given up; 0: never. */
  readonly maxAttempts: number
  readonly random: () => number
  /** Aborts everything at once. */
  readonly stop: AbortSignal
  /** A part of a batch was accepted. */
  readonly accepted: (part: SealedBatch) => void
  /** The endpoint works, whatever it thinks of the batch. */
  readonly works: () => void
  /** An attempt failed in a way that concerns the endpoint, not the batch. */
  readonly failed: (answer: PushAnswer, kind: AnswerKind, tenant: string) => void
}

/** How a delivery ended: what was refused, and what is left where it was not brought to an end. */
export interface Delivery {
  readonly refused: readonly Refused[]
  /** In order; empty when all was delivered or refused. */
  readonly rest: readonly SealedBatch[]
  /** Why there is a rest. */
  readonly ending: 'done' | 'given_up' | 'rejected' | 'rate_limited' | 'stopped'
}

export interface DeliverMode {
  /** Go on for ever, whatever the endpoint answers (nowhere else to go, or it waits on disk). */
  readonly endless: boolean
  readonly retryOn429: boolean
  /** In place of the sender's own. */
  readonly backoff?: Backoff
  /** Treat an answer of 5xx as a refusal: others are accepted, so the batch itself must be the cause. */
  readonly blameBatch?: boolean
  /** Asked after each failed attempt of an endless delivery; `true` ends it as given up. */
  readonly giveUp?: (answer: PushAnswer, attempt: number) => Promise<boolean>
}

export class Sender {
  readonly #options: SenderOptions
  readonly #nudges = new EventEmitter()

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Ends the current wait, if there is one, so that the next attempt comes at once. */
  nudge(): void {
    this.#nudges.emit('nudge')
  }

  async deliver(batch: SealedBatch, mode: DeliverMode): Promise<Delivery> {
    const refused: Refused[] = []
    // The part to be sent next is the last one.
    const parts = [batch]
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { kind, answer } = await this.#attempts(part, mode)
      if (kind === 'accepted') {
        this.#options.accepted(part)
      } else if (kind === 'too_large' || kind === 'refused') {
        if (part.entries === 1 || (part.streams === 1 && refusesWholeStream(answer.reason)))
          refuse(part, answer, refused)
        else {
          const [first, second] = cutInHalf(part)
          parts.push(second, first)
        }
      } else return { refused, rest: [part, ...parts.reverse()], ending: kind }
    }
    return { refused, rest: [], ending: 'done' }
  }

  /** One attempt with a part of a batch, whatever comes of it: is it the endpoint, or the rest of the batch? */
  async probe(batch: SealedBatch): Promise<boolean> {
    const part = batch.entries === 1 ? batch : cut(batch, openBatch(batch), 0, 1)
    const { status } = await this.#push(part)
    return status >= 200 && status < 300
  }

  async #attempts(
    part: SealedBatch,
    mode: DeliverMode,
  ): Promise<{ kind: Exclude<AnswerKind, 'retry'> | 'given_up' | 'stopped'; answer: PushAnswer }> {
    const { metrics, stop, maxAttempts } = this.#options
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#push(part)
      if (answer.status === 0 && stop.aborted) return { kind: 'stopped', answer }
      const kind = classify(answer, mode.retryOn429)
      if (mode.blameBatch === true && answer.status >= 500) return { kind: 'refused', answer }
      if (kind === 'accepted' || kind === 'too_large' || kind === 'refused') {
        this.#options.works()
        return { kind, answer }
      }
      this.#options.failed(answer, kind, part.tenant)
      if (kind === 'rate_limited') return { kind, answer }
      if (mode.endless) {
        if ((await mode.giveUp?.(answer, attempt)) === true) return { kind: 'given_up', answer }
      } else {
        if (kind !== 'retry') return { kind, answer }
        if (maxAttempts > 0 && attempt >= maxAttempts) return { kind: 'given_up', answer }
      }
      if (stop.aborted) return { kind: 'stopped', answer }
      metrics.retried(part.tenant)
      await this.pause(backoffDelay(mode.backoff ?? this.#options.backoff, attempt, this.#options.random))
      if (stop.aborted) return { kind: 'stopped', answer }
    }
  }

  async #push(part: SealedBatch): Promise<PushAnswer> {
    const { transport, metrics, clock, stop } = this.#options
    const start = performance.now()
    const answer = await transport.push(part.body, part.tenant, stop)
    metrics.request(part.tenant, answer.status, (performance.now() - start) / 1000, part.body.length)
    if (answer.status >= 200 && answer.status < 300)
      metrics.sent(part.tenant, part.entries, part.body.length, Math.max(0, clock.now() - part.bornAt) / 1000)
    return answer
  }

  /** Waits, but not beyond a nudge or the stop. */
  pause(ms: number): Promise<void> {
    const { clock, stop } = this.#options
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        this.#nudges.off('nudge', end)
        stop.removeEventListener('abort', end)
        resolve()
      }
      const timer = clock.after(ms, end)
      this.#nudges.on('nudge', end)
      stop.addEventListener('abort', end)
    })
  }
}

function refuse(part: SealedBatch, answer: PushAnswer, refused: Refused[]): void {
  openBatch(part).forEach((sent, i) => refused.push({ sent, tenant: part.tenant, ack: part.acks[i], answer }))
}
