/** Health over time: looks at every component, notes since when it is as it is, and logs when that changes. */
import type { Health } from '../../component/component.ts'
import type { Clock, Timer } from '../../flow/clock.ts'
import { formatDuration } from '../../go/duration.ts'
import type { LiveComponent } from './live.ts'

export interface ObservedHealth extends Health {
  /** Since when it is in this state, in milliseconds of Unix time. */
  readonly since: number
  /** Whether the component has died, so that only a reload or a restart brings it back. */
  readonly dead: boolean
}

/** A state that a component has been in. */
export interface HealthChange extends Health {
  /** When it began, in milliseconds of Unix time. */
  readonly at: number
}

/** Changes that are kept for each component. */
const KEPT = 20

/** A component in trouble is to say so within 10 s; it may take some of that itself to be sure. */
const LOOK_MS = 2000

export class HealthWatch {
  readonly #clock: Clock
  readonly #components: () => readonly LiveComponent[]
  readonly #seen = new WeakMap<LiveComponent, ObservedHealth>()
  /** By full id, so that a component that was replaced keeps its past. */
  readonly #changes = new Map<string, HealthChange[]>()
  #timer: Timer | undefined

  constructor(clock: Clock, components: () => readonly LiveComponent[]) {
    this.#clock = clock
    this.#components = components
  }

  /** Looks now, and every other second from here on. */
  start(): void {
    this.#timer?.cancel()
    const components = this.#components()
    for (const live of components) this.of(live)
    const ids = new Set(components.map(({ fullId }) => fullId))
    for (const id of this.#changes.keys()) if (!ids.has(id)) this.#changes.delete(id)
    this.#timer = this.#clock.after(LOOK_MS, () => this.start())
  }

  /** The health of a component as it is now. */
  of(live: LiveComponent): ObservedHealth {
    const { state, message } = live.health()
    const before = this.#seen.get(live)
    const now = this.#clock.now()
    const since = before?.state === state ? before.since : now
    const health = { state, message, since, dead: live.dead }
    this.#seen.set(live, health)
    if (before?.state !== state) logChange(live, before, health)
    this.#note(live.fullId, { state, message, at: now })
    return health
  }

  /** The last states of a component, from the newest to the oldest. */
  changes(fullId: string): readonly HealthChange[] {
    return (this.#changes.get(fullId) ?? []).toReversed()
  }

  close(): void {
    this.#timer?.cancel()
  }

  #note(fullId: string, change: HealthChange): void {
    const known = this.#changes.get(fullId)
    if (known === undefined) return void this.#changes.set(fullId, [change])
    const last = known.at(-1)!
    // The same state in other words is no change.
    if (last.state === change.state) known[known.length - 1] = { ...last, message: change.message }
    else known.push(change)
    if (known.length > KEPT) known.shift()
  }
}

function logChange(live: LiveComponent, before: ObservedHealth | undefined, now: ObservedHealth): void {
  const { log } = live.ctx
  // One that died has said so already.
  if (now.state === 'unhealthy' && !now.dead) log.warn('component is unhealthy', { reason: now.message })
  if (now.state !== 'healthy' || before?.state !== 'unhealthy') return
  const after = formatDuration((now.since - before.since) * 1e6)
  log.info('component is healthy again', { after, reason: before.message })
}
