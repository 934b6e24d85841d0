/** Hands the entries of pushes on, and tells when each push has ended. Memory is bounded by a budget of bytes. */
import type { Readable } from 'node:stream'
import { Batch, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../flow/batch.ts'
import type { Clock } from '../flow/clock.ts'
import type { Entry } from '../flow/entry.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { Outcome } from '../flow/outcome.ts'
import { ByteBudget } from './byte-budget.ts'
import { BatchOutput } from './output.ts'
import { PushAck } from './push-ack.ts'

/** Bytes of pushes that are being read, decoded or waiting for their entries to end. */
const MAX_HELD_BYTES = 64 * 1024 * 1024

/** Entries to hand on, and how those that go no further have ended. */
export interface PushEntries {
  readonly entries: readonly Entry[]
  readonly ended: readonly Outcome[]
  /** What they take in memory, roughly, where that isn't seen from lines and structured metadata. */
  readonly bytes?: number
  /** Sees the outcome of each. */
  readonly onEnd?: (outcome: Outcome) => void
}

export interface PushContext {
  readonly clock: Clock
  readonly ledger: Ledger
}

/** The worst outcome of a push, or why it isn't known. */
export type Settled = Outcome | 'late' | 'stopping'

export class PushIntake {
  readonly #ctx: PushContext
  readonly #output = new BatchOutput()
  readonly #budget = new ByteBudget(MAX_HELD_BYTES)
  readonly #handing = new Set<Promise<void>>()
  /** Of the pushes that are waiting: each answers its push. */
  readonly #waiting = new Set<(how: Settled) => void>()
  #stopping = false

  constructor(ctx: PushContext) {
    this.#ctx = ctx
  }

  get output(): Readable {
    return this.#output.stream
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /** Books bytes; `undefined` when there is no room, else the function that gives them back. */
  book(bytes: number): (() => void) | undefined {
    if (!this.#budget.take(bytes)) return undefined
    let held = true
    return () => {
      if (held) this.#budget.give(bytes)
      held = false
    }
  }

  /**
   * Hands entries on, unless the source is stopping. Resolves when all of them have ended, or after `timeoutMs`, or when
   * the source closes. `release` is called when they have ended, whenever that is.
   */
  async push(push: PushEntries, timeoutMs: number, release: () => void): Promise<Settled> {
    if (this.#stopping) {
      release()
      return 'stopping'
    }
    const { entries, ended, onEnd } = push
    const ack = new PushAck(this.#ctx.ledger, entries.length + ended.length, onEnd)
    void ack.settled.then(release)
    for (const outcome of ended) ack.settle(outcome)
    const handing = this.#hand(entries, ack)
    this.#handing.add(handing)
    void handing.then(() => this.#handing.delete(handing))
    return await this.#until(ack.settled, timeoutMs)
  }

  /** Nothing is taken any more; what was taken is handed on, and the output ends. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#output.release()
    await Promise.all(this.#handing)
    this.#output.end()
  }

  /** Nothing more will end: pushes that still wait are answered. */
  close(): void {
    for (const answer of this.#waiting) answer('stopping')
  }

  async #hand(entries: readonly Entry[], ack: PushAck): Promise<void> {
    for (const batch of batches(entries)) {
      await this.#output.room()
      for (const entry of batch) entry.ack = ack
      this.#output.push(new Batch(batch))
    }
  }

  #until(settled: Promise<Outcome>, timeoutMs: number): Promise<Settled> {
    return new Promise((resolve) => {
      const answer = (how: Settled): void => {
        timer?.cancel()
        this.#waiting.delete(answer)
        resolve(how)
      }
      const timer = timeoutMs > 0 ? this.#ctx.clock.after(timeoutMs, () => answer('late')) : undefined
      this.#waiting.add(answer)
      void settled.then(answer)
    })
  }
}

function* batches(entries: readonly Entry[]): Generator<Entry[]> {
  let batch: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    batch.push(entry)
    bytes += entry.line.length
    if (batch.length < MAX_BATCH_ENTRIES && bytes < MAX_BATCH_BYTES) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
