/** The metrics of a sink with one destination: `logstream_sink_KIND_*`. */
import type { Counter, Counters, Metrics } from '../telemetry/metrics.ts'
import type { DeliveryMetrics, DropReason } from './destination.ts'

export class SinkMetrics implements DeliveryMetrics {
  readonly #entries: Counter
  readonly #bytes: Counter
  readonly #retries: Counter
  readonly #requests: Counters
  readonly #dropped: Counters

  /** `kind` is part of the names, `destination` of the help: `kafka`, Kafka. */
  constructor(metrics: Metrics, kind: string, destination: string) {
    const counter = (name: string, help: string): Counter =>
      metrics.counter(`logstream_sink_${kind}_${name}`, help)
    this.#entries = counter('sent_entries_total', `Entries that ${destination} has stored.`)
    this.#bytes = counter(
      'sent_bytes_total',
      `Bytes of batches that ${destination} has stored, as they wait to be sent.`,
    )
    this.#retries = counter('batch_retries_total', 'Batches that had to be sent again.')
    this.#requests = metrics.counters(
      `logstream_sink_${kind}_batches_total`,
      'Batches that were sent, by whether all of it was stored.',
      'outcome',
    )
    this.#dropped = metrics.counters(
      `logstream_sink_${kind}_dropped_entries_total`,
      'Entries that were dropped.',
      'reason',
    )
  }

  route(): void {}

  request(): void {}

  sent(_route: string, entries: number, bytes: number): void {
    this.#entries.value += entries
    this.#bytes.value += bytes
    this.#requests.add('stored')
  }

  retried(): void {
    this.#retries.value++
    this.#requests.add('failed')
  }

  dropped(_route: string, reason: DropReason, entries: number): void {
    this.#dropped.add(reason, entries)
  }

  get sentEntries(): number {
    return this.#entries.value
  }
}
