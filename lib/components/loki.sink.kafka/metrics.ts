/** The metrics of `loki.sink.kafka`. */
import type { DeliveryMetrics, DropReason } from '../../delivery/destination.ts'
import type { Counter, Counters, Metrics } from '../../telemetry/metrics.ts'

export class SinkMetrics implements DeliveryMetrics {
  readonly #entries: Counter
  readonly #bytes: Counter
  readonly #retries: Counter
  readonly #requests: Counters
  readonly #dropped: Counters

  constructor(metrics: Metrics) {
    const counter = (name: string, help: string): Counter =>
      metrics.counter(`logstream_sink_kafka_${name}`, help)
    this.#entries = counter('sent_entries_total', 'Entries that Kafka has stored.')
    this.#bytes = counter(
      'sent_bytes_total',
      'Bytes of batches that Kafka has stored, as they wait to be sent.',
    )
    this.#retries = counter('batch_retries_total', 'Batches that had to be sent again.')
    this.#requests = metrics.counters(
      'logstream_sink_kafka_batches_total',
      'Batches that were sent, by whether all of it was stored.',
      'outcome',
    )
    this.#dropped = metrics.counters(
      'logstream_sink_kafka_dropped_entries_total',
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
