/** A `loki.write` under test: built from plain options, fed with lines, with its ledger and log at hand. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { SourceAck, type AckOwner } from '../../lib/flow/ack.ts'
import { Batch } from '../../lib/flow/batch.ts'
import { systemClock, type Clock } from '../../lib/flow/clock.ts'
import type { ComponentContext } from '../../lib/component/component.ts'
import { decodeInput } from '../../lib/component/decode.ts'
import { Entry, type StructuredMetadata } from '../../lib/flow/entry.ts'
import { labelSet } from '../../lib/flow/labels.ts'
import { Ledger } from '../../lib/flow/ledger.ts'
import { createWrite, lokiWrite } from '../../lib/components/loki.write/loki-write.ts'
import { createLogger } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'

export interface HarnessOptions {
  readonly dataDir?: string
  readonly clock?: Clock
}

/** What a test says of a line; the time is `seconds`, by default 2026-01-02T03:04:05Z, and `nanos`. */
export interface LineOptions {
  readonly labels?: Readonly<Record<string, string>>
  readonly metadata?: StructuredMetadata
  /** As from a file; otherwise as from a socket. */
  readonly replayable?: boolean
  readonly nanos?: number
  readonly seconds?: number
}

export const SECONDS = 1_767_323_045

export class WriteHarness {
  readonly ledger = new Ledger()
  readonly log: string[] = []
  readonly metrics = Metrics.create()
  readonly component: ReturnType<typeof createWrite>
  readonly #owners: Record<'true' | 'false', AckOwner>
  #waiters: (() => void)[] = []

  constructor(
    options: Readonly<Record<string, unknown>>,
    { dataDir, clock = systemClock }: HarnessOptions = {},
  ) {
    const settled = (): void => {
      for (const wake of this.#waiters.splice(0)) wake()
    }
    this.#owners = {
      true: { ledger: this.ledger, replayable: true, settled },
      false: { ledger: this.ledger, replayable: false, settled },
    }
    const ctx: ComponentContext = {
      id: 'loki.write.test',
      log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => this.log.push(line)),
      metrics: this.metrics,
      clock,
      ledger: this.ledger,
      dataDir,
      modulePath: '',
      stability: 'experimental',
      stages: () => {
        throw new Error('no stages here')
      },
      export: () => {},
    }
    this.component = createWrite(decodeInput('loki.write', lokiWrite.fields, options), ctx, () => 0)
    void this.component.start?.()
  }

  get input(): Writable {
    return this.component.input!
  }

  /** Writes one batch with a line each; resolves when the component wants more. */
  write(lines: readonly string[], options: LineOptions = {}): Promise<void> {
    const { labels = { job: 'test' }, metadata, replayable = false, nanos = 0, seconds = SECONDS } = options
    this.ledger.units(lines.length)
    const owner = this.#owners[replayable ? 'true' : 'false']
    const set = labelSet(labels)
    const entries = lines.map((line, i) => {
      const entry = new Entry(seconds, nanos + i, line, set, new SourceAck(owner, 1))
      if (metadata !== undefined) entry.structuredMetadata = metadata
      return entry
    })
    return new Promise((resolve, reject) => {
      this.input.write(new Batch(entries), (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Resolves when `units` have ended in `state` (or more). */
  async until(state: Parameters<Ledger['total']>[0], units: number): Promise<void> {
    while (this.ledger.total(state) < units) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** The orderly end, as the run-time does it; gives the error of the input, if there was one. */
  async end(deadlineMs?: number): Promise<Error | undefined> {
    if (deadlineMs !== undefined) this.component.drain?.(deadlineMs)
    this.input.end()
    const error = await finished(this.input).then(
      () => undefined,
      (failure: unknown) => failure as Error,
    )
    await this.component.close?.()
    return error
  }

  /** As after a crash: nothing is flushed or settled by the end. */
  async abandon(): Promise<void> {
    this.input.destroy()
    await this.component.close?.()
  }

  /** `state{reason}` to units, for all that has ended. */
  outcomes(): Record<string, number> {
    return Object.fromEntries(
      this.ledger
        .rows()
        .map(({ state, reason, units }) => [reason === '' ? state : `${state}:${reason}`, units]),
    )
  }

  /** The value of a sample in the exposition whose text before the value contains all `parts`. */
  async metric(...parts: string[]): Promise<number | undefined> {
    const line = (await this.metrics.exposition())
      .split('\n')
      .find((each) => !each.startsWith('#') && parts.every((part) => each.includes(part)))
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
  }
}

/** Quick settings for an endpoint. */
export function endpoint(url: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { url, batch_wait: '20ms', min_backoff_period: '10ms', max_backoff_period: '50ms', ...more }
}

/** A folder that is removed at the end of the test. */
export async function tempDir(t: { teardown(run: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** `count` different lines. */
export function numbered(count: number, prefix = 'line'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i}`)
}
