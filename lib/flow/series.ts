/** Numbers per label set, as `stage.metrics` keeps them: an update is a map look-up and an addition. */
import { EMPTY_LABELS, mostValues, type LabelPressure, type LabelSet } from './labels.ts'
import type { Sample } from '../telemetry/metrics.ts'

/** The numbers of one label set. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** The value of a counter or a gauge, the sum of a histogram. */
  value: number
  count: number
  /** Entries by bucket, not cumulative, the last for what is above all bounds. Empty for counters and gauges. */
  readonly buckets: Float64Array
  /** Unix seconds of the last change. */
  changed: number
}

/** Label sets are found by identity; past this many the text decides until they have come by again. */
const KNOWN_SETS = 16_384

/**
 * Series of one metric. A label that holds ids would otherwise take all memory: a million series are 2.5 GB and a
 * scrape of 143 MB.
 */
export const MAX_SERIES = 20_000

/** The series of one metric. */
export class SeriesTable {
  /** Updates left out because they needed one series more than `MAX_SERIES`. */
  refused = 0
  readonly #maxIdle: number
  readonly #buckets: number
  readonly #onFull: (widest: LabelPressure) => void
  readonly #known = new Map<LabelSet, Series>()
  readonly #byKey = new Map<string, Series>()
  /** Takes the updates that are left out; never shown. */
  readonly #refusing: Series
  #told = false
  #lastSet: LabelSet | undefined
  #lastSeries: Series | undefined

  /**
   * `maxIdle` in seconds; `buckets` is 0 except for histograms. `onFull` is called with the label that has the most
   * values when the first series is refused, and again only after some have expired.
   */
  constructor(maxIdle: number, buckets = 0, onFull: (widest: LabelPressure) => void = () => {}) {
    this.#maxIdle = maxIdle
    this.#buckets = buckets
    this.#onFull = onFull
    this.#refusing = this.#newSeries({})
  }

  /** The series of a label set, for a number of updates, marked as changed at `now` (Unix seconds). */
  touch(labels: LabelSet, now: number, updates = 1): Series {
    if (labels !== this.#lastSet) {
      this.#lastSeries = this.#known.get(labels) ?? this.#find(labels)
      this.#lastSet = labels
    }
    const series = this.#lastSeries!
    series.changed = now
    if (series === this.#refusing) this.refused += updates
    return series
  }

  /** Whether a series only takes what is left out. */
  refuses(series: Series): boolean {
    return series === this.#refusing
  }

  /** The samples of all series; those that were idle for too long are then forgotten, unless it's only a `peek`. */
  collect(now: number, samplesOf: (series: Series) => Sample[], peek = false): Sample[] {
    const samples: Sample[] = []
    let expired = false
    for (const [key, series] of this.#byKey) {
      for (const sample of samplesOf(series)) samples.push(sample)
      if (peek || now < series.changed + this.#maxIdle) continue
      this.#byKey.delete(key)
      expired = true
    }
    if (expired) {
      this.#forgetSets()
      this.#told = false
    }
    return samples
  }

  #find(labels: LabelSet): Series {
    if (this.#known.size >= KNOWN_SETS) this.#forgetSets()
    // Names with two underscores are internal: sets that differ only in them are one series, whereas in Alloy
    // they are two with the same name, which makes its whole /metrics fail.
    const shown = labels.names.some((name) => name.startsWith('__'))
      ? labels.entries().filter(([name]) => !name.startsWith('__'))
      : undefined
    const key = shown === undefined ? labels.key : keyOf(shown)
    let series = this.#byKey.get(key)
    if (series === undefined) {
      if (this.#byKey.size >= MAX_SERIES) series = this.#refuse()
      else {
        series = this.#newSeries(shown === undefined ? labels.toObject() : Object.fromEntries(shown))
        this.#byKey.set(key, series)
      }
    }
    this.#known.set(labels, series)
    return series
  }

  #newSeries(labels: Series['labels']): Series {
    // A field that begins as a small integer changes its kind with the first fraction, and V8 compiles all that uses it anew.
    return { labels, value: -0, count: 0, buckets: new Float64Array(this.#buckets), changed: 0 }
  }

  #refuse(): Series {
    if (!this.#told) {
      this.#told = true
      const sets = [...this.#byKey.values()].map(({ labels }) => ({
        names: Object.keys(labels),
        values: Object.values(labels),
      }))
      this.#onFull(mostValues(sets))
    }
    return this.#refusing
  }

  #forgetSets(): void {
    this.#known.clear()
    this.#lastSet = undefined
    this.#lastSeries = undefined
  }
}

function keyOf(pairs: readonly [string, string][]): string {
  let set = EMPTY_LABELS
  for (const [name, value] of pairs) set = set.with(name, value)
  return set.key
}
