/** One metric name with all its samples, from however many components. prom-client sees it as one of its metrics. */

import { validLegacyLabelName, validLegacyMetricName } from './classic-names.ts'

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary'

/** One line of the exposition. `name` differs from the family's only for `_bucket`, `_sum` and `_count`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly name?: string
}

/** Computes samples; `peek`: for a look in passing, which must not make idle series expire as a scrape does. */
export type SampleSource = (peek: boolean) => Sample[]

export class Family {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly aggregator = 'sum'
  /** Whether a config defines it (`stage.metrics`), not the program. */
  readonly ofConfig: boolean
  readonly #sources = new Set<SampleSource>()
  readonly #retain: boolean
  #retired: readonly Sample[] = []

  /** With `retain`, counts of sources that were removed stay: a counter of a process never falls. */
  constructor(name: string, type: MetricType, help: string, retain: boolean, ofConfig = false) {
    this.name = name
    this.type = type
    this.help = help
    this.#retain = retain && type !== 'gauge'
    this.ofConfig = ofConfig
  }

  add(source: SampleSource): void {
    this.#sources.add(source)
  }

  /** Returns whether anything is left to show. */
  remove(source: SampleSource): boolean {
    if (this.#sources.delete(source) && this.#retain)
      this.#retired = this.#merged([...this.#retired, ...source(false)])
    return this.#sources.size > 0 || this.#retired.length > 0
  }

  samples(peek = false): readonly Sample[] {
    return this.#merged([...this.#retired, ...[...this.#sources].flatMap((source) => source(peek))])
  }

  /** What prom-client's registry asks a metric for. */
  get(): Promise<object> {
    const { name, help, type, aggregator } = this
    const values = this.samples().map(({ labels, value, name: own }) => ({
      labels: classicNames(labels),
      value,
      metricName: classicName(own ?? name),
    }))
    return Promise.resolve({ name: classicName(name), help, type, aggregator, values })
  }

  reset(): void {}

  // Two components may count the same series; twice the same line would make every scrape fail.
  #merged(samples: readonly Sample[]): readonly Sample[] {
    const merged = new Map<string, Sample>()
    for (const sample of samples) {
      const key = keyOf(sample)
      const before = merged.get(key)
      const value = before === undefined || this.type === 'gauge' ? sample.value : before.value + sample.value
      merged.set(key, { ...sample, value })
    }
    return [...merged.values()]
  }
}

/**
 * The text format knows only classic names, and one other makes a whole scrape fail: the rest is replaced with underscores, as
 * Prometheus' clients do for a scraper that doesn't ask for UTF-8 names (EscapeName in prometheus/common).
 */
function classicName(name: string): string {
  return validLegacyMetricName(name) ? name : name.replace(/^[0-9]|[^a-zA-Z0-9_:]/gu, '_')
}

function classicNames(labels: Sample['labels']): Sample['labels'] {
  if (Object.keys(labels).every(validLegacyLabelName)) return labels
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name.replace(/^[0-9]|[^a-zA-Z0-9_]/gu, '_'), value]),
  )
}

function keyOf({ name, labels }: Sample): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}
