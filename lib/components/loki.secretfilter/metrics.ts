/** What `loki.secretfilter` counts, under the names that Alloy's dashboards know. */
import type { Counter, Metrics } from '../../telemetry/metrics.ts'

export class FilterMetrics {
  readonly bypassed: Counter
  readonly timedOut: Counter
  readonly dropped: Counter
  readonly #redacted: Counter
  readonly #byCategory = new Map<string, { rule: string; origin: string; value: number }>()
  #seconds = 0
  #entries = 0

  constructor(metrics: Metrics) {
    const name = 'loki_secretfilter'
    this.bypassed = metrics.counter(`${name}_entries_bypassed_total`, 'Entries that were not searched.')
    this.timedOut = metrics.counter(`${name}_lines_timed_out_total`, 'Lines that took too long.')
    this.dropped = metrics.counter(`${name}_lines_dropped_total`, 'Lines dropped because they took too long.')
    this.#redacted = metrics.counter(`${name}_secrets_redacted_total`, 'Secrets that were hidden.')
    metrics.collect(
      `${name}_secrets_redacted_by_category_total`,
      'counter',
      'Secrets that were hidden, by rule and origin.',
      () =>
        [...this.#byCategory.values()].map(({ rule, origin, value }) => ({
          labels: { rule, origin },
          value,
        })),
    )
    const duration = `${name}_processing_duration_seconds`
    metrics.collect(duration, 'summary', 'Time taken to search and change lines.', () => [
      { name: `${duration}_sum`, labels: {}, value: this.#seconds },
      { name: `${duration}_count`, labels: {}, value: this.#entries },
    ])
  }

  /** Counts one secret; `origin` is '' where there is none. */
  redacted(rule: string, origin: string): void {
    this.#redacted.value++
    const key = `${rule}\n${origin}`
    const known = this.#byCategory.get(key)
    if (known === undefined) this.#byCategory.set(key, { rule, origin, value: 1 })
    else known.value++
  }

  /** Measured per batch: the clock would cost as much as a line. */
  took(seconds: number, entries: number): void {
    this.#seconds += seconds
    this.#entries += entries
  }
}
