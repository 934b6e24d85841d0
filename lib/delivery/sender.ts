/**
 * Brings one batch to its end: tries again what may pass later, cuts up what is too large or partly bad, and finds the
 * single entries that the destination refuses.
 */
import type { Clock } from '../flow/clock.ts'
import { Signal } from '../flow/signal.ts'
import { backoffDelay, type Backoff } from './backoff.ts'
import type { Refused } from './dead-letter-filer.ts'
import type {
  Answer,
  AnswerKind,
  DeliveryMetrics,
  Destination,
  SealedBatch,
  SentEntry,
} from './destination.ts'

export interface SenderOptions {
  readonly destination: Destination
  readonly metrics: DeliveryMetrics
  readonly clock: Clock
  readonly backoff: Backoff
  /** Attempts before a batch is given up; 0: no limit. */
  readonly maxAttempts: number
  readonly random: () => number
  /** Aborts everything at once. */
  readonly stop: AbortSignal
  /** An attempt begins; the result is called when it is over. */
  readonly onAttempt: () => () => void
  /** A part of a batch was accepted. */
  readonly onAccepted: (part: SealedBatch) => void
  /** The endpoint works: it has answered about the batch. */
  readonly onWorks: () => void
  /** An attempt failed in a way that concerns the endpoint, not the batch. */
  readonly onFailed: (answer: Answer, kind: AnswerKind, route: string) => void
}

/** How a delivery ended: what was refused, and what is left of the batch. */
export interface Delivery {
  readonly refused: readonly Refused[]
  /** In order; empty when all was delivered or refused. */
  readonly rest: readonly SealedBatch[]
  /** Why there is a rest. */
  readonly ending: 'done' | 'given_up' | 'denied' | 'slow_down' | 'stopped'
}

export interface DeliveryMode {
  /** Never give up: there is nowhere else to go, or the batch is safe on disk. */
  readonly endless: boolean
  /** `false`: a destination that asks for less loses the batch. */
  readonly retrySlowDown: boolean
  /** Instead of the sender's own. */
  readonly backoff?: Backoff
  /** Treat `failed` as `refused`: others are accepted, so the batch itself must be the cause. */
  readonly blameBatch?: boolean
  /** Asked after each failed attempt of an endless delivery; `true` ends it as given up. */
  readonly giveUp?: (kind: AnswerKind, failures: number) => Promise<boolean>
}

/** A part of a batch that is still to be sent. */
interface Part {
  readonly batch: SealedBatch
  /** Of a cut: all parts before this one, the last, were accepted, so that the bad entries must be in this one. */
  readonly onlySuspect?: () => boolean
  readonly notAccepted?: () => void
}

type Outcome = Exclude<AnswerKind, 'unavailable' | 'failed'> | 'given_up' | 'stopped' | 'halve'

