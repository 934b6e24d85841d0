/** A source at work in a test: its context, what it hands on, and its account. */
import type { Readable } from 'node:stream'
import type { Batch } from '../../lib/flow/batch.ts'
import { systemClock } from '../../lib/flow/clock.ts'
import type { Component, ComponentContext } from '../../lib/component/component.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import { Ledger } from '../../lib/flow/ledger.ts'
import { DELIVERED } from '../../lib/flow/outcome.ts'
import type { Logger } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'

export interface SourceContext extends ComponentContext {
  /** Messages that were logged, with their fields. */
  readonly logged: string[]
}

export function sourceContext(changes: Partial<ComponentContext> = {}): SourceContext {
  const logged: string[] = []
  const write = (message: string, fields?: object): void =>
    void logged.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log: Logger = { debug: write, info: write, warn: write, error: write, with: () => log }
  return {
    id: 'loki.source.test',
    log,
    logged,
    metrics: Metrics.create(),
    clock: systemClock,
    ledger: new Ledger(),
    dataDir: undefined,
    stages: () => {
      throw new Error('sources have no stages')
    },
    export: () => {},
    modulePath: '',
    stability: 'experimental',
    ...changes,
  }
}

/** The value of a metric without labels beyond the component's own; 0 if it does not exist. */
export function metric(ctx: ComponentContext, name: string): number {
  const family = ctx.metrics.snapshot().find((each) => each.name === name)
  return family?.samples.reduce((sum, { value }) => sum + value, 0) ?? 0
}

/** The entries of `output`, delivered as they come, until there are `count`, or to its end. */
export async function take(output: Readable, count = Infinity): Promise<Entry[]> {
  const entries: Entry[] = []
  const iterator = output.iterator({ destroyOnReturn: false })
  while (entries.length < count) {
    const { value, done } = (await iterator.next()) as IteratorResult<Batch>
    if (done === true) break
    for (const entry of value.take()) {
      entry.ack.settle(DELIVERED)
      entries.push(entry)
    }
  }
  await iterator.return?.()
  return entries
}

/** Stops a source and gives what it still handed on. */
export async function finish(source: Component): Promise<Entry[]> {
  const rest = take(source.output!)
  await source.stop?.()
  const entries = await rest
  await source.close?.()
  return entries
}

export function lines(entries: readonly Entry[]): string[] {
  return entries.map(({ line }) => line)
}

/** The ports that a source has open, in the order of its config. */
export function ports(source: Component): number[] {
  const { listeners } = source.status!() as { listeners: { address: string }[] }
  return listeners.map(({ address }) => Number(address.slice(address.lastIndexOf(':') + 1)))
}
