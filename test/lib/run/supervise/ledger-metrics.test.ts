/** The account of source units at /metrics. */
import t from 'tap'
import { Ledger } from '../../../../lib/flow/ledger.ts'
import { DELIVERED, dropped } from '../../../../lib/flow/outcome.ts'
import { registerLedgerMetrics } from '../../../../lib/run/supervise/ledger-metrics.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

void t.test('what was read, how it ended, and what is on its way', async (t) => {
  const metrics = Metrics.create()
  const ledger = new Ledger()
  registerLedgerMetrics(metrics, ledger)
  ledger.units(10)
  ledger.end(DELIVERED, 5)
  ledger.end(dropped('drop_stage'), 2)
  const text = await metrics.exposition()
  for (const line of [
    'logstream_units_total{state="delivered",reason=""} 5',
    'logstream_units_total{state="dropped",reason="drop_stage"} 2',
    'logstream_units_read_total 10',
    'logstream_units_in_flight 3',
  ])
    t.ok(text.includes(`${line}\n`), `${line}\n${text}`)
})