export class Sender {
  readonly #options: SenderOptions
  readonly #nudges = new Signal()
  #askedToWait = false

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Ends the current wait, unless the destination asked for it, so that the next attempt comes at once. */
  nudge(): void {
    if (!this.#askedToWait) this.#nudges.notify()
  }

  /** Ends the current wait for good; call it after the abort of `stop`. */
  wake(): void {
    this.#nudges.notify()
  }

  async deliver(batch: SealedBatch, mode: DeliveryMode): Promise<Delivery> {
    const { destination } = this.#options
    const refused: Refused[] = []
    const failures = { count: 0 }
    // The part to be sent next is the last one.
    const parts: Part[] = [{ batch }]
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const { batch: sent } = part
      if (sent.entries > 1 && part.onlySuspect?.() === true) {
        parts.push(...this.#search(sent, destination.read(sent)))
        continue
      }
      const { outcome, answer } = await this.#attempts(sent, mode, failures)
      if (outcome === 'accepted') {
        this.#options.onAccepted(sent)
        destination.accepted?.(sent)
        continue
      }
      part.notAccepted?.()
      if (outcome === 'refused') parts.push(...this.#sort(sent, answer, refused))
      else if ((outcome === 'too_large' || outcome === 'halve') && sent.entries > 1)
        parts.push(...this.#cut(sent, destination.read(sent), 2))
      else if (outcome === 'too_large') refuse(sent, destination.read(sent), [0], answer, refused)
      else if (outcome !== 'halve')
        return { refused, rest: [sent, ...parts.reverse().map((each) => each.batch)], ending: outcome }
    }
    return { refused, rest: [], ending: 'done' }
  }

  /** Sends one entry of a batch once, to learn what the endpoint takes. */
  async probe(batch: SealedBatch): Promise<AnswerKind> {
    const { destination } = this.#options
    const entries = batch.entries === 1 ? [] : destination.read(batch)
    const part = batch.entries === 1 ? batch : destination.pick(batch, entries, [0])
    return destination.classify(await this.#send(part))
  }

  /** Waits, but not beyond a nudge or the stop. */
  async pause(ms: number): Promise<void> {
    if (!this.#options.stop.aborted) await this.#nudges.nextWithin(ms, this.#options.clock)
  }

  // What of a refused batch is to be sent again, in parts. The rest of it is refused for good.
  #sort(batch: SealedBatch, answer: Answer, refused: Refused[]): Part[] {
    const { destination } = this.#options
    const entries = destination.read(batch)
    const named = entries.length === 1 ? [0] : destination.refused(answer, entries)
    if (named === undefined || named.length === 0) return this.#search(batch, entries)
    refuse(batch, entries, named, answer, refused)
    if (named.length === entries.length) return []
    const bad = new Set(named)
    const rest = entries.map((_, i) => i).filter((i) => !bad.has(i))
    return [{ batch: destination.pick(batch, entries, rest) }]
  }

  // Parts among which the bad entries are, the first one last. Where all others were accepted they are in the last one.
  // Good entries must be sent once more; those that share a part with a bad one go out again. With one bad entry in
  // 1,000 and the square root as the number of parts that is 4 % of them, after 43 pushes; halving would be 100 %.
  #search(batch: SealedBatch, entries: readonly SentEntry[]): Part[] {
    let clean = true
    const notAccepted = (): void => void (clean = false)
    const into = Math.max(2, Math.ceil(Math.sqrt(entries.length)))
    const parts: Part[] = this.#cut(batch, entries, into).map((each) => ({ ...each, notAccepted }))
    return parts.map((part, i) => (i === 0 ? { ...part, onlySuspect: () => clean } : part))
  }

  // In parts, the first one last.
  #cut(batch: SealedBatch, entries: readonly SentEntry[], into: number): Part[] {
    const size = Math.ceil(entries.length / into)
    const parts: Part[] = []
    for (let from = 0; from < entries.length; from += size) {
      const indexes = Array.from({ length: Math.min(size, entries.length - from) }, (_, i) => from + i)
      parts.unshift({ batch: this.#options.destination.pick(batch, entries, indexes) })
    }
    return parts
  }

  async #attempts(
    part: SealedBatch,
    mode: DeliveryMode,
    failures: { count: number },
  ): Promise<{ outcome: Outcome; answer: Answer }> {
    const { destination, metrics, stop, maxAttempts, random } = this.#options
    for (;;) {
      const answer = await this.#send(part)
      if (answer.status === 0 && stop.aborted) return { outcome: 'stopped', answer }
      const kind = destination.classify(answer)
      if (mode.blameBatch === true && kind === 'failed') return { outcome: 'refused', answer }
      if (kind === 'accepted' || kind === 'too_large' || kind === 'refused') {
        failures.count = 0
        this.#options.onWorks()
        return { outcome: kind, answer }
      }
      failures.count++
      this.#options.onFailed(answer, kind, part.route)
      if (kind === 'slow_down' && !mode.retrySlowDown) return { outcome: kind, answer }
      if (mode.endless) {
        if ((await mode.giveUp?.(kind, failures.count)) === true) return { outcome: 'given_up', answer }
      } else {
        if (kind === 'denied') return { outcome: kind, answer }
        if (maxAttempts > 0 && failures.count >= maxAttempts) return { outcome: 'given_up', answer }
      }
      if (stop.aborted) return { outcome: 'stopped', answer }
      metrics.retried(part.route)
      this.#askedToWait = (answer.retryAfterMs ?? 0) > 0
      await this.pause(backoffDelay(mode.backoff ?? this.#options.backoff, failures.count, random, answer))
      this.#askedToWait = false
      if (stop.aborted) return { outcome: 'stopped', answer }
      // It may be more than is ever taken at once; parts that fit grow again, since each is as large as all before it.
      if (kind === 'slow_down' && failures.count > 1 && part.entries > 1) return { outcome: 'halve', answer }
    }
  }

  async #send(part: SealedBatch): Promise<Answer> {
    const { destination, metrics, clock, stop } = this.#options
    const start = performance.now()
    const over = this.#options.onAttempt()
    const answer = await destination.send(part, stop).finally(over)
    metrics.request(part.route, answer.status, (performance.now() - start) / 1000, part.body.length)
    if (destination.classify(answer) === 'accepted')
      metrics.sent(part.route, part.entries, part.body.length, Math.max(0, clock.now() - part.bornAt) / 1000)
    return answer
  }
}

function refuse(
  batch: SealedBatch,
  entries: readonly SentEntry[],
  indexes: readonly number[],
  answer: Answer,
  refused: Refused[],
): void {
  const acks = batch.acks.toArray()
  for (const i of indexes) refused.push({ sent: entries[i]!, route: batch.route, ack: acks[i], answer })
}
