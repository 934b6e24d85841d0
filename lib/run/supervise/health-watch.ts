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

/** A component in trouble is to say so within 10 s; it may take some of that itself to be sure. */
const LOOK_MS = 2000

export class HealthWatch {
  readonly #clock: Clock
  readonly #components: () => readonly LiveComponent[]
  readonly #seen = new WeakMap<LiveComponent, ObservedHealth>()
  #timer: Timer | undefined

  constructor(clock: Clock, components: () => readonly LiveComponent[]) {
    this.#clock = clock
    this.#components = components
  }

  /** Looks now, and every other second from here on. */
  start(): void {
    this.#timer?.cancel()
    for (const live of this.#components()) this.of(live)
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
    return health
  }

  close(): void {
    this.#timer?.cancel()
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
