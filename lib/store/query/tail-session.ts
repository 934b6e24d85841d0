/** One tail: the newest lines that are here, then what comes in, second by second. */
import type { Clock } from '../../flow/clock.ts'
import type { LogExpression, LineFilter } from '../../logql/syntax/ast.ts'
import { Budget, defaultLimits } from '../../logql/engine/budget.ts'
import { compileLineFilter } from '../../logql/stages/filter.ts'
import { passedLines, type LogRequest, type PassedLine } from '../../logql/engine/log-query.ts'
import { nanosText } from '../../logql/engine/moment.ts'
import type { LogEntry, Querier } from '../../logql/engine/querier.ts'
import { labelMap, type EntryLabels, type LogStream } from '../../logql/metrics/result.ts'
import type { Arrivals } from './arrivals.ts'

export interface TailRequest {
  readonly expression: LogExpression
  /** Nanoseconds since 1970. */
  readonly start: bigint
  /** Lines that were here before. */
  readonly limit: number
  /** How long lines are held back. */
  readonly delayMs: number
  readonly flags: readonly string[]
}

/** Who is told: a message is JSON. */
export interface TailClient {
  readonly waiting: number
  send(text: string): void
}

export interface TailStore {
  readonly querier: Querier
  readonly arrivals: Arrivals
  readonly clock: Clock
}

/** Entries of one message. */
const MOST = 5000
/** A client that has so many bytes to take yet is told nothing new until it has. */
const SLOW_BYTES = 4 * 1024 * 1024
const FOREVER = 2n ** 63n

export class TailSession {
  readonly #request: TailRequest
  readonly #store: TailStore
  readonly #client: TailClient
  readonly #delayed: { readonly due: number; readonly text: string }[] = []
  #place = -1n
  /** What the backlog told, until the first look at arrivals, which may tell it again. */
  #told: Set<string> | undefined

  constructor(request: TailRequest, store: TailStore, client: TailClient) {
    this.#request = request
    this.#store = store
    this.#client = client
  }

  /** Tells the newest lines that are here, oldest first. Throws LogqlError. */
  async begin(): Promise<void> {
    const { start, limit, expression } = this.#request
    const { querier, arrivals, clock } = this.#store
    this.#place = await arrivals.newest()
    const end = BigInt(clock.now() + 1) * 1_000_000n
    const lines: PassedLine[] = []
    const request = this.#logRequest({ start, end, limit, direction: 'backward' })
    for await (const line of passedLines(querier, expression, request, new Budget(defaultLimits)))
      lines.push(line)
    this.#told = new Set(lines.map(({ entry }) => keyOf(entry)))
    this.#tell(lines.reverse(), true)
  }

  /** Tells what has come since. Throws LogqlError. */
  async next(): Promise<void> {
    this.#flush()
    if (this.#client.waiting > SLOW_BYTES) return
    const { expression } = this.#request
    const { place, entries } = await this.#store.arrivals.since(this.#place, expression.matchers, MOST)
    this.#place = place
    const told = this.#told
    this.#told = undefined
    const fresh = told === undefined ? entries : entries.filter((entry) => !told.has(keyOf(entry)))
    if (fresh.length === 0) return
    const lines: PassedLine[] = []
    const request = this.#logRequest({ start: -FOREVER, end: FOREVER, limit: MOST, direction: 'forward' })
    for await (const line of passedLines(over(fresh), expression, request, new Budget(defaultLimits)))
      lines.push(line)
    // As Loki does it: a selector alone tells the labels of streams only, a pipeline all of them.
    this.#tell(lines, expression.stages.length > 0)
  }

  #logRequest(part: Pick<LogRequest, 'start' | 'end' | 'limit' | 'direction'>): LogRequest {
    return { ...part, interval: 0n, flags: this.#request.flags }
  }

  #tell(lines: readonly PassedLine[], full: boolean): void {
    if (lines.length === 0) return
    const { flags, delayMs } = this.#request
    const categorize = flags.includes('categorize-labels')
    const streams = lines.map((line) => streamOf(line, categorize, full))
    const text = JSON.stringify(flags.length > 0 ? { streams, encodingFlags: flags } : { streams })
    this.#delayed.push({ due: this.#store.clock.now() + delayMs, text })
    this.#flush()
  }

  #flush(): void {
    const now = this.#store.clock.now()
    while (this.#delayed.length > 0 && this.#delayed[0]!.due <= now)
      this.#client.send(this.#delayed.shift()!.text)
  }
}

function keyOf({ stream, seconds, nanos, line }: LogEntry): string {
  return `${seconds}.${nanos} ${stream.key} ${line}`
}

function streamOf({ entry, line, labels }: PassedLine, categorize: boolean, full: boolean): LogStream {
  const { stream, metadata, parsed } = labels
  const time = nanosText(entry)
  if (!full) return { stream: labelMap(stream), values: [categorize ? [time, line, {}] : [time, line]] }
  if (!categorize) return { stream: labelMap([...stream, ...metadata, ...parsed]), values: [[time, line]] }
  const apart: EntryLabels = {}
  if (metadata.length > 0) apart.structuredMetadata = labelMap(metadata)
  if (parsed.length > 0) apart.parsed = labelMap(parsed)
  return { stream: labelMap(stream), values: [[time, line, apart]] }
}

/** Entries as a store, for the pipeline; their streams match already. */
function over(entries: readonly LogEntry[]): Querier {
  return {
    entries: ({ filters }) => [entries.filter(passing(filters))],
    streams: () => Promise.resolve([]),
    statistics: () => Promise.resolve([]),
  }
}

function passing(filters: readonly LineFilter[]): (entry: LogEntry) => boolean {
  const tests = filters.map((filter) => compileLineFilter(filter))
  return ({ line }) => tests.every((test) => test(line))
}
