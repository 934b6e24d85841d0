/** The context of a stage or component that a library user makes, without a supervisor. */
import { systemClock } from '../flow/clock.ts'
import type { Context } from './component.ts'
import { LogstreamError } from '../errors.ts'
import { Ledger } from '../flow/ledger.ts'
import { SILENT } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'

const processMetrics = Metrics.ofDefaultRegistry()
const processLedger = new Ledger()

/** prom-client's default registry, one ledger for the process, no disk, no log. */
export function libraryContext(id: string): Context {
  return {
    id,
    log: SILENT,
    metrics: processMetrics,
    clock: systemClock,
    ledger: processLedger,
    dataDir: undefined,
    stages: () => {
      throw new LogstreamError(
        'BAD_ARGUMENT',
        `${id}: pass inner stages as a list of Transforms, not as blocks`,
      )
    },
  }
}
