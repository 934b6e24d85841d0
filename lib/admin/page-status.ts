/** What the page asks for every two seconds. */
import { Ledger } from '../flow/ledger.ts'
import type { Request } from '../net/server/router.ts'
import type { ComponentStatus, FailedReload, LedgerStatus, PageStatus } from '../page/status.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'
import { VERSION } from '../version.ts'
import { dropsIn, endpointsOf } from './component-flow.ts'
import type { Administered } from './administered.ts'
import { sayDiagnostic } from './say.ts'

/** `clean` takes secrets out of a text: messages may quote them. */
export function pageStatus(
  admin: Administered,
  request: Request,
  clean: (text: string) => string,
): PageStatus {
  const { ledger, loki, support, metrics } = admin
  const drops = dropsIn(metrics)
  return {
    version: VERSION,
    now: Date.now(),
    server: 'agent',
    components: admin.components().map((each) => componentStatus(each, drops, clean)),
    ledger: ledgerStatus(ledger ?? new Ledger()),
    sources: loki?.sources() ?? [],
    refused: admin.guard?.(request),
    actionsRefused: admin.actions?.(request),
    failedReload: failedReload(admin, clean),
    support: support?.enabled ?? false,
  }
}

function componentStatus(
  info: ComponentInfo,
  drops: ReadonlyMap<string, number>,
  clean: (text: string) => string,
): ComponentStatus {
  const { fullId, name, health, forwardTo, sent, waitedMs } = info
  return {
    fullId,
    name,
    health: { ...health, message: clean(health.message) },
    forwardTo,
    sent,
    waitedMs,
    dropped: drops.get(fullId) ?? 0,
    endpoints: endpointsOf(info).map((each) => ({ ...each, lastError: clean(each.lastError) })),
  }
}

function ledgerStatus(ledger: NonNullable<Administered['ledger']>): LedgerStatus {
  return { read: ledger.read, inFlight: ledger.inFlight, rows: ledger.rows(), notes: ledger.notes() }
}

function failedReload(admin: Administered, clean: (text: string) => string): FailedReload | undefined {
  const failed = admin.failedLoad?.()
  if (failed === undefined) return undefined
  const { at, diagnostics, message } = failed
  return {
    at,
    message: clean(
      diagnostics.length > 0 ? diagnostics.map((each) => sayDiagnostic(each)).join('\n\n') : message,
    ),
  }
}
