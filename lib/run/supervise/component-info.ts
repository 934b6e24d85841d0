/** Running components as others see them: what pages may show, and what they were built with. */
import type { Value } from '../../alloy/value.ts'
import type { ComponentDefinition } from '../../component/component.ts'
import type { Declaration } from '../plan/plan-data.ts'
import type { HealthChange, ObservedHealth } from './health-watch.ts'
import type { LiveComponent } from './live.ts'

/** A component as pages and metrics show it. */
export interface ComponentInfo {
  readonly fullId: string
  readonly id: string
  /** `/` for the main config, `/transactions.pipeline.prod` in a module. */
  readonly componentPath: string
  readonly name: string
  readonly health: ObservedHealth
  /** Full ids. */
  readonly forwardTo: readonly string[]
  /** Entries handed to each of them since the start. */
  readonly sent: number
  /** Milliseconds that each of them has kept it waiting since the start. */
  readonly waitedMs: readonly number[]
  readonly status: unknown
}

/** What a component was built with and exports. It holds secrets, which must not be shown. */
export interface ComponentDetails {
  readonly fullId: string
  readonly id: string
  /** `/` for the main config, `/transactions.pipeline.prod` in a module. */
  readonly componentPath: string
  readonly definition: ComponentDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly exports: ReadonlyMap<string, Value>
  /** Full ids. */
  readonly forwardTo: readonly string[]
  /** The last states it was in, from the newest to the oldest. */
  readonly changes: readonly HealthChange[]
  /** `undefined` while a reload takes it away. */
  readonly declared: Declaration | undefined
}

export function infoOf(live: LiveComponent, health: ObservedHealth): ComponentInfo {
  return {
    fullId: live.fullId,
    id: live.id,
    componentPath: live.componentPath,
    name: live.definition.name,
    health,
    forwardTo: live.receivers.map(({ id }) => id),
    sent: live.sent,
    waitedMs: live.waitedMs,
    status: live.component.status?.(),
  }
}

/** `known`: what others know of it. */
export function detailsOf(
  live: LiveComponent,
  known: Pick<ComponentDetails, 'exports' | 'changes' | 'declared'>,
): ComponentDetails {
  const { fullId, id, componentPath, definition, options, receivers } = live
  return {
    fullId,
    id,
    componentPath,
    definition,
    options,
    forwardTo: receivers.map((each) => each.id),
    ...known,
  }
}
