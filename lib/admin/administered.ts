/** What the admin server shows and does. */
import type { Diagnostic } from '../alloy/diagnostic.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'
import type { FailedLoad } from '../run/supervise/loads.ts'
import type { History } from '../telemetry/history.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RecentProblems } from '../telemetry/recent-problems.ts'
import type { LetterBox } from './dead-letters.ts'
import type { FailureOptions } from './failures/routes.ts'
import type { Guard } from './guards.ts'
import type { LokiRoutes } from './loki/routes.ts'
import type { SupportOptions } from './support.ts'
import type { Watched } from './tap/points.ts'
import type { Inspected } from './web-api.ts'

/** What the routes show and do, mostly a supervisor. */
export interface Administered {
  readonly components: () => readonly ComponentInfo[]
  readonly ready: () => boolean
  readonly reload: () => Promise<readonly Diagnostic[]>
  /** The last load, if it failed. */
  readonly failedLoad?: () => FailedLoad | undefined
  readonly metrics: Metrics
  /** What paths of the page and its API begin with; ends with `/`. Left out: `/`. */
  readonly uiPrefix?: string
  readonly ledger?: Pick<Ledger, 'read' | 'inFlight' | 'rows' | 'notes'>
  /** Left out: no API. */
  readonly inspected?: Inspected
  /** Left out: entries can't be looked at as they pass. */
  readonly watched?: Watched
  /** Left out: failures can't be looked at. */
  readonly failures?: Pick<FailureOptions, 'recent' | 'storagePath'>
  /** Left out: no support bundle. */
  readonly support?: SupportOptions
  /** Left out: the page shows no log lines. */
  readonly loki?: LokiRoutes
  /** Which clients may see log lines; left out: all. */
  readonly guard?: Guard
  /** Which clients may act; left out: all. */
  readonly actions?: Guard
  /** Left out: no charts of the last hours. */
  readonly history?: History
  /** Left out: components have no recent errors. */
  readonly problems?: RecentProblems
  /** Left out: no dead letters. */
  readonly letters?: LetterBox
}
