/** One shard of an endpoint: the batches that are open, and those that wait to be sent, in order. */
import type { Batcher, SealedBatch } from '../loki/batch.ts'
import type { Sender } from './deliver.ts'

export class Lane {
  readonly batcher: Batcher
  readonly sender: Sender
  /** In order. */
  readonly queue: SealedBatch[] = []
  bytes = 0
  /** The first of the queue, or what is left of it, while it is being sent or put away. */
  inHand: readonly SealedBatch[] = []
  /** The loop that sends, while there is something to send. */
  running: Promise<void> | undefined
  /** Batches are on their way from the queue to the spool. */
  relieving: Promise<void> | undefined

  constructor(batcher: Batcher, sender: Sender) {
    this.batcher = batcher
    this.sender = sender
  }

  push(batch: SealedBatch): void {
    this.queue.push(batch)
    this.bytes += batch.bytes
  }

  /** Puts what is left of the first batch in its place. */
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

  /** The waiting batches that may go to the spool: all, or those of sources that cannot read again. */
  movable(all: boolean): SealedBatch[] {
    return this.queue.filter((batch) => (all || !batch.replayable) && !this.inHand.includes(batch))
  }
}
