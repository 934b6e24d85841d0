/** Loki as a destination of delivery: its batches, its wire, and what its answers mean. */
import type { Destination } from '../delivery/destination.ts'
import { Batcher, pickEntries, readBatch, type BatcherOptions } from './batch.ts'
import { releaseBody } from './kept-bodies.ts'
import { classify, refusalName, refusedEntries } from './refusals.ts'
import type { Transport } from './transport.ts'

export function lokiDestination(transport: Transport, options: BatcherOptions): Destination {
  return {
    batcher: (events) => new Batcher(options, events),
    send: async ({ body, route }, signal) => await transport.push(body, route, signal),
    accepted: ({ body }) => releaseBody(body),
    classify,
    read: readBatch,
    pick: pickEntries,
    refused: refusedEntries,
    refusalName,
    close: () => transport.close(),
  }
}
