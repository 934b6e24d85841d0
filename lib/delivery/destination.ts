/**
 * The one interface between delivery and what it delivers to: a log store, a message queue, a bucket. A destination knows its
 * wire format and what its answers mean; queues, retries, the spool and the dead letters are the same for all.
 */
import type { Ack } from '../flow/ack.ts'
import type { AckRuns } from '../flow/ack-runs.ts'
import type { Columns } from '../flow/columns.ts'
import type { Entry, StructuredMetadata } from '../flow/entry.ts'

/** A batch that is encoded and ready to be sent, as often as it takes. */
export interface SealedBatch {
  /**
   * The part of the destination that it goes to: a tenant, a topic, a key prefix. Routes can fail on their own, and
   * order matters only within one. '' where there is just one.
   */
  readonly route: string
  /** What goes over the wire, and into the spool. */
  readonly body: Buffer
  readonly entries: number
  /** Bytes of lines and structured metadata. */
  readonly bytes: number
  /** One for each entry, in the order of `read`; empty for a batch from the spool. */
  readonly acks: AckRuns
  /** Whether all of it comes from sources that can hold back and read again. */
  readonly replayable: boolean
  /** When its first entry came, in milliseconds of Unix time: `BatcherEvents.born()`. */
  readonly bornAt: number
}

/** One entry of a sealed batch. */
export interface SentEntry {
  /** The labels it is sent with, as text: `{a="b"}`. */
  readonly labels: string
  /** Unix time. */
  readonly seconds: number
  readonly nanos: number
  readonly line: string
  readonly structuredMetadata: StructuredMetadata
}

/** What an attempt to send came to. */
export interface Answer {
  /** The destination's own code (an HTTP status, say), or 0 when no answer came. */
  readonly status: number
  /** The start of the answer's text, or what went wrong on the way. */
  readonly reason: string
  /** What to do about it, where that's known. */
  readonly remedy?: string
  /** How long the destination asks to be left alone, in milliseconds. */
  readonly retryAfterMs?: number
}

/**
 * What an answer means:
 * - `accepted`: all of it is stored
 * - `unavailable`: no answer, or one that says nothing about the batch; try again
 * - `failed`: the destination failed at this batch, perhaps because of what is in it; try again
 * - `slow_down`: too much at once; try again later, with less
 * - `too_large`: send it in parts
 * - `refused`: some of the entries are bad
 * - `denied`: nothing of this route is taken: wrong address, wrong credentials
 */
export type AnswerKind =
  | 'accepted'
  | 'unavailable'
  | 'failed'
  | 'slow_down'
  | 'too_large'
  | 'refused'
  | 'denied'

/** Takes what leaves a batcher. */
export interface BatcherEvents {
  /** The time of birth for a new batch: the present, but always later than that of the one before. */
  born(): number
  sealed(batch: SealedBatch): void
  /** The destination's own limit refuses the entry; the batcher settles it. `bytes` as in `SealedBatch`. */
  limited(route: string, bytes: number): void
  /** No destination of this kind could read the entry. The receiver settles `ack`. */
  unsendable(sent: SentEntry, route: string, ack: Ack, reason: string): void
}

/** Groups the entries of one shard by route and encodes them. All entries of one route and label set stay in order. */
export interface Batcher {
  /** Takes an entry; `ack` is what this endpoint owes for it. */
  add(entry: Entry, ack: Ack): void
  /** As `add` for every row, which owes the acknowledgement of its columns. Left out: rows come as entries. */
  addColumns?(columns: Columns): void
  /** Seals all open batches now. */
  flush(): void
  /** Bytes of lines and metadata in open batches. */
  readonly openBytes: number
}

/** What a sink implements to be delivered to. */
export interface Destination {
  batcher(events: BatcherEvents): Batcher
  /** Sends a batch. Never rejects: a failure on the way is an answer with status 0. Stops when `signal` aborts. */
  send(batch: SealedBatch, signal: AbortSignal): Promise<Answer>
  /** A batch was accepted: nothing reads its body any more. */
  accepted?(batch: SealedBatch): void
  classify(answer: Answer): AnswerKind
  /** The entries of a batch, in the order of its acknowledgements. Throws only for a body that was not made here. */
  read(batch: SealedBatch): SentEntry[]
  /** The batch of some entries of `batch`, given by their rising indexes. `entries` are those of `read`. */
  pick(batch: SealedBatch, entries: readonly SentEntry[], indexes: readonly number[]): SealedBatch
  /**
   * Which of `entries` a `refused` answer is about, by index. `undefined` when it doesn't say: then the batch is cut
   * up and sent in parts until single entries are left.
   */
  refused(answer: Answer, entries: readonly SentEntry[]): readonly number[] | undefined
  /** A short name for why an entry was refused, one of a few, for counting. */
  refusalName(answer: Answer): string
  close(): Promise<void>
}

/** Hears what happens to batches, for the destination's metrics. */
export interface DeliveryMetrics {
  /** A route comes into use. */
  route(route: string): void
  request(route: string, status: number, seconds: number, bytes: number): void
  sent(route: string, entries: number, bytes: number, seconds: number): void
  retried(route: string): void
  dropped(route: string, reason: DropReason, entries: number, bytes: number): void
  /** Entries that were accepted, over all routes. */
  readonly sentEntries: number
}

/** Why delivery drops entries. */
export type DropReason = 'undeliverable' | 'unsaved_refusal' | 'slow_down' | 'limited' | 'queue_is_full'
