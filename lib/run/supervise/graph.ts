/** The running components and their receivers: changed as a plan says, put back when a change fails, stopped in order. */
import { isDeepStrictEqual } from 'node:util'
import type { Value } from '../../alloy/value.ts'
import type { Component } from '../../component/component.ts'
import { StageTap } from '../../flow/stage-tap.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { BatchTap } from '../../flow/batch-tap.ts'
import type { Clock, Timer } from '../../flow/clock.ts'
import { release, type PlannedComponent, type Running } from '../plan/plan-data.ts'
import { Gate } from './gate.ts'
import { LiveComponent, sameButReceivers, type LiveOptions } from './live.ts'

/** A reload waits this long for what it replaces: as long as Alloy's loki.write drains. */
const RELOAD_DEADLINE_MS = 15_000

export interface GraphOptions {
  readonly clock: Clock
  /** Resolves when whatever hasn't stopped by then is closed as it is. */
  readonly givenUp: Promise<void>
  /** Something exports other values than those that the rest was planned with. */
  readonly onExports: () => void
}

/** Where one component can be watched, by id, for as long as the process runs. Its gate shows what goes in. */
export interface ComponentTaps {
  readonly output: BatchTap
  readonly stages: StageTap
}

export class Graph {
  readonly #options: GraphOptions
  readonly #gates = new Map<string, Gate>()
  readonly #taps = new Map<string, ComponentTaps>()
  readonly #exported = new Map<string, ReadonlyMap<string, Value>>()
  #live: readonly LiveComponent[] = []
  #kept = 0

  constructor(options: GraphOptions) {
    this.#options = options
  }

  /** In dependency order, sinks first. */
  get components(): readonly LiveComponent[] {
    return this.#live
  }

  /** Entries that components which have ended keep on disk for the next start. */
  get kept(): number {
    return this.#kept
  }

  /** The receiver of a component: the same object for as long as the process runs. */
  gate(fullId: string): Gate {
    let gate = this.#gates.get(fullId)
    if (gate === undefined) this.#gates.set(fullId, (gate = new Gate(fullId)))
    return gate
  }

  taps(fullId: string): ComponentTaps {
    let taps = this.#taps.get(fullId)
    if (taps === undefined)
      this.#taps.set(fullId, (taps = { output: new BatchTap(), stages: new StageTap() }))
    return taps
  }

  /** What a plan may take over; nothing that is dead. */
  running(fullId: string): Running | undefined {
    const live = this.#live.find((each) => each.fullId === fullId)
    if (live === undefined || live.dead) return undefined
    const { definition, options, component, ctx } = live
    return { definition, options, component, ctx, exports: this.exportsOf(live) }
  }

  exportsOf({ fullId, exports }: LiveComponent): ReadonlyMap<string, Value> {
    return this.#exported.get(fullId) ?? exports
  }

  setExports(fullId: string, exports: ReadonlyMap<string, Value>): void {
    this.#exported.set(fullId, exports)
    this.#options.onExports()
  }

  /** Runs what a plan asks for. When a component can't start, what ran before is put back and its error thrown. */
  async replace(planned: readonly PlannedComponent[]): Promise<void> {
    const before = this.#live.map((live) => ({ live, options: live.options }))
    for (const live of await this.#swap(planned)) {
      try {
        await this.#start(live)
      } catch (error) {
        await this.#putBack(before)
        throw new LogstreamError(
          error instanceof LogstreamError ? error.code : 'IO',
          `${live.fullId} cannot start: ${messageOf(error)}`,
          { cause: error },
        )
      }
    }
  }

