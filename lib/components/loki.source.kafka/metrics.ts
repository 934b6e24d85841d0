/** What a Kafka source counts. Alloy counts nothing here. */
import type { BatchFault } from '../../net/kafka/record-batch.ts'
import type { Counter, Counters, Metrics } from '../../telemetry/metrics.ts'
import type { Claim } from './claim.ts'

export class SourceMetrics {
  readonly #refused: Counters
  readonly #missed: Counter

  constructor(metrics: Metrics, claims: () => Iterable<Claim>) {
    this.#refused = metrics.counters(
      'logstream_kafka_refused_messages_total',
      'Messages of batches that were skipped because they cannot be read.',
      'reason',
    )
    this.#missed = metrics.counter(
      'logstream_kafka_missed_messages_total',
      'Messages that Kafka had deleted before they were read.',
    )
    metrics.collect(
      'logstream_kafka_lag_messages',
      'gauge',
      'Messages in Kafka that have not been acknowledged, of the partitions that this process has.',
      () =>
        [...claims()].map(({ topic, partition, lag }) => ({
          labels: { topic, partition: String(partition) },
          value: lag,
        })),
    )
  }

  refused(fault: BatchFault, messages: number): void {
    this.#refused.add(fault, messages)
  }

  missed(messages: number): void {
    this.#missed.value += messages
  }
}
