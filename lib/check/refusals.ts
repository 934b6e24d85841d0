/** What Loki's limits would refuse of the entries that a sink sends. */
import type { Entry } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import {
  checkEntry,
  checkLabels,
  DEFAULT_LIMITS,
  tooManyStreams,
  type Limits,
  type Refusal,
} from '../store/limits.ts'

/** Loki's own defaults; the store's differ in that it takes old entries. */
export const LOKI_LIMITS: Limits = { ...DEFAULT_LIMITS, rejectOldSamples: true }

/** Refused entries of one reason. */
export interface Refused {
  /** As in Loki's metrics: `line_too_long`. */
  readonly reason: string
  entries: number
  /** The first of them: its line in the sample, and what is wrong with it. */
  readonly line: number
  readonly message: string
  /** Loki answers 429, and logstream tries again later: nothing is lost, but it comes late. */
  readonly retried: boolean
}

/** Bytes: Loki's `per_stream_rate_limit` and `ingestion_rate_mb` with their bursts (3.x: pkg/validation/limits.go). */
const STREAM_RATE = { perSecond: 3 * 1024 ** 2, burst: 15 * 1024 ** 2 }
const TENANT_RATE = { perSecond: 4 * 1024 ** 2, burst: 6 * 1024 ** 2 }

/** Entries without a time of their own are as new as the check; this much tells them apart, in milliseconds. */
const SAME = 1000

/** What is known of a stream whose entries are checked. */
export interface CheckedStream {
  readonly labels: LabelSet
  readonly tenant: string
  newestSeconds: number
  newestNanos: number
  /** What refuses all its entries. */
  readonly fault: Refusal | undefined
  readonly rate: RateBucket
}

/** An entry's time in milliseconds, where it has its own, and where it came from. */
interface Timed {
  readonly at: number
  readonly line: number
  readonly stream: CheckedStream
}

export class Refusals {
  /** Of the entries that have a time of their own, in milliseconds. */
  oldest = Infinity
  newest = -Infinity
  readonly #limits: Limits | undefined
  readonly #began: number
  readonly #byReason = new Map<string, Refused>()
  readonly #timed: Timed[] = []
  readonly #tenants = new Map<string, { readonly rate: RateBucket; streams: number }>()

  /** `limits`: left out where nothing limits; `began`: the time that entries get if they have none. */
  constructor(limits: Limits | undefined, began: number) {
    this.#limits = limits
    this.#began = began
  }

  /** A new stream. `invalid`: why no Loki could read its labels. */
  stream(labels: LabelSet, tenant: string, invalid: string | undefined): CheckedStream {
    const known = this.#tenants.get(tenant) ?? { rate: new RateBucket(TENANT_RATE), streams: 0 }
    this.#tenants.set(tenant, known)
    known.streams++
    return {
      labels,
      tenant,
      newestSeconds: -Infinity,
      newestNanos: 0,
      fault: this.#fault(labels, known.streams, invalid),
      rate: new RateBucket(STREAM_RATE),
    }
  }

  add(stream: CheckedStream, entry: Entry, bytes: number, line: number): void {
    const { seconds, nanos } = entry
    const at = seconds * 1000 + nanos / 1e6
    const timed = Math.abs(at - this.#began) > SAME
    if (timed) {
      this.oldest = Math.min(this.oldest, at)
      this.newest = Math.max(this.newest, at)
    }
    const limits = this.#limits
    const refusal = stream.fault ?? (limits && checkEntry(stream, entry, timeless(limits), 0))
    if (refusal !== undefined) return this.#refuse(refusal, line)
    if (seconds > stream.newestSeconds || (seconds === stream.newestSeconds && nanos > stream.newestNanos)) {
      stream.newestSeconds = seconds
      stream.newestNanos = nanos
    }
    if (!timed || limits === undefined) return
    this.#timed.push({ at, line, stream })
    if (!stream.rate.take(at, bytes)) this.#refuse(tooFast('per_stream_rate_limit', stream), line)
    else if (!this.#tenants.get(stream.tenant)!.rate.take(at, bytes))
      this.#refuse(tooFast('rate_limited', stream), line)
  }

  /**
   * All refusals, the most frequent first. Which entries are too old is known only now: the newest entry of the sample is
   * taken to arrive when it was written, but no entry later than now.
   */
  finish(): Refused[] {
    const now = Math.min(this.newest, this.#began)
    for (const { at, line, stream } of this.#limits === undefined ? [] : this.#timed) {
      const entry = { seconds: Math.floor(at / 1000), nanos: 0, line: '', structuredMetadata: [] }
      const refusal = checkEntry({ ...stream, newestSeconds: -Infinity }, entry, this.#limits!, now)
      if (refusal !== undefined) this.#refuse(refusal, line)
    }
    return [...this.#byReason.values()].sort((a, b) => b.entries - a.entries)
  }

  #fault(labels: LabelSet, streams: number, invalid: string | undefined): Refusal | undefined {
    const limits = this.#limits
    if (invalid !== undefined) return { reason: 'invalid_labels', message: invalid, status: 400 }
    if (limits === undefined) return undefined
    const tooMany = limits.maxStreams > 0 && streams > limits.maxStreams
    return checkLabels(labels, limits) ?? (tooMany ? tooManyStreams(labels, limits) : undefined)
  }

  #refuse({ reason, message, status }: Refusal, line: number): void {
    const known = this.#byReason.get(reason)
    if (known === undefined)
      this.#byReason.set(reason, { reason, entries: 1, line, message, retried: status === 429 })
    else known.entries++
  }
}

// The limits that don't ask what time it is.
function timeless(limits: Limits): Limits {
  return { ...limits, rejectOldSamples: false, creationGracePeriod: Infinity }
}

function tooFast(
  reason: 'per_stream_rate_limit' | 'rate_limited',
  { labels, tenant }: CheckedStream,
): Refusal {
  const [who, { perSecond, burst }] =
    reason === 'rate_limited'
      ? [`tenant ${JSON.stringify(tenant)}`, TENANT_RATE]
      : [`stream ${labels.text}`, STREAM_RATE]
  const [rate, most] = [perSecond, burst].map((bytes) => bytes / 1024 ** 2)
  return {
    reason,
    message: `${who} has more than ${rate} MB a second, with bursts of ${most} MB`,
    status: 429,
  }
}

/** A bucket of bytes that starts full and refills with the time of the entries. */
export class RateBucket {
  readonly #rate: { readonly perSecond: number; readonly burst: number }
  #left: number
  #at = -Infinity

  constructor(rate: { readonly perSecond: number; readonly burst: number }) {
    this.#rate = rate
    this.#left = rate.burst
  }

  /** Takes the bytes if they are there. `at` in milliseconds. */
  take(at: number, bytes: number): boolean {
    const { perSecond, burst } = this.#rate
    if (at > this.#at && this.#at !== -Infinity)
      this.#left = Math.min(burst, this.#left + ((at - this.#at) / 1000) * perSecond)
    this.#at = Math.max(this.#at, at)
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }
}
