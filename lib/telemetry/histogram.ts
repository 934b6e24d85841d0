/** Observations counted by bucket, and how a scrape shows them. */
import type { MetricLabels, Sample } from './metrics.ts'

export class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  /** `bounds` are the upper ends of the buckets, ascending; +Inf comes by itself. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(value: number, times = 1): void {
    this.#sum += value * times
    this.#count += times
    const at = this.#bounds.findIndex((bound) => value <= bound)
    if (at >= 0) this.#counts[at]! += times
  }

  /** Its lines of the exposition, under the name of its metric. */
  samples(name: string, labels: MetricLabels = {}): Sample[] {
    let below = 0
    const buckets: Sample[] = this.#bounds.map((le, i) => {
      below += this.#counts[i]!
      return { name: `${name}_bucket`, labels: { le, ...labels }, value: below }
    })
    return [
      ...buckets,
      { name: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: this.#count },
      { name: `${name}_sum`, labels, value: this.#sum },
      { name: `${name}_count`, labels, value: this.#count },
    ]
  }
}
