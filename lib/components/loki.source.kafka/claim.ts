/**
 * One partition of a topic for as long as this member of the group has it: what was fetched of it waits here, still
 * compressed, until there is room for its entries.
 */
import type { Entry } from '../../flow/entry.ts'
import { dropped, type Outcome } from '../../flow/outcome.ts'
import type { Intake } from '../../intake/intake.ts'
import type { Partition } from '../../intake/partition.ts'
import type { Offset, TopicPartition } from '../../net/kafka/places.ts'
import {
  BadBatch,
  readRecords,
  splitBatches,
  type BatchTools,
  type KafkaRecord,
  type RawBatch,
} from '../../net/kafka/record-batch.ts'

export interface ClaimOptions extends TopicPartition {
  /** Where reading begins. */
  readonly offset: number
  readonly intake: Intake
  /** The entries of a message, or how it ends without any. */
  readonly entriesOf: (record: KafkaRecord) => readonly Entry[] | Outcome
  readonly tools: BatchTools
  /** The position that may be committed has moved. */
  readonly onAdvance: (claim: Claim) => void
  /** There is room to fetch again. */
  readonly onReady: () => void
  readonly onRefused: (claim: Claim, batch: RawBatch, error: BadBatch) => void
}

export class Claim implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** The end of the partition at the last fetch. */
  highWatermark: number
  /** The node to fetch from; -1: not known. */
  leader = -1
  readonly #options: ClaimOptions
  readonly #entries: Partition<number>
  #queue: RawBatch[] = []
  #next: number
  #committed: number
  #reading = true
  #fenced = false
  #running = false

  constructor(options: ClaimOptions) {
    this.#options = options
    this.topic = options.topic
    this.partition = options.partition
    this.#next = this.#committed = this.highWatermark = options.offset
    this.#entries = options.intake.partition<number>({
      position: options.offset,
      onAdvance: () => {
        if (!this.#fenced) options.onAdvance(this)
      },
    })
  }

  /** The offset to fetch next. */
  get next(): number {
    return this.#next
  }

  /** Whether to fetch: everything fetched before has been handed on, and there is room for more. */
  get wants(): boolean {
    return this.#reading && !this.#running && this.#queue.length === 0
  }

  /** What is to be committed; `undefined`: nothing has moved, or nothing may be. */
  get uncommitted(): Offset | undefined {
    const offset = this.#entries.position
    if (this.#fenced || offset <= this.#committed) return undefined
    return { topic: this.topic, partition: this.partition, offset }
  }

  get fenced(): boolean {
    return this.#fenced
  }

  /** Messages that are in Kafka and haven't ended here. */
  get lag(): number {
    return Math.max(0, this.highWatermark - this.#entries.position)
  }

  get position(): number {
    return this.#entries.position
  }

  committed(offset: number): void {
    this.#committed = Math.max(this.#committed, offset)
  }

  /** Takes over what a fetch from `next` returned. */
  take(bytes: Buffer): void {
    if (!this.#reading) return
    this.#queue = splitBatches(bytes)
    if (!this.#running) void this.#handOn()
  }

  /** Goes on at another offset, since what is at `next` no longer exists. */
  moveTo(offset: number): void {
    this.#next = offset
    this.#entries.skip(offset)
  }

  /** Hands on nothing more; what was fetched and not handed on is forgotten. */
  pause(): void {
    this.#reading = false
    this.#queue = []
  }

  /** Reads on after a pause, where that began. */
  resume(): void {
    this.#reading = true
    this.#options.onReady()
  }

  /** Another member has the partition: what is acknowledged from now on isn't committed. */
  fence(): void {
    this.pause()
    this.#fenced = true
  }

  /** Resolves when everything that was handed on has ended. */
  settled(): Promise<void> {
    return this.#entries.settled()
  }

  async #handOn(): Promise<void> {
    this.#running = true
    for (;;) {
      const room = this.#entries.room()
      if (room !== undefined) await room
      // Paused while it waited: the batch is fetched again.
      const batch = this.#queue.shift()
      if (batch === undefined) break
      this.#read(batch)
    }
    this.#running = false
    this.#options.onReady()
  }

  #read(batch: RawBatch): void {
    const end = batch.lastOffset + 1
    if (end <= this.#next) return
    try {
      const records = readRecords(batch, this.#next, this.#options.tools)
      records.forEach((record, i) => this.#add(record, i === records.length - 1 ? end : record.offset + 1))
      if (records.length === 0) this.#entries.skip(end)
    } catch (error) {
      if (!(error instanceof BadBatch)) throw error
      const refused = dropped(`kafka_${error.fault}`)
      for (let left = Math.min(batch.records, end - this.#next); left > 0; left--)
        this.#entries.reject(refused, end)
      this.#entries.skip(end)
      this.#options.onRefused(this, batch, error)
    }
    this.#next = end
  }

  #add(record: KafkaRecord, after: number): void {
    const found = this.#options.entriesOf(record)
    if ('state' in found) return this.#entries.reject(found, after)
    // Until the last entry of a message has ended, the message is to be read again.
    found.forEach((entry, i) => this.#entries.addEntry(entry, i === found.length - 1 ? after : record.offset))
  }
}
