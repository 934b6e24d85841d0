/** The streams of the store: label sets, their ids in the database, and the newest time of each. */
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { levelOfLabels } from './levels.ts'

/** One stream. Times are whole seconds and nanoseconds, as in entries. */
export class StreamRecord {
  readonly id: number
  readonly labels: LabelSet
  /** The level of all its lines, if its labels name one. */
  readonly level: string | undefined
  /** Whether its row is in the database. */
  saved: boolean
  /** The newest time that was taken, committed or not; much older entries are refused. */
  newestSeconds = Number.NEGATIVE_INFINITY
  newestNanos = 0
  /** The newest time in the database; a newer entry can't be a repetition. */
  storedTime: bigint | undefined = undefined
  /** When it was last written to, in milliseconds of the clock. */
  usedAt = 0

  constructor(id: number, labels: LabelSet, saved: boolean) {
    this.id = id
    this.labels = labels
    this.level = levelOfLabels((name) => labels.get(name))
    this.saved = saved
  }

  /** Remembers a time if it's the newest. */
  advance(seconds: number, nanos: number): void {
    if (seconds < this.newestSeconds || (seconds === this.newestSeconds && nanos <= this.newestNanos)) return
    this.newestSeconds = seconds
    this.newestNanos = nanos
  }
}

/** How long after its last entry a stream counts for `max_streams`. */
const ACTIVE_MS = 2 * 3_600_000
/** How often, at most, active streams are recounted. */
const COUNT_MS = 1000

export class StreamTable {
  readonly #byKey = new Map<string, StreamRecord>()
  readonly #byId = new Map<number, StreamRecord>()
  #nextId = 1
  #active = 0
  #countedAt = 0

  get size(): number {
    return this.#byKey.size
  }

  get(labels: LabelSet): StreamRecord | undefined {
    return this.#byKey.get(labels.key)
  }

  byId(id: number): StreamRecord | undefined {
    return this.#byId.get(id)
  }

  /** The stream of a label set, made if need be; `undefined` when `limit` (0: none) streams are active already. */
  take(labels: LabelSet, now: number, limit: number): StreamRecord | undefined {
    const known = this.#byKey.get(labels.key)
    if (known !== undefined) {
      if (now - known.usedAt > ACTIVE_MS) this.#active++
      known.usedAt = now
      return known
    }
    if (limit > 0 && this.#active >= limit && !this.#recount(now, limit)) return undefined
    const record = new StreamRecord(this.#nextId++, labels, false)
    record.usedAt = now
    this.#active++
    this.#add(record)
    return record
  }

  /** Adds a stream of an earlier start. */
  load(id: number, labels: Readonly<Record<string, string>>, newest: bigint | undefined): void {
    this.startAt(id + 1)
    this.#add(new StreamRecord(id, labelSet(labels), true))
    if (newest !== undefined) this.extend(id, newest)
  }

  /** Tells a loaded stream of a time in the database. */
  extend(id: number, newest: bigint): void {
    const record = this.#byId.get(id)
    if (record === undefined || (record.storedTime !== undefined && newest <= record.storedTime)) return
    record.storedTime = newest
    const nanos = ((newest % NANOS) + NANOS) % NANOS
    record.advance(Number((newest - nanos) / NANOS), Number(nanos))
  }

  /** The id that the next stream gets; no stream of this store may have had it. */
  get nextId(): number {
    return this.#nextId
  }

  /** New streams get ids from here on, at least. */
  startAt(id: number): void {
    this.#nextId = Math.max(this.#nextId, id)
  }

  /** Forgets a stream whose rows were deleted. */
  remove(record: StreamRecord): void {
    if (this.#byKey.get(record.labels.key) === record) this.#byKey.delete(record.labels.key)
    this.#byId.delete(record.id)
  }

  values(): IterableIterator<StreamRecord> {
    return this.#byId.values()
  }

  #add(record: StreamRecord): void {
    this.#byKey.set(record.labels.key, record)
    this.#byId.set(record.id, record)
  }

  #recount(now: number, limit: number): boolean {
    if (now - this.#countedAt < COUNT_MS) return false
    this.#countedAt = now
    this.#active = 0
    for (const { usedAt } of this.#byId.values()) if (now - usedAt <= ACTIVE_MS) this.#active++
    return this.#active < limit
  }
}

const NANOS = 1_000_000_000n

/** Returns a label set as the database stores it: a JSON object, sorted by name. */
export function labelsText(labels: LabelSet): string {
  return JSON.stringify(labels.toObject())
}

/** Nanoseconds of Unix time. */
export function toNanos(seconds: number, nanos: number): bigint {
  return BigInt(seconds) * NANOS + BigInt(nanos)
}
