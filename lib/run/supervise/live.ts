/** One running component: its Node streams connected to `forward_to`, its start and its orderly end. */
import { finished } from 'node:stream/promises'
import { pipeline } from 'node:stream/promises'
import type { Writable } from 'node:stream'
import type { Value } from '../../alloy/value.ts'
import type { Component, ComponentDefinition, Health, Receiver } from '../../component/component.ts'
import { messageOf } from '../../errors.ts'
import { Fanout } from '../../component/fanout.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

export interface LiveOptions {
  readonly fullId: string
  readonly id: string
  readonly componentPath: string
  readonly definition: ComponentDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly component: Component
  readonly metrics: Metrics
  readonly log: Logger
}

/** The receivers in decoded options; the one place that knows the name `forward_to`. */
export function receiversIn(options: Readonly<Record<string, unknown>>): readonly Receiver[] {
  return (options['forward_to'] as readonly Receiver[] | undefined) ?? []
}

export class LiveComponent {
  readonly fullId: string
  readonly id: string
  readonly componentPath: string
  readonly definition: ComponentDefinition
  readonly component: Component
  readonly metrics: Metrics
  options: Readonly<Record<string, unknown>>
  exports: ReadonlyMap<string, Value>
  readonly #fanout: Fanout
  readonly #log: Logger
  #pump: Promise<void> | undefined
  #failure: string | undefined
  #ended = false

  constructor(options: LiveOptions) {
    this.fullId = options.fullId
    this.id = options.id
    this.componentPath = options.componentPath
    this.definition = options.definition
    this.options = options.options
    this.component = options.component
    this.metrics = options.metrics
    this.exports = options.component.exports ?? new Map<string, Value>()
    this.#log = options.log
    this.#fanout = new Fanout(receiversIn(options.options))
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

  /** Takes new options that differ in nothing but what `update` can take; `false`: build the component anew. */
  update(options: Readonly<Record<string, unknown>>, inPlace: boolean): boolean {
    if (!inPlace && this.component.update?.(options) !== true) return false
    this.options = options
    this.#fanout.receivers = receiversIn(options)
    return true
  }

  /** Connects the output and starts the component. Throws what its start throws; it is then unhealthy. */
  async start(): Promise<void> {
    const { output } = this.component
    if (output !== undefined) {
      this.#pump = pipeline(output, this.#fanout.writable()).catch((error: unknown) => this.#broken(error))
    }
    const { input } = this.component
    if (input !== undefined && input !== (output as unknown))
      input.on('error', (error) => this.#broken(error))
    try {
      await this.component.start?.()
    } catch (error) {
      this.#broken(error)
      throw error
    }
  }

  /** Everything upstream has ended: ends the component, resolves when all it held has been handed on. */
  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
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
      this.#broken(error)
    }
  }

  /** Releases everything, in order or not. */
  async close(): Promise<void> {
    this.component.input?.destroy()
    this.component.output?.destroy()
    await this.component.close?.()
    this.metrics.close()
  }

  /** Resolves when the output has ended by itself (a one-shot source) or the component was ended. */
  async outputEnded(): Promise<void> {
    await this.#pump
  }

  health(): Health {
    if (this.#failure !== undefined) return { state: 'unhealthy', message: this.#failure }
    return this.component.health?.() ?? { state: 'healthy', message: '' }
  }

  #broken(error: unknown): void {
    this.#failure = messageOf(error)
    this.#log.error('component failed', { component: this.fullId, error: this.#failure })
  }
}
