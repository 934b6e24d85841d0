/** Stores under test: in folders of their own, open or as the component `loki.store` with its listeners. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { SourceAck } from '../../lib/flow/ack.ts'
import { Batch } from '../../lib/flow/batch.ts'
import { systemClock, type Clock } from '../../lib/flow/clock.ts'
import type { ComponentContext } from '../../lib/component/component.ts'
import { decodeInput } from '../../lib/component/decode.ts'
import { Entry, NO_METADATA, type StructuredMetadata } from '../../lib/flow/entry.ts'
import { labelSet } from '../../lib/flow/labels.ts'
import { Ledger } from '../../lib/flow/ledger.ts'
import type { LogEntry, LogSelection } from '../../lib/logql/engine/querier.ts'
import { createStore, lokiStore, type StoreComponent } from '../../lib/components/loki.store/loki-store.ts'
import { DEFAULT_LIMITS, type Limits } from '../../lib/store/limits.ts'
import { storePush, type PushAnswer } from '../../lib/store/push/store-push.ts'
import { storeQuerier } from '../../lib/store/select.ts'
import { SERVICE_LABELS } from '../../lib/store/service-name.ts'
import { LogStore, type StoreOptions } from '../../lib/store/store.ts'
import { createLogger, SILENT } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'

/** The time of entries that say none: 2026-01-05T10:00:00Z. */
export const SECONDS = 1_767_607_200

/** What a test cares about; the removal of the folder is registered with `teardown`. */
export async function storeFolder(teardown: (run: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'logstream-store-'))
  teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export function storeOptions(path: string, options: Partial<StoreOptions> = {}): StoreOptions {
  return {
    path,
    retention: 0,
    discoverServiceName: SERVICE_LABELS,
    discoverLogLevels: true,
    limits: DEFAULT_LIMITS,
    threads: 1,
    retentionStreams: [],
    maxSize: 0,
    deletionMode: 'filter-and-delete',
    deleteRequestCancelPeriod: 24 * 3_600_000,
    maxMemory: 128 * 1024 ** 2,
    ...options,
  }
}

export function limits(changes: Partial<Limits>): Limits {
  return { ...DEFAULT_LIMITS, ...changes }
}

export async function openStore(
  path: string,
  options: Partial<StoreOptions> = {},
  clock: Clock = systemClock,
): Promise<LogStore> {
  return await LogStore.open(storeOptions(path, options), clock, SILENT)
}

/** A line, or a line with its time (seconds after SECONDS, with fractions) and metadata. */
export type TestLine = string | readonly [line: string, at: number, metadata?: StructuredMetadata]

/** Pushes lines of one stream. */
export async function push(
  store: LogStore,
  labels: Readonly<Record<string, string>>,
  lines: readonly TestLine[],
): Promise<PushAnswer> {
  const entries = lines.map((each) => {
    const [line, at, structuredMetadata = NO_METADATA] = typeof each === 'string' ? [each, 0] : each
    const whole = Math.floor(at)
    return { seconds: SECONDS + whole, nanos: Math.round((at - whole) * 1e9), line, structuredMetadata }
  })
  const counts = { received: () => {}, discarded: () => {} }
  return await storePush(store, [{ labels: labelSet(labels), entries }], counts)
}

/** A selection of everything; narrow it down. */
export function selection(changes: Partial<LogSelection> = {}): LogSelection {
  return {
    matchers: [],
    from: { seconds: 0, nanos: 0 },
    to: { seconds: 4_000_000_000, nanos: 0 },
    signal: undefined,
    direction: 'forward',
    filters: [],
    limit: undefined,
    ...changes,
  }
}

export async function select(store: LogStore, changes: Partial<LogSelection> = {}): Promise<LogEntry[]> {
  const found: LogEntry[] = []
  for await (const batch of storeQuerier(store).entries(selection(changes))) found.push(...batch)
  return found
}

/** `loki.store` with ports of its own. */
export class StoreHarness {
  readonly ledger = new Ledger()
  readonly log: string[] = []
  readonly metrics = Metrics.create()
  readonly component: StoreComponent
  #wake: (() => void)[] = []

  constructor(options: Readonly<Record<string, unknown>>) {
    const ctx: ComponentContext = {
      id: 'loki.store.test',
      log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => this.log.push(line)),
      metrics: this.metrics,
      clock: systemClock,
      ledger: this.ledger,
      dataDir: undefined,
      modulePath: '',
      stability: 'generally-available',
      stages: () => {
        throw new Error('no stages here')
      },
      export: () => {},
    }
    const http = { listen_port: 0, ...(options['http'] as object | undefined) }
    this.component = createStore(decodeInput('loki.store', lokiStore.fields, { ...options, http }), ctx)
  }

  get url(): string {
    return this.component.url!
  }

  /** Writes one batch through the receiver; nothing says when it is stored but the ledger. */
  write(
    lines: readonly string[],
    labels: Record<string, string> = { job: 'test' },
    at = SECONDS,
  ): Promise<void> {
    this.ledger.units(lines.length)
    const owner = {
      ledger: this.ledger,
      replayable: true,
      settled: () => {
        for (const wake of this.#wake.splice(0)) wake()
      },
    }
    const ack = new SourceAck(owner, lines.length)
    const set = labelSet(labels)
    const entries = lines.map((line, i) => new Entry(at, i, line, set, ack))
    return new Promise((resolve, reject) => {
      this.component.input!.write(new Batch(entries), (error) => (error ? reject(error) : resolve()))
    })
  }

  async until(state: Parameters<Ledger['total']>[0], units: number): Promise<void> {
    while (this.ledger.total(state) < units) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  /** Ends in order. Returns the error of the input, if any. */
  async end(): Promise<Error | undefined> {
    const { input } = this.component
    input!.end()
    const error = await finished(input!).then(
      () => undefined,
      (failure: unknown) => failure as Error,
    )
    await this.component.close?.()
    return error
  }
}
