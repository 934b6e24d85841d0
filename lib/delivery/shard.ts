/** One shard of an endpoint: the batches that are open, and those that wait to be sent, in order. */
import type { LabelSet } from '../flow/labels.ts'
import type { Batcher, SealedBatch } from './destination.ts'
import type { Sender } from './sender.ts'

export class Shard {
  readonly batcher: Batcher
  readonly sender: Sender
  /** In order. */
  readonly queue: SealedBatch[] = []
  bytes = 0
  /** The first of the queue, or what is left of it, while it is being sent or spooled. */
  inHand: readonly SealedBatch[] = []
  /** The loop that sends, while there is something to send. */
  running: Promise<void> | undefined
  /** Batches are on their way from the queue to the spool. */
  spooling: Promise<void> | undefined

  constructor(batcher: Batcher, sender: Sender) {
    this.batcher = batcher
    this.sender = sender
  }

  push(batch: SealedBatch): void {
    this.queue.push(batch)
    this.bytes += batch.bytes
  }

  /** Replaces the first batch by what is left of it. */
  replaceFirst(rest: readonly SealedBatch[]): void {
    const [first] = this.queue
    if (first !== undefined) this.bytes -= first.bytes
    for (const batch of rest) this.bytes += batch.bytes
    this.queue.splice(0, 1, ...rest)
  }

  remove(batch: SealedBatch): void {
    const at = this.queue.indexOf(batch)
    if (at < 0) return
    this.queue.splice(at, 1)
    this.bytes -= batch.bytes
  }

  /** Empties the queue. */
  takeAll(): SealedBatch[] {
    this.bytes = 0
    return this.queue.splice(0)
  }

  /**
   * The waiting batches that may go to the spool: all, or those of sources that cannot read again. What is older in the
   * same route goes with them, or the spool would be sent before it.
   */
  movable(all: boolean): SealedBatch[] {
    const routes = new Set<string>()
    return this.queue
      .toReversed()
      .filter((batch) => {
        if (!all && batch.replayable && !routes.has(batch.route)) return false
        routes.add(batch.route)
        return !this.inHand.includes(batch)
      })
      .toReversed()
  }

  /** Whether a batch of the route is being sent. */
  holds(route: string): boolean {
    return this.inHand.some((batch) => batch.route === route)
  }
}

/** The shard that all entries with these labels go to. */
export function shardFor({ key }: LabelSet, shards: readonly Shard[]): Shard {
  if (shards.length === 1) return shards[0]!
  let hash = 0
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0
  return shards[(hash >>> 0) % shards.length]!
}