  /** Follows changed exports: there is nothing to go back to, so what can't start stays dead and the rest runs. */
  async follow(planned: readonly PlannedComponent[]): Promise<void> {
    // What can't start has logged why.
    for (const live of await this.#swap(planned)) await this.#start(live).catch(() => undefined)
  }

  /** Stops everything, sources first: each component hands on what it holds before the next one stops. */
  async stop(): Promise<void> {
    await this.#stopAll(this.#live, this.#options.givenUp)
    this.#live = []
  }

  /** Tells sinks that they have `deadlineMs` milliseconds for sending what they hold. */
  drain(deadlineMs: number, components: readonly LiveComponent[] = this.#live): void {
    for (const { component } of components) component.drain?.(deadlineMs)
  }

  // Stops what the plan doesn't have, or has in another form; returns what is new and must be started.
  async #swap(planned: readonly PlannedComponent[]): Promise<readonly LiveComponent[]> {
    const old = new Map(this.#live.map((live) => [live.fullId, live]))
    const next: LiveComponent[] = []
    const fresh: LiveComponent[] = []
    for (const each of planned) {
      const before = old.get(each.fullId)
      if (before !== undefined && (await keep(before, each))) {
        next.push(before)
        continue
      }
      const live = this.#make(each)
      next.push(live)
      fresh.push(live)
      // Others were planned with what the old one exports, in the hope that it could stay.
      if (before !== undefined && !isDeepStrictEqual(before.exports, live.exports)) this.#options.onExports()
    }
    await this.#retire(this.#live.filter((live) => !next.includes(live)))
    this.#live = next
    return fresh
  }

  // A component that didn't start gets nothing: its senders wait, so that nothing is lost in it.
  async #start(live: LiveComponent): Promise<void> {
    await live.start()
    if (live.input !== undefined) this.gate(live.fullId).open(live.input)
  }

  async #putBack(
    before: readonly { readonly live: LiveComponent; readonly options: LiveComponent['options'] }[],
  ): Promise<void> {
    const kept = new Set(this.#live)
    const next: LiveComponent[] = []
    const again: LiveComponent[] = []
    const old = new Set(before.map(({ live }) => live))
    await this.#retire(this.#live.filter((live) => !old.has(live)))
    for (const { live, options } of before) {
      const same = sameButReceivers(live.options, options)
      if (kept.has(live) && live.update(options, same)) {
        next.push(live)
        continue
      }
      if (kept.has(live)) await this.#retire([live])
      const rebuilt = this.#rebuild(live, options)
      next.push(rebuilt)
      again.push(rebuilt)
    }
    this.#live = next
    for (const live of again) if (!live.dead) await this.#start(live).catch(() => undefined)
  }

  #make(planned: Omit<LiveOptions, 'outputTap'>): LiveComponent {
    return new LiveComponent({ ...planned, outputTap: this.taps(planned.fullId).output })
  }

  // A component like one that was stopped. What can't be built any more is dead from the start.
  #rebuild(
    { fullId, id, componentPath, definition, ctx, exports }: LiveComponent,
    options: LiveComponent['options'],
  ): LiveComponent {
    const like = (component: Component): LiveComponent =>
      this.#make({ fullId, id, componentPath, definition, options, component, ctx })
    try {
      return like(definition.create(options, ctx, exports))
    } catch (error) {
      const dead = like({})
      dead.fail(error)
      return dead
    }
  }

  // A sink whose endpoint is down must not hold up a reload for ever, since the reload may be what mends it.
  async #retire(ending: readonly LiveComponent[]): Promise<void> {
    if (ending.length === 0) return
    this.drain(RELOAD_DEADLINE_MS / 2, ending)
    let timer: Timer | undefined
    const late = new Promise<void>((resolve) => {
      timer = this.#options.clock.after(RELOAD_DEADLINE_MS, resolve)
    })
    await this.#stopAll(ending, Promise.race([late, this.#options.givenUp]))
    timer?.cancel()
  }

  // Sources come last in dependency order, so they stop first, while what they send to still runs.
  async #stopAll(ending: readonly LiveComponent[], deadline: Promise<void>): Promise<void> {
    const inOrder = async (): Promise<void> => {
      for (const live of this.#live.toReversed()) {
        if (!ending.includes(live)) continue
        // Entries of components that stay wait for the new one.
        this.gate(live.fullId).shut()
        await live.stop()
      }
    }
    await Promise.race([inOrder(), deadline])
    this.#kept = ending.reduce((sum, { component }) => sum + (component.kept?.() ?? 0), this.#kept)
    for (const live of ending) {
      this.gate(live.fullId).shut()
      this.#exported.delete(live.fullId)
      await live.close()
    }
  }
}

// Whether the running component can take the new options; the one that was built to try them is closed then.
async function keep(before: LiveComponent, planned: PlannedComponent): Promise<boolean> {
  if (before.dead || before.definition !== planned.definition) return false
  if (!before.update(planned.options, !planned.fresh)) return false
  if (planned.fresh) await release(planned)
  return true
}
