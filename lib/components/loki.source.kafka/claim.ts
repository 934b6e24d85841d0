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
  /** A batch can't be read: `messages` are passed over, those that compaction had removed included. */
  readonly onRefused: (claim: Claim, messages: number, error: BadBatch) => void
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
    // It may be less than what the group has committed, for a topic that was deleted and made anew.
    this.#committed = -1
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
    for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift())
      await this.#read(batch)
    this.#running = false
    this.#options.onReady()
  }

  async #read(batch: RawBatch): Promise<void> {
    const end = batch.lastOffset + 1
    if (end <= this.#next) return
    try {
      for (const record of readRecords(batch, this.#next, this.#options.tools)) {
        const room = this.#entries.room()
        if (room !== undefined) await room
        // Paused while it waited: from here on the batch is fetched again.
        if (!this.#reading) return
        this.#next = record.offset + 1
        this.#add(record)
      }
    } catch (error) {
      if (!(error instanceof BadBatch)) throw error
      this.#entries.reject(dropped(`kafka_${error.fault}`), end)
      this.#options.onRefused(this, end - this.#next, error)
    }
    // Past what compaction has removed.
    if (end > this.#next) this.#entries.skip(end)
    this.#next = end
  }

  #add(record: KafkaRecord): void {
    const after = record.offset + 1
    const found = this.#options.entriesOf(record)
    if ('state' in found) return this.#entries.reject(found, after)
    // Until the last entry of a message has ended, the message is to be read again.
    found.forEach((entry, i) => this.#entries.addEntry(entry, i === found.length - 1 ? after : record.offset))
  }
}
