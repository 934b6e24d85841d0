/** Numbers per label set, as `stage.metrics` keeps them: an update is a map look-up and an addition, nothing more. */
import { EMPTY_LABELS, type LabelSet } from './labels.ts'
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

/** The series of one metric. */
export class SeriesTable {
  readonly #maxIdle: number
  readonly #buckets: number
  readonly #known = new Map<LabelSet, Series>()
  readonly #byKey = new Map<string, Series>()
  #lastSet: LabelSet | undefined
  #lastSeries: Series | undefined

  /** `maxIdle` in seconds; `buckets` is 0 but for histograms. */
  constructor(maxIdle: number, buckets = 0) {
    this.#maxIdle = maxIdle
    this.#buckets = buckets
  }

  /** The series of a label set, marked as changed at `now` (Unix seconds). */
  touch(labels: LabelSet, now: number): Series {
    if (labels !== this.#lastSet) {
      this.#lastSeries = this.#known.get(labels) ?? this.#find(labels)
      this.#lastSet = labels
    }
    const series = this.#lastSeries!
    series.changed = now
    return series
  }

  /** The samples of all series; those that nothing has changed for too long are then forgotten. */
  collect(now: number, samplesOf: (series: Series) => Sample[]): Sample[] {
    const samples: Sample[] = []
    let expired = false
    for (const [key, series] of this.#byKey) {
      for (const sample of samplesOf(series)) samples.push(sample)
      if (now < series.changed + this.#maxIdle) continue
      this.#byKey.delete(key)
      expired = true
    }
    if (expired) this.#forgetSets()
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
      series = {
        labels: shown === undefined ? labels.toObject() : Object.fromEntries(shown),
        value: 0,
        count: 0,
        buckets: new Float64Array(this.#buckets),
        changed: 0,
      }
      this.#byKey.set(key, series)
    }
    this.#known.set(labels, series)
    return series
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
