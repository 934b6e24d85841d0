/** What is counted of Firehose's requests, under Alloy's names. */
import { Histogram } from '../../telemetry/histogram.ts'
import type { Counters, Metrics } from '../../telemetry/metrics.ts'

const BATCH_SIZE = 'loki_source_awsfirehose_batch_size'

/** Alloy's are those of times, up to 10. */
const BATCH_BOUNDS = [1, 10, 100, 500, 1000, 5000, 10_000]

export class FirehoseMetrics {
  readonly requestErrors: Counters
  readonly recordErrors: Counters
  readonly received: Counters
  /** Without Alloy's `tenant_id`, of which a client could make as many as it likes. */
  readonly attributeErrors: Counters
  readonly batchSize = new Histogram(BATCH_BOUNDS)

  constructor(metrics: Metrics) {
    this.requestErrors = metrics.counters(
      'loki_source_awsfirehose_request_errors',
      'Number of errors while receiving AWS Firehose API requests',
      'reason',
    )
    this.recordErrors = metrics.counters(
      'loki_source_awsfirehose_record_errors',
      'Number of errors while decoding AWS Firehose records',
      'reason',
    )
    this.received = metrics.counters(
      'loki_source_awsfirehose_records_received',
      'Number of records received from AWS Firehose',
      'type',
    )
    this.attributeErrors = metrics.counters(
      'loki_source_awsfirehose_invalid_static_labels_errors',
      'Number of errors while processing AWS Firehose static labels',
      'reason',
    )
    metrics.collect(BATCH_SIZE, 'histogram', 'AWS Firehose received batch size in number of records', () =>
      this.batchSize.samples(BATCH_SIZE),
    )
  }
}
