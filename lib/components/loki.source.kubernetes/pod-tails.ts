/** The containers whose logs are read: those of the targets, and those that have left them and whose rest is read. */
import type { ComponentContext } from '../../component/component.ts'
import type { Timer } from '../../flow/clock.ts'
import { Turns } from '../../flow/turns.ts'
import type { ReplayableIntake } from '../../intake/replayable.ts'
import { Warnings } from '../../intake/warnings.ts'
import type { KubernetesApi } from '../../net/kubernetes/api.ts'
import { PodContainer } from './pod-container.ts'
import { isPodCursor } from './pod-cursor.ts'
import type { PodTarget } from './pod-target.ts'

/** Each opening is three requests. */
const OPENING = 20

/**
 * A position stays for so long after its container was last a target: pods that were deleted while logstream didn't run
 * aren't heard of again.
 */
const KEPT_MS = 24 * 3_600_000
const LOOK_MS = 3_600_000

export interface PodTailsOptions {
  readonly ctx: ComponentContext
  readonly intake: ReplayableIntake
  readonly api: KubernetesApi
  /** Without a position, lines from before it are left out: milliseconds of Unix time, 0 for all lines. */
  readonly from: number
}

export class PodTails {
  readonly #options: PodTailsOptions
  readonly #containers = new Map<string, PodContainer>()
  readonly #finishing = new Set<PodContainer>()
  readonly #openings = new Turns({ running: OPENING })
  readonly #warnings: Warnings
  #targets: ReadonlyMap<string, PodTarget> = new Map()
  #stopping = false
  #tidying: Timer

  constructor(options: PodTailsOptions) {
    this.#options = options
    this.#warnings = new Warnings(options.ctx.log, options.ctx.clock)
    this.#tidying = this.#tidyLater()
  }

  get problem(): string {
    for (const [key, { problem }] of this.#containers) if (problem !== '') return `${key}: ${problem}`
    return ''
  }

  /** Reads the logs of these, by their keys, and no others. */
  sync(targets: ReadonlyMap<string, PodTarget>): void {
    this.#targets = targets
    if (this.#stopping) return
    for (const [key, target] of targets) {
      const known = this.#containers.get(key)
      if (known === undefined) this.#add(key, target)
      else known.labels = target.labels
    }
    for (const [key, container] of this.#containers)
      if (!targets.has(key) && !this.#finishing.has(container)) void this.#finish(key, container)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#tidying.cancel()
    this.#openings.close()
    await Promise.all([...this.#containers.values()].map((container) => container.stop()))
  }

  status(): readonly unknown[] {
    return [...this.#containers.values()].map((container) => container.status())
  }

  #tidyLater(): Timer {
    const { ctx, intake } = this.#options
    return ctx.clock.after(LOOK_MS, () => {
      intake.forgetUnused(KEPT_MS)
      this.#tidying = this.#tidyLater()
    })
  }

  #add(key: string, target: PodTarget): void {
    const { ctx, intake, api, from } = this.#options
    const container = new PodContainer({
      target,
      api,
      partition: intake.partition(key, isPodCursor),
      openings: this.#openings,
      from,
      clock: ctx.clock,
      log: ctx.log,
      warnings: this.#warnings,
    })
    this.#containers.set(key, container)
    container.start()
  }

  async #finish(key: string, container: PodContainer): Promise<void> {
    this.#finishing.add(container)
    await container.finish()
    this.#finishing.delete(container)
    if (this.#stopping) return
    this.#containers.delete(key)
    if (container.gone) this.#options.intake.forget(key)
    else this.#options.intake.release(key)
    // It may be a target again.
    this.sync(this.#targets)
  }
}
