/** The metrics of one endpoint of `loki.write`, under Alloy's names: plain numbers, collected at each scrape. */
import type { DeliveryMetrics, DropReason } from '../delivery/destination.ts'
import { Histogram } from '../telemetry/histogram.ts'
import type { Metrics, Sample } from '../telemetry/metrics.ts'

/** Alloy's names for why entries were dropped. */
const DROP_REASONS = [
  'ingester_error',
  'rate_limited',
  'stream_limited',
  'line_too_long',
  'queue_is_full',
] as const
type AlloyReason = (typeof DROP_REASONS)[number]

const ALLOY_REASONS: Readonly<Record<DropReason, AlloyReason>> = {
  undeliverable: 'ingester_error',
  unsaved_refusal: 'ingester_error',
  slow_down: 'rate_limited',
  limited: 'stream_limited',
  queue_is_full: 'queue_is_full',
}

interface Tenant {
  sentBytes: number
  sentEntries: number
  retries: number
  readonly droppedBytes: Record<AlloyReason, number>
  readonly droppedEntries: Record<AlloyReason, number>
  readonly duration: Map<string, Histogram>
  readonly size: Histogram
  readonly latency: Histogram
}

const KIB = 1024
const MIB = 1024 * KIB
const SIZES = [KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 512 * KIB].concat(
  [1, 2, 4, 8, 16, 20].map((n) => n * MIB),
)
const LATENCIES = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600]
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export class WriteMetrics implements DeliveryMetrics {
  readonly #host: string
  readonly #tenants = new Map<string, Tenant>()

  constructor(metrics: Metrics, host: string) {
    this.#host = host
    const counter = (name: string, help: string, value: (tenant: Tenant) => number): void =>
      metrics.collect(name, 'counter', help, () =>
        this.#each((tenant, labels) => [{ labels, value: value(tenant) }]),
      )
    counter('loki_write_sent_bytes_total', 'Bytes that Loki has accepted, compressed.', (of) => of.sentBytes)
    counter('loki_write_sent_entries_total', 'Entries that Loki has accepted.', (of) => of.sentEntries)
    counter('loki_write_batch_retries_total', 'Batches that had to be sent again.', (of) => of.retries)
    const drops = (
      name: string,
      help: string,
      values: (tenant: Tenant) => Record<AlloyReason, number>,
    ): void =>
      metrics.collect(name, 'counter', help, () =>
        this.#each((tenant, labels) =>
          DROP_REASONS.map((reason) => ({ labels: { ...labels, reason }, value: values(tenant)[reason] })),
        ),
      )
    drops('loki_write_dropped_bytes_total', 'Bytes that were dropped.', (of) => of.droppedBytes)
    drops('loki_write_dropped_entries_total', 'Entries that were dropped.', (of) => of.droppedEntries)
    metrics.collect(
      'loki_write_request_duration_seconds',
      'histogram',
      'Duration of pushes; status_code is -1 when no answer came.',
      () =>
        this.#each((tenant, labels) =>
          [...tenant.duration].flatMap(([code, histogram]) =>
            histogram.samples('loki_write_request_duration_seconds', { ...labels, status_code: code }),
          ),
        ),
    )
    const histogram = (name: string, help: string, of: (tenant: Tenant) => Histogram): void =>
      metrics.collect(name, 'histogram', help, () =>
        this.#each((tenant, labels) => of(tenant).samples(name, labels)),
      )
    histogram('loki_write_request_size_bytes', 'Size of pushes, compressed.', (of) => of.size)
    histogram(
      'loki_write_entry_propagation_latency_seconds',
      'Time from the first entry of a batch coming in until Loki has accepted it, counted for each entry.',
      (of) => of.latency,
    )
  }

  /** Creates a tenant's series, at zero. */
  route(tenant: string): void {
    this.#of(tenant)
  }

  request(tenant: string, status: number, seconds: number, bytes: number): void {
    const of = this.#of(tenant)
    const code = status === 0 ? '-1' : String(status)
    let duration = of.duration.get(code)
    if (duration === undefined) of.duration.set(code, (duration = new Histogram(DURATIONS)))
    duration.observe(seconds)
    of.size.observe(bytes)
  }

  sent(tenant: string, entries: number, bytes: number, seconds: number): void {
    const of = this.#of(tenant)
    of.sentEntries += entries
    of.sentBytes += bytes
    of.latency.observe(seconds, entries)
  }

  retried(tenant: string): void {
    this.#of(tenant).retries++
  }

  dropped(tenant: string, reason: DropReason, entries: number, bytes: number): void {
    const of = this.#of(tenant)
    of.droppedEntries[ALLOY_REASONS[reason]] += entries
    of.droppedBytes[ALLOY_REASONS[reason]] += bytes
  }

  /** Entries that Loki has accepted, over all tenants. */
  get sentEntries(): number {
    let sum = 0
    for (const tenant of this.#tenants.values()) sum += tenant.sentEntries
    return sum
  }

  #of(name: string): Tenant {
    let tenant = this.#tenants.get(name)
    if (tenant === undefined) {
      tenant = {
        sentBytes: 0,
        sentEntries: 0,
        retries: 0,
        droppedBytes: zeros(),
        droppedEntries: zeros(),
        duration: new Map<string, Histogram>(),
        size: new Histogram(SIZES),
        latency: new Histogram(LATENCIES),
      }
      this.#tenants.set(name, tenant)
    }
    return tenant
  }

  #each(samples: (tenant: Tenant, labels: Record<string, string>) => Sample[]): Sample[] {
    return [...this.#tenants].flatMap(([name, tenant]) => samples(tenant, { host: this.#host, tenant: name }))
  }
}

function zeros(): Record<AlloyReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<AlloyReason, number>
}
