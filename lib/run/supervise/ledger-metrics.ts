/** The ledger as metrics: how many source units were read, and how they ended. */
import { LEDGER_NOTES, type Ledger } from '../../flow/ledger.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

/** Shows the account at each scrape. */
export function registerLedgerMetrics(metrics: Metrics, ledger: Ledger): void {
  metrics.collect(
    'logstream_units_total',
    'counter',
    'Source units (lines or messages as read) by the state they ended in.',
    () => ledger.rows().map(({ state, reason, units }) => ({ labels: { state, reason }, value: units })),
  )
  metrics.collect('logstream_units_read_total', 'counter', 'Source units that were read.', () => [
    { labels: {}, value: ledger.read },
  ])
  metrics.gauge(
    'logstream_units_in_flight',
    'Source units that were read and have not ended.',
    () => ledger.inFlight,
  )
  metrics.collect(
    'logstream_ledger_notes_total',
    'counter',
    'What happened outside of this run: entries adopted from the spool of an earlier one, torn out of damaged spool files, or unsaved when refused; bytes that sources skipped.',
    () => LEDGER_NOTES.map((note) => ({ labels: { note }, value: ledger.noted(note) })),
  )
}
