/** What a batch owes to its sources. */
import type { Outcome } from '../flow/outcome.ts'
import type { SealedBatch } from './destination.ts'

/** Settles all acknowledgements of a batch; a batch from the spool has none. */
export function settle(batch: SealedBatch, outcome: Outcome): void {
  for (const ack of batch.acks) ack.settle(outcome)
}
