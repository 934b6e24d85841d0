/** Moves batches from the queue to the spool: those that would stall sources that can't wait, and all when time is up. */
import type { Clock, Timer } from '../flow/clock.ts'
import { dropped, SPOOLED } from '../flow/outcome.ts'
import type { Condition } from './condition.ts'
import type { SealedBatch } from './destination.ts'
import type { EndpointSpool } from './endpoint-spool.ts'
import type { Shard } from './shard.ts'

export interface OverflowOptions {
  readonly spool: EndpointSpool
  readonly condition: Condition
  readonly clock: Clock
  /** Bytes of lines and metadata that may wait in a shard. */
  readonly capacity: number
  /** `false`: what the spool doesn't take is dropped. */
  readonly blockOnOverflow: boolean
  /** No more tries: everything must go. */
  readonly leaving: () => boolean
  readonly onDropped: (batch: SealedBatch) => void
  readonly onChanged: () => void
  readonly onBroken: (error: unknown) => void
}

/** How long to wait when neither the endpoint nor the spool takes more. */
const NO_ROOM_MS = 30_000

const QUEUE_IS_FULL = dropped('queue_is_full')

export class Overflow {
  readonly #options: OverflowOptions
  readonly #shards: readonly Shard[]
  #retry: Timer | undefined
  #closed = false

  constructor(options: OverflowOptions, shards: readonly Shard[]) {
    this.#options = options
    this.#shards = shards
  }

  /** Looks at all shards; call it when the endpoint's condition has changed. */
  relieveAll(): void {
    for (const shard of this.#shards) this.relieve(shard)
  }

  /** Starts to move what must not wait from a shard's queue to the spool. */
  relieve(shard: Shard): void {
    const { condition, capacity, blockOnOverflow, onChanged, onBroken } = this.#options
    const leaving = this.#options.leaving()
    if (this.#closed || shard.spooling !== undefined) return
    // What is being sent comes back soon and is first in order.
    if (leaving && shard.running !== undefined) return
    const full = shard.bytes >= capacity
    const stuck = condition.state === 'down' || (condition.state !== 'up' && full)
    if (!stuck && !leaving && (blockOnOverflow || !full)) return
    const batches = shard.movable(leaving || (!blockOnOverflow && full))
    if (batches.length === 0) return
    shard.spooling = this.#move(shard, batches)
      .catch(onBroken)
      .then((all) => {
        shard.spooling = undefined
        onChanged()
        if (all === true) this.relieve(shard)
      })
  }

  /** Resolves with how many of a shard's batches, from the first one on, are safe in the spool and out of the queue. */
  async append(shard: Shard, batches: readonly SealedBatch[]): Promise<number> {
    const { spool, clock } = this.#options
    const taken = await spool.append(batches)
    for (const batch of batches.slice(0, taken)) {
      shard.remove(batch)
      batch.acks.settle(SPOOLED)
    }
    if (taken < batches.length && spool.retryInMs > 0)
      this.#retry ??= clock.after(spool.retryInMs, () => {
        this.#retry = undefined
        this.relieveAll()
      })
    return taken
  }

  /** How long to wait, in milliseconds, before a batch is tried again that neither endpoint nor spool took. */
  get patienceMs(): number {
    return this.#options.spool.retryInMs || NO_ROOM_MS
  }

  close(): void {
    this.#closed = true
    this.#retry?.cancel()
  }

  // Whether all of them had room.
  async #move(shard: Shard, batches: readonly SealedBatch[]): Promise<boolean> {
    const taken = await this.append(shard, batches)
    if (this.#options.blockOnOverflow) return taken === batches.length
    for (const batch of batches.slice(taken)) {
      shard.remove(batch)
      this.#options.onDropped(batch)
      batch.acks.settle(QUEUE_IS_FULL)
    }
    return true
  }
}
