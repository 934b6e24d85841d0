/** Pulls one window of time after the other, each by several workers. The position is the start of the window under way. */
import { messageOf } from '../../errors.ts'
import { backoffDelay } from '../../delivery/backoff.ts'
import type { Clock } from '../../flow/clock.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { dropped } from '../../flow/outcome.ts'
import { Signal } from '../../flow/signal.ts'
import type { Instant } from '../../go/rfc3339.ts'
import { UTF8 } from '../../intake/encoding.ts'
import { LineAssembler } from '../../intake/line-assembler.ts'
import { MAX_LINE_BYTES } from '../../intake/line-limit.ts'
import { cutLines, type Segment } from '../../intake/lines.ts'
import type { Partition } from '../../intake/partition.ts'
import { PullError, TooOldError, type Logpull, type Span } from '../../net/cloudflare/logpull.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Counter, Gauge } from '../../telemetry/metrics.ts'

/** Logs can be pulled when they are this old. */
const MIN_AGE_MS = 60_000

/** Logs that are about to expire would be gone when the request arrives. */
const NEARLY_GONE_MS = 10_000

const BACKOFF = { min: 1000, max: 60_000 }

/** Cloudflare ends an answer with this line, after status 200, when it couldn't send all of it. */
const BROKEN_OFF = 'Error streaming data'

export interface PullerOptions {
  readonly logpull: Logpull
  readonly partition: Partition<number | undefined>
  readonly labels: LabelSet
  readonly workers: number
  /** Milliseconds of a window. */
  readonly rangeMs: number
  readonly counted: { readonly entries: Counter; readonly lastEnd: Gauge }
  readonly clock: Clock
  readonly log: Logger
}

export class Puller {
  /** Why a part of the window can't be pulled; '' while all goes well. */
  problem = ''
  readonly #options: PullerOptions
  readonly #stopped = new AbortController()
  readonly #wake = new Signal()
  #from: number
  #running: Promise<void> | undefined

  constructor(options: PullerOptions) {
    this.#options = options
    const { partition, rangeMs, clock, log } = options
    const now = clock.now()
    const newest = now - MIN_AGE_MS - rangeMs
    const stored = partition.position
    if (stored !== undefined && stored > now)
      log.error('the position lies in the future, so the clock was wrong; pulling begins anew', {
        position: new Date(stored).toISOString(),
      })
    this.#from = stored !== undefined && stored <= now ? stored : newest
    // From now on a restart, too, begins here.
    partition.skip(this.#from)
  }

  /** The start of the window under way, in milliseconds of Unix time. */
  get from(): number {
    return this.#from
  }

  /** Where a restart would begin: all logs before it are delivered. */
  get position(): number {
    return this.#options.partition.position ?? this.#from
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Leaves the window under way, which is pulled again after a restart. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#wake.notify()
    await this.#running
  }

  async #run(): Promise<void> {
    const { workers, rangeMs, partition, clock, counted } = this.#options
    const { signal } = this.#stopped
    while (!signal.aborted) {
      const end = this.#from + rangeMs
      const early = end + MIN_AGE_MS - clock.now()
      if (early > 0) {
        await this.#wake.nextWithin(early, clock)
        continue
      }
      const spans = partsOf({ start: this.#from, end }, workers)
      const oldest = await Promise.all(spans.map((span) => this.#pull(span)))
      if (signal.aborted) return
      if (this.problem !== '') this.#options.log.info('logs can be pulled again')
      this.problem = ''
      counted.lastEnd.value = end / 1000
      this.#from = Math.max(end, ...oldest)
      partition.skip(this.#from)
    }
  }

  /** Tries until the span is pulled, or gone for good: returns from when on there are logs, or 0. */
  async #pull(span: Span): Promise<number> {
    const { clock } = this.#options
    const { signal } = this.#stopped
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await this.#pullOnce(span)
        return 0
      } catch (error) {
        if (signal.aborted) break
        if (error instanceof TooOldError) return this.#giveUp(span, error)
        this.#fails(span, error)
        const asked = error instanceof PullError ? error.retryAfterMs : undefined
        await this.#wake.nextWithin(
          backoffDelay(BACKOFF, failures, Math.random, { retryAfterMs: asked }),
          clock,
        )
      }
    }
    return 0
  }

  async #pullOnce(span: Span): Promise<void> {
    const { logpull, partition } = this.#options
    const body = await logpull.received(span, this.#stopped.signal)
    const assembler = new LineAssembler(UTF8, MAX_LINE_BYTES)
    for await (const chunk of body as AsyncIterable<Buffer>) {
      for (const segment of assembler.push(chunk)) this.#take(segment)
      const room = partition.room()
      if (room !== undefined) await room
    }
    for (const segment of assembler.end()) this.#take(segment)
  }

  #take(segment: Segment): void {
    const { partition, labels, counted, log } = this.#options
    if (segment.part !== undefined && segment.part > 0) {
      if (segment.part > 1) return
      log.warn('a log of Cloudflare is too long and left out', { bytes: MAX_LINE_BYTES })
      return partition.reject(dropped('too_long'), this.#from)
    }
    const lines: string[] = []
    cutLines(segment, lines)
    for (const line of lines) {
      if (line === '') continue
      if (line.startsWith(BROKEN_OFF)) throw new PullError('Cloudflare broke its answer off')
      partition.add(line, labels, this.#from, timeOf(line))
      counted.entries.value++
    }
  }

  #fails(span: Span, error: unknown): void {
    const { log } = this.#options
    const reason = messageOf(error)
    if (this.problem === '')
      log.error('logs cannot be pulled; trying again', { ...shown(span), error: reason })
    this.problem = reason
  }

  #giveUp({ start, end }: Span, { message, keptMs }: TooOldError): number {
    const { log, clock } = this.#options
    const first = Math.ceil(clock.now() - keptMs) + NEARLY_GONE_MS
    const lost = shown({ start, end: Math.max(end, first) })
    log.error('logs are lost: Cloudflare no longer has them', { ...lost, error: message })
    return first
  }
}

/** Cuts a span into parts of equal length, of whole milliseconds; the last one takes the rest. */
function partsOf({ start, end }: Span, count: number): Span[] {
  const length = Math.floor((end - start) / count)
  return Array.from({ length: count }, (_, i) => ({
    start: start + i * length,
    end: i === count - 1 ? end : start + (i + 1) * length,
  })).filter((span) => span.end > span.start)
}

/** When the request began, in nanoseconds of Unix time: too large for a number of JavaScript, so it's read as text. */
function timeOf(line: string): Instant | undefined {
  const [, nanos] = /"EdgeStartTimestamp":\s*(\d{10,19})(?!\d)/.exec(line) ?? []
  if (nanos === undefined) return undefined
  return { seconds: Number(nanos.slice(0, -9)), nanos: Number(nanos.slice(-9)) }
}

function shown({ start, end }: Span): { readonly start: string; readonly end: string } {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
}
