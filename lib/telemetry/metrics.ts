/**
 * The metrics of the process. Components keep plain numbers and hand them to prom-client's registry when it is
 * scraped: a cached prom-client child still hashes and checks its labels on each call, which for one histogram
 * and one counter cost 1.3 us an entry, more than the rest of the engine together.
 */
import { createRequire } from 'node:module'
import type * as prom from 'prom-client'
import { LogstreamError } from '../errors.ts'
import { Family, type MetricType, type Sample, type SampleSource } from './family.ts'

export type { MetricType, Sample } from './family.ts'

// The parts that are used: the whole package loads OpenTelemetry's API with it, 30 ms of CPU.
const require = createRequire(import.meta.url)
const PromRegistry = require('prom-client/lib/registry.js') as typeof prom.Registry & {
  readonly globalRegistry: prom.Registry
}
const defaultMetrics = (): typeof prom.collectDefaultMetrics =>
  require('prom-client/lib/defaultMetrics.js') as typeof prom.collectDefaultMetrics

export type MetricLabels = Readonly<Record<string, string>>

/** A number that only its owner writes and every scrape reads. */
export interface Counter {
  value: number
}

export interface Gauge {
  value: number
}

export interface Counters {
  add(value: string, n?: number): void
}

/** A family as it is at one moment. */
export interface FamilySnapshot {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly ofConfig: boolean
  readonly samples: readonly Sample[]
}

/** Which families a snapshot is of. */
export type FamilyFilter = (family: { readonly name: string; readonly ofConfig: boolean }) => boolean

/** One registry, shared by all views on it. */
class Families {
  readonly registry: prom.Registry
  readonly #families = new Map<string, Family>()

  readonly #retain: boolean

  constructor(registry: prom.Registry, retain: boolean) {
    this.registry = registry
    this.#retain = retain
  }

  add(name: string, type: MetricType, help: string, source: SampleSource, ofConfig: boolean): () => void {
    let family = this.#families.get(name)
    if (family === undefined) {
      family = new Family(name, type, help, this.#retain, ofConfig)
      this.#families.set(name, family)
      // A Family has what the registry calls; prom-client's type admits only its own classes.
      this.registry.registerMetric(family as unknown as prom.Metric)
    }
    if (family.type !== type)
      throw new LogstreamError(
        'BAD_ARGUMENT',
        `metric "${name}" is already a ${family.type}, it cannot be a ${type} as well: choose another name`,
        { option: 'name' },
      )
    family.add(source)
    return () => this.#remove(family, source)
  }

  snapshot(wanted: FamilyFilter, peek: boolean): FamilySnapshot[] {
    return [...this.#families.values()]
      .filter(wanted)
      .map((family) => ({
        name: family.name,
        help: family.help,
        type: family.type,
        ofConfig: family.ofConfig,
        samples: family.samples(peek),
      }))
      .filter(({ samples }) => samples.length > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #remove(family: Family, source: SampleSource): void {
    if (family.remove(source)) return
    this.#families.delete(family.name)
    this.registry.removeSingleMetric(family.name)
  }
}

/** A view on the registry that adds its labels to every sample and can take back what was made through it. */
export class Metrics {
  readonly #families: Families
  readonly #labels: MetricLabels
  readonly #undo: (() => void)[] = []
  readonly #named = new Map<string, unknown>()

  private constructor(families: Families, labels: MetricLabels) {
    this.#families = families
    this.#labels = labels
  }

  /** A fresh registry; `process` adds prom-client's metrics of this process (CPU, memory, event loop). */
  static create(options: { process?: boolean } = {}): Metrics {
    const families = new Families(new PromRegistry(), false)
    if (options.process === true) defaultMetrics()({ register: families.registry })
    return new Metrics(families, {})
  }

  /** prom-client's default registry, where a library user's own metrics are; counts of pipelines that ended stay. */
  static ofDefaultRegistry(): Metrics {
    return new Metrics(new Families(PromRegistry.globalRegistry, true), {})
  }

  /** A view that also adds `labels`. */
  with(labels: MetricLabels): Metrics {
    return new Metrics(this.#families, { ...this.#labels, ...labels })
  }

  /** A counter with fixed labels, the same one for the same name and labels: add to its `value`. */
  counter(name: string, help: string, labels: MetricLabels = {}): Counter {
    return this.#once(`${name}${JSON.stringify(labels)}`, () => {
      const counter: Counter = { value: 0 }
      this.collect(name, 'counter', help, () => [{ labels, value: counter.value }])
      return counter
    })
  }

  /** A gauge with fixed labels: set its `value`, or pass `read` to have it computed at each scrape. */
  gauge(name: string, help: string, read?: () => number, labels: MetricLabels = {}): Gauge {
    const gauge: Gauge = { value: 0 }
    this.collect(name, 'gauge', help, () => [{ labels, value: read === undefined ? gauge.value : read() }])
    return gauge
  }

  /** Counters that differ in one label, the same ones for the same name: `add(value, n)`; `add(value, 0)` shows a zero. The label's values must be few and known in kind. */
  counters(name: string, help: string, label: string): Counters {
    return this.#once(name, () => {
      const totals = new Map<string, number>()
      this.collect(name, 'counter', help, () =>
        [...totals].map(([of, value]) => ({ labels: { [label]: of }, value })),
      )
      return { add: (value, n = 1) => void totals.set(value, (totals.get(value) ?? 0) + n) }
    })
  }

  /**
   * Samples that `source` computes at each scrape; `ofConfig`: the config defines the metric. Throws BAD_ARGUMENT when the
   * name has another type already.
   */
  collect(name: string, type: MetricType, help: string, source: SampleSource, ofConfig = false): void {
    const labels = this.#labels
    const labelled = (peek: boolean): Sample[] =>
      source(peek).map((sample) => ({ ...sample, labels: { ...sample.labels, ...labels } }))
    this.#undo.push(this.#families.add(name, type, help, labelled, ofConfig))
  }

  #once<T>(key: string, make: () => T): T {
    const known = this.#named.get(key)
    if (known !== undefined) return known as T
    const made = make()
    this.#named.set(key, made)
    return made
  }

  /** Takes back every metric made through this view. */
  close(): void {
    for (const undo of this.#undo.splice(0)) undo()
    this.#named.clear()
  }

  /** All families with at least one sample, sorted by name, as a scrape has them: idle series expire by it. */
  snapshot(): FamilySnapshot[] {
    return this.#families.snapshot(() => true, false)
  }

  /** The same in passing, of some families only: nothing expires by it. */
  peek(wanted: FamilyFilter = () => true): FamilySnapshot[] {
    return this.#families.snapshot(wanted, true)
  }

  /** The exposition of the whole registry, in Prometheus text format, sorted by name. */
  async exposition(): Promise<string> {
    return await this.#families.registry.metrics()
  }

  get contentType(): string {
    return this.#families.registry.contentType
  }
}
