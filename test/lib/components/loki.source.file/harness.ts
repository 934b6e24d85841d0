/** A component at work on real files: collects what it gives, settles it at once or on demand. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '../../../../lib/flow/batch.ts'
import { systemClock } from '../../../../lib/flow/clock.ts'
import type { Component, ComponentContext } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { Ledger } from '../../../../lib/flow/ledger.ts'
import { DELIVERED } from '../../../../lib/flow/outcome.ts'
import { lokiSourceFile } from '../../../../lib/components/loki.source.file/file.ts'
import { createLogger } from '../../../../lib/telemetry/log.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

export interface Tidy {
  teardown(tidy: () => unknown): void
}

export async function temporaryFolder(t: Tidy): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Waits until `condition` holds; fails after ten seconds, saying what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export interface World {
  readonly ctx: ComponentContext
  readonly logs: string[]
  readonly exported: ReadonlyMap<string, unknown>[]
}

export function world(dataDir?: string): World {
  const logs: string[] = []
  const exported: ReadonlyMap<string, unknown>[] = []
  const ctx: ComponentContext = {
    id: 'loki.source.file.test',
    log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => logs.push(line)),
    metrics: Metrics.create(),
    clock: systemClock,
    ledger: new Ledger(),
    dataDir,
    stages: () => {
      throw new Error('no stages here')
    },
    export: (exports) => exported.push(exports),
    modulePath: '',
    stability: 'generally-available',
  }
  return { ctx, logs, exported }
}

/** Reads a component's output. */
export class Collector {
  readonly entries: Entry[] = []
  /** Entries not settled yet, oldest first. */
  readonly owed: Entry[] = []
  settling: boolean
  readonly ended: Promise<void>

  constructor(component: Component, settling = true) {
    this.settling = settling
    this.ended = this.#read(component)
    this.ended.catch(() => {})
  }

  get lines(): string[] {
    return this.entries.map(({ line }) => line)
  }

  /** Settles the oldest `count` of what is owed. */
  settle(count = this.owed.length): void {
    for (const entry of this.owed.splice(0, count)) entry.ack.settle(DELIVERED)
  }

  async #read(component: Component): Promise<void> {
    for await (const batch of component.output as AsyncIterable<Batch>) {
      const entries = batch.take()
      this.entries.push(...entries)
      this.owed.push(...entries)
      if (this.settling) this.settle()
    }
  }
}

export interface Running {
  readonly component: Component
  readonly got: Collector
  readonly world: World
  stop(): Promise<void>
}

/** Starts `loki.source.file` with options as a config has them; polls every 25 ms. */
export async function startSource(
  options: Record<string, unknown>,
  dataDir?: string,
  settling = true,
): Promise<Running> {
  const at = world(dataDir)
  const fast = { min_poll_frequency: '25ms', max_poll_frequency: '25ms' }
  const input = { forward_to: [], file_watch: fast, ...options }
  const component = lokiSourceFile.create(
    decodeInput('loki.source.file', lokiSourceFile.fields, input),
    at.ctx,
  )
  const got = new Collector(component, settling)
  await component.start?.()
  const stop = async (): Promise<void> => {
    await component.stop?.()
    await got.ended
    await component.close?.()
  }
  return { component, got, world: at, stop }
}

/** `from` to `to` (not with it) as `line 0007`. */
export function numbered(from: number, to: number, name = 'line'): string[] {
  return Array.from({ length: to - from }, (_, i) => `${name} ${String(from + i).padStart(6, '0')}`)
}

export function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
