/**
 * A bucket as a destination of delivery. Batches wait as Loki's push requests, which hold all of an entry, in memory and in
 * the spool; objects are made of a batch when it is sent.
 */
import type { Answer, Batcher, BatcherEvents, Destination } from '../../delivery/destination.ts'
import type { Clock, Timer } from '../../flow/clock.ts'
import { Batcher as PushBatcher, pickEntries, readBatch, type BatcherOptions } from '../../loki/batch.ts'
import type { Bucket } from '../../net/s3/bucket.ts'
import { answerOf, classify, refusalName } from './answers.ts'
import { objectsOf, type ArchiveFormat, type ArchiveObject } from './objects.ts'

export interface BucketDestinationOptions {
  readonly bucket: Bucket
  readonly format: ArchiveFormat
  readonly batcher: BatcherOptions
}

/** Objects of a batch that are on their way at the same time. */
export const UPLOADS = 8

/** Milliseconds after which entries that can't be read again are sent: a kill loses those that wait. */
const UNREPLAYABLE_WAIT_MS = 10_000

const ACCEPTED: Answer = { status: 200, reason: '' }

export function bucketDestination(options: BucketDestinationOptions): Destination {
  /** What of a batch is in the bucket already, by the body, which stays the same over its attempts. */
  const stored = new WeakMap<Buffer, Set<string>>()
  return {
    batcher: (events) => new HastyBatcher(options.batcher, events),
    send: async (batch, signal) => {
      const there = stored.get(batch.body) ?? new Set()
      stored.set(batch.body, there)
      const waiting = objectsOf(batch).filter(({ name }) => !there.has(name))
      let failure: Answer | undefined
      const upload = async (): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined && failure === undefined; next = waiting.pop()) {
          const answer = await put(options, next, signal)
          if (classify(answer) === 'accepted') there.add(next.name)
          else failure ??= answer
        }
      }
      await Promise.all(Array.from({ length: UPLOADS }, upload))
      return failure ?? ACCEPTED
    },
    classify,
    read: readBatch,
    pick: pickEntries,
    refused: () => undefined,
    refusalName,
    close: () => options.bucket.close(),
  }
}

async function put(
  { bucket, format }: BucketDestinationOptions,
  object: ArchiveObject,
  signal: AbortSignal,
): Promise<Answer> {
  const body = await format.encode(object)
  return answerOf(await bucket.put(`${object.name}${format.suffix}`, body, format.contentType, signal))
}

/** Groups entries as pushes are grouped, but sends those that can't be read again after a short wait. */
class HastyBatcher implements Batcher {
  readonly #inner: PushBatcher
  readonly #clock: Clock
  readonly #waitMs: number
  #timer: Timer | undefined

  constructor(options: BatcherOptions, events: BatcherEvents) {
    this.#clock = options.clock
    this.#waitMs = Math.min(options.batchWait, UNREPLAYABLE_WAIT_MS)
    this.#inner = new PushBatcher(options, events)
  }

  add(...[entry, ack]: Parameters<Batcher['add']>): void {
    this.#inner.add(entry, ack)
    if (!ack.replayable) this.#hurry()
  }

  addColumns(columns: Parameters<PushBatcher['addColumns']>[0]): void {
    const hurry = columns.count > 0 && !columns.ackOf(columns.rows[0]!).replayable
    this.#inner.addColumns(columns)
    if (hurry) this.#hurry()
  }

  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#inner.flush()
  }

  get openBytes(): number {
    return this.#inner.openBytes
  }

  #hurry(): void {
    this.#timer ??= this.#clock.after(this.#waitMs, () => this.flush())
  }
}
