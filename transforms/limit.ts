/** `stage.limit`: a rate limit, for all entries or per value of a label. */
import type { Context, EntryFn, Stage, StageContext } from '../lib/component/component.ts'
import type { Timer } from '../lib/flow/clock.ts'
import { keepAlive } from '../lib/flow/keep-alive.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { flag, float, integer, optional, required, text, type OptionsOf } from '../lib/component/fields.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { dropCounter } from '../lib/component/stage.ts'
import { TokenBucket } from '../lib/token-bucket.ts'

/** Label values that always have a bucket each. */
const FEWEST_VALUES = 10_000

/** Timers of Node overflow at 25 days; rates below one a minute are looked at once a minute. */
const LONGEST_WAIT = 60_000

const REASON = 'ratelimit_drop_stage'

const fields = {
  rate: required(float, 'Entries a second, on average.'),
  burst: required(integer, 'Entries that may pass at once.'),
  drop: optional(
    flag,
    false,
    'Drops what exceeds the limit; otherwise it waits, with everything that follows.',
  ),
  by_label_name: optional(text, '', 'Label each value of which has a limit of its own; needs drop = true.'),
  max_distinct_labels: optional(
    integer,
    0,
    'Values of that label with a bucket each, at least 10000; beyond that the oldest start over.',
  ),
}

type Options = OptionsOf<typeof fields>

/**
 * @example
 * limit({ rate: 1000, burst: 5000, drop: true })
 */
export const limit = defineStage({
  name: 'limit',
  summary: 'Limits the rate of entries.',
  fields,
  create: (options, ctx): EntryFn | Stage => {
    if (!(options.rate > 0)) throw badOption('rate', `rate must be more than 0, found ${options.rate}`)
    if (!(options.burst > 0)) throw badOption('burst', `burst must be more than 0, found ${options.burst}`)
    if (options.by_label_name !== '') {
      if (!options.drop)
        throw badOption('by_label_name', 'by_label_name works with drop = true only: set it, or remove this')
      return limitByLabel(options, ctx)
    }
    const bucket = new TokenBucket(options.rate, options.burst)
    if (!options.drop) return new WaitingLimit(bucket, ctx)
    const dropEntry = dropCounter(ctx, REASON)
    return () => (bucket.take(ctx.clock.now()) ? undefined : dropEntry())
  },
})

/** A label value: its bucket, and how many of its entries were dropped since the last turn of generations. */
interface Limited {
  readonly bucket: TokenBucket
  dropped: number
}

// Two generations bound the memory: a value that was in neither starts with a full bucket.
function limitByLabel({ rate, burst, by_label_name, max_distinct_labels }: Options, ctx: Context): EntryFn {
  const size = Math.max(max_distinct_labels, FEWEST_VALUES)
  let young = new Map<string, Limited>()
  let old = new Map<string, Limited>()
  const dropEntry = dropCounter(ctx, REASON)
  ctx.metrics.collect(
    'loki_process_dropped_lines_by_label_total',
    'counter',
    'A count of all log lines dropped as a result of a pipeline stage',
    () =>
      [...new Map([...old, ...young])]
        .filter(([, limited]) => limited.dropped > 0)
        .map(([value, limited]) => ({
          labels: { label_name: by_label_name, label_value: value },
          value: limited.dropped,
        })),
  )
  const turn = (): void => {
    old = young
    young = new Map<string, Limited>()
    for (const limited of old.values()) limited.dropped = 0
  }
  const find = (value: string): Limited => {
    let limited = young.get(value)
    if (limited !== undefined) return limited
    limited = old.get(value) ?? { bucket: new TokenBucket(rate, burst), dropped: 0 }
    young.set(value, limited)
    if (young.size >= size) turn()
    return limited
  }
  return (entry) => {
    const value = entry.labels.get(by_label_name)
    if (value === undefined) return undefined
    const limited = find(value)
    if (limited.bucket.take(ctx.clock.now())) return undefined
    limited.dropped++
    return dropEntry()
  }
}

/**
 * Holds back what is too much. `run` stays open until all of its batch may pass, so that nothing more comes in;
 * until then `tick` releases what may pass. Without ticks, `run` returns all of it at its end.
 */
class WaitingLimit implements Stage {
  readonly #bucket: TokenBucket
  readonly #ctx: StageContext
  #held: Entry[] = []
  /** How many of the held ones have their token. */
  #ready = 0
  /** Open runs; two where what an earlier limit lets go comes in between. */
  #open: ((entries: Entry[]) => void)[] = []
  #timer: Timer | undefined
  /** The clock's timers let the process end, but lines that wait must not be lost with it. */
  #release: (() => void) | undefined

  constructor(bucket: TokenBucket, ctx: StageContext) {
    this.#bucket = bucket
    this.#ctx = ctx
  }

  run(entries: Entry[]): Entry[] | Promise<Entry[]> {
    if (this.#held.length === 0) this.#held = entries
    else for (const entry of entries) this.#held.push(entry)
    if (this.#open.length === 0 && this.#advance()) return this.#letGo()
    return new Promise((resolve) => {
      if (this.#open.push(resolve) > 1) return
      this.#release = keepAlive()
      this.#arm()
    })
  }

  dueAt(): number | undefined {
    if (this.#held.length === 0) return undefined
    return this.#ctx.clock.now() + (this.#ready > 0 ? 0 : this.#wait())
  }

  tick(): Entry[] {
    const all = this.#advance()
    const entries = this.#letGo()
    if (all) this.#finish([])
    return entries
  }

  // What is still held when everything stops: a source that can read it again will, the rest is named.
  close(): void {
    this.#rest()
    const reason = dropped('limit_stopped')
    for (const { ack } of this.#held) if (!ack.replayable) this.#ctx.drop(ack, reason)
    this.#held = []
  }

  /** Hands out tokens; true when every held entry has one. */
  #advance(): boolean {
    const now = this.#ctx.clock.now()
    while (this.#ready < this.#held.length && this.#bucket.take(now)) this.#ready++
    return this.#ready === this.#held.length
  }

  #letGo(): Entry[] {
    const entries = this.#held
    this.#held = entries.slice(this.#ready)
    entries.length = this.#ready
    this.#ready = 0
    return entries
  }

  #wait(): number {
    return Math.min(LONGEST_WAIT, Math.ceil(this.#bucket.wait(this.#ctx.clock.now())))
  }

  #arm(): void {
    this.#timer = this.#ctx.clock.after(this.#wait(), () => {
      if (this.#advance()) this.#finish(this.#letGo())
      else this.#arm()
    })
  }

  #rest(): void {
    this.#timer?.cancel()
    this.#release?.()
  }

  #finish(entries: Entry[]): void {
    this.#rest()
    const [first, ...others] = this.#open
    this.#open = []
    first?.(entries)
    for (const done of others) done([])
  }
}
