/** One running component: its Node streams connected to its receivers, its start and its orderly end. */
import { finished, pipeline } from 'node:stream/promises'
import { codeOf } from '../../disk/atomic.ts'
import type { Writable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { Value } from '../../alloy/value.ts'
import type {
  Component,
  ComponentContext,
  ComponentDefinition,
  Health,
  Receiver,
} from '../../component/component.ts'
import { Fanout } from '../../component/fanout.ts'
import type { BatchTap } from '../../flow/batch-tap.ts'
import { messageOf } from '../../errors.ts'

export interface LiveOptions {
  readonly fullId: string
  readonly id: string
  readonly componentPath: string
  readonly definition: ComponentDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly component: Component
  readonly ctx: ComponentContext
  /** Where its output can be watched. */
  readonly outputTap?: BatchTap
}

/** The receivers in decoded options: `forward_to`, or the `logs` of an otelcol component's `output`. */
export function receiversIn(options: Readonly<Record<string, unknown>>): readonly Receiver[] {
  const { forward_to: forwardTo, output } = options as {
    readonly forward_to?: readonly Receiver[]
    readonly output?: { readonly logs?: readonly Receiver[] }
  }
  return forwardTo ?? output?.logs ?? []
}

/** Whether options are equal apart from their receivers, which may change while a component runs. */
export function sameButReceivers(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): boolean {
  return isDeepStrictEqual({ ...a, forward_to: null, output: null }, { ...b, forward_to: null, output: null })
}

export class LiveComponent {
  readonly fullId: string
  readonly id: string
  readonly componentPath: string
  readonly definition: ComponentDefinition
  readonly component: Component
  readonly ctx: ComponentContext
  /** As at the start; `Graph` has those that have changed since. */
  readonly exports: ReadonlyMap<string, Value>
  readonly #fanout: Fanout
  #options: Readonly<Record<string, unknown>>
  #pump: Promise<void> | undefined
  #failure: string | undefined
  #stopped = false
  #closing = false

  constructor(options: LiveOptions) {
    this.fullId = options.fullId
    this.id = options.id
    this.componentPath = options.componentPath
    this.definition = options.definition
    this.component = options.component
    this.ctx = options.ctx
    this.exports = options.component.exports ?? new Map<string, Value>()
    this.#options = options.options
    this.#fanout = new Fanout(receiversIn(options.options), options.outputTap)
  }

  get options(): Readonly<Record<string, unknown>> {
    return this.#options
  }

  get input(): Writable | undefined {
    return this.component.input
  }

  get receivers(): readonly Receiver[] {
    return this.#fanout.receivers
  }

  /** Entries handed to each receiver since the start. */
  get sent(): number {
    return this.#fanout.sent
  }

  /** Milliseconds that each receiver has kept it waiting since the start. */
  get waitedMs(): readonly number[] {
    return this.#fanout.waitedMs
  }

  /** Whether it didn't start or broke: it does nothing any more, and only a new one can take its place. */
  get dead(): boolean {
    return this.#failure !== undefined
  }

  /** Takes new options in place, or returns `false`: the component must be replaced. `same`: only the receivers differ. */
  update(options: Readonly<Record<string, unknown>>, same: boolean): boolean {
    if (!same && this.component.update?.(options) !== true) return false
    this.#options = options
    this.#fanout.receivers = receiversIn(options)
    return true
  }

  /** Connects the output and starts the component. Throws what its start throws; it is dead then. */
  async start(): Promise<void> {
    const { output, input } = this.component
    if (output !== undefined)
      this.#pump = pipeline(output, this.#fanout.writable()).catch((error: unknown) => this.fail(error))
    if (input !== undefined && input !== (output as unknown)) input.on('error', (error) => this.fail(error))
    try {
      await this.component.start?.()
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  /** Call it when everything upstream has stopped. Resolves when all that the component held has been handed on. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    const { component } = this
    try {
      await component.stop?.()
      const { input } = component
      if (input !== undefined && !input.destroyed) {
        input.end()
        if (this.#pump === undefined) await finished(input)
      }
      await this.#pump
    } catch (error) {
      this.fail(error)
    }
  }

  /** Releases everything, whether or not it has stopped. */
  async close(): Promise<void> {
    this.#closing = true
    this.component.input?.destroy()
    this.component.output?.destroy()
    await this.component.close?.()
    this.ctx.metrics.close()
  }

  /** Resolves when the output has ended by itself (a one-shot source) or the component was stopped. */
  async outputEnded(): Promise<void> {
    await this.#pump
  }

  health(): Health {
    if (this.#failure !== undefined) return { state: 'unhealthy', message: this.#failure }
    return this.component.health?.() ?? { state: 'healthy', message: '' }
  }

  /** Notes what it died of; the first reason stays. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return
    // What the closing cuts off complains of that.
    if (this.#closing && codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE') return
    this.#failure = messageOf(error)
    this.ctx.log.error('component failed', { error: this.#failure })
  }
}
