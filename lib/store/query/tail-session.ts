/** One tail: the newest lines that are stored, then what is stored from then on. The pipeline comes first, limits after. */
import { EMPTY_LABELS } from '../../flow/labels.ts'
import type { Clock, Timer } from '../../flow/clock.ts'
import { Budget, defaultLimits } from '../../logql/engine/budget.ts'
import { passedLines } from '../../logql/engine/log-query.ts'
import { momentOf, nanosText } from '../../logql/engine/moment.ts'
import type { Querier } from '../../logql/engine/querier.ts'
import type { EntryLabels, LogStream } from '../../logql/api/answers.ts'
import { labelMap } from '../../logql/metrics/result.ts'
import { compileLineFilter } from '../../logql/stages/filter.ts'
import { LabelBuilder, type CategorizedLabels } from '../../logql/stages/label-builder.ts'
import { labelFiltersOf, parserTests } from '../../logql/stages/label-filter.ts'
import { compileMatchers } from '../../logql/stages/selector.ts'
import type { Row } from '../../logql/stages/stage.ts'
import { planStages, runStages } from '../../logql/stages/stages.ts'
import type { LogExpression } from '../../logql/syntax/ast.ts'
import { NO_HINTS } from '../../logql/syntax/hints.ts'
import type { ArrivalListener, ArrivedRows } from '../arrivals.ts'
import { MetadataReader } from '../metadata.ts'
import { TailQueue, type TailEntry } from './tail-queue.ts'

export interface TailRequest {
  readonly expression: LogExpression
  /** Nanoseconds since 1970. */
  readonly start: bigint
  /** Lines from before the tail began. */
  readonly limit: number
  /** How long lines are held back. */
  readonly delayMs: number
  readonly flags: readonly string[]
}

/** Who is told: messages are JSON. */
export interface TailClient {
  /** Bytes that the client has not taken yet. */
  readonly waiting: number
  send(text: string): void
  /** Ends the tail; `code` as in RFC 6455, section 7.4. */
  close(code: number, reason: string): void
}

export interface TailStore {
  readonly querier: Querier
  readonly arrivals: { subscribe(listener: ArrivalListener): () => void }
  readonly clock: Clock
}

/** How long entries are collected for a message. */
const COLLECT_MS = 100
/** A client with so many bytes to take is sent nothing new, and is given up after a minute of that. */
const SLOW_BYTES = 256 * 1024
const SLOW_MS = 60_000
/** Letters of stored lines that a tail begins with; the newest count first. */
const MOST_STORED = 16 * 1024 * 1024

export class TailSession {
  readonly #request: TailRequest
  readonly #store: TailStore
  readonly #client: TailClient
  readonly #queue: TailQueue
  readonly #convert: (rows: ArrivedRows) => void
  #unsubscribe: (() => void) | undefined
  #begun = false
  #timer: Timer | undefined
  #slowSince: number | undefined

  constructor(request: TailRequest, store: TailStore, client: TailClient) {
    this.#request = request
    this.#store = store
    this.#client = client
    this.#queue = new TailQueue(request.flags)
    const queue = this.#queue
    const add = (entry: Told): void => {
      const key = this.#begun ? '' : keyOf(entry)
      const { json, time, labels } = entry
      queue.add({ json, time, labels, key, due: this.#due() })
    }
    this.#convert = converter(request, { add, drop: (entry) => queue.drop(entry), full: () => queue.full })
  }

  /** Tells the newest lines that are stored, oldest first, and from then on what comes. Throws LogqlError. */
  async begin(): Promise<void> {
    const { start, limit, expression, flags } = this.#request
    const { querier, arrivals, clock } = this.#store
    // What comes while the backlog is read waits for it, and may be in it.
    this.#unsubscribe = arrivals.subscribe((rows) => this.#take(rows))
    const end = BigInt(clock.now() + 1) * 1_000_000n
    const request = { start, end, limit, direction: 'backward' as const, interval: 0n, flags }
    const entries: TailEntry[] = []
    const budget = new Budget(defaultLimits)
    let letters = 0
    for await (const { entry, line, labels } of passedLines(querier, expression, request, budget)) {
      const told = tailEntry(nanosText(entry), line, labels, { flags, full: true })
      const { json, time, labels: stream } = told
      letters += json.length
      if (letters > MOST_STORED && entries.length > 0) this.#queue.drop(told)
      else entries.push({ json, time, labels: stream, key: keyOf(told), due: this.#due() })
    }
    this.#queue.prepend(entries.reverse())
    this.#begun = true
    this.#send()
  }

  close(): void {
    this.#unsubscribe?.()
    this.#timer?.cancel()
    this.#begun = false
  }

  #take(rows: ArrivedRows): void {
    this.#convert(rows)
    if (this.#begun) this.#plan()
  }

  #due(): number {
    return this.#store.clock.now() + this.#request.delayMs
  }

  #plan(): void {
    if (this.#queue.empty) return
    this.#timer ??= this.#store.clock.after(COLLECT_MS, () => {
      this.#timer = undefined
      this.#send()
    })
  }

  #send(): void {
    const now = this.#store.clock.now()
    while (this.#client.waiting < SLOW_BYTES) {
      this.#slowSince = undefined
      const message = this.#queue.message(now)
      if (message === undefined) break
      this.#client.send(message)
    }
    if (this.#client.waiting >= SLOW_BYTES) this.#slowSince ??= now
    if (this.#queue.hopeless || now - (this.#slowSince ?? now) > SLOW_MS)
      return this.#client.close(1011, 'the client reads too slowly')
    this.#plan()
  }
}

// Without what only the backlog tells, such as structured metadata.
function keyOf({ time, labels, line }: Told): string {
  return `${time} ${JSON.stringify(labels)} ${line}`
}

type Told = Omit<TailEntry, 'due' | 'key'> & { readonly line: string }

/** Where converted entries go. A full one drops them, so that they needn't be written as JSON. */
interface Taker {
  add(entry: Told): void
  drop(entry: Pick<Told, 'time' | 'labels'>): void
  full(): boolean
}

/** Runs the query over rows as they come, cheapest tests first. */
function converter(request: TailRequest, taker: Taker): (rows: ArrivedRows) => void {
  const { expression } = request
  const matches = compileMatchers(expression.matchers)
  const wanted = new Map<number, boolean>()
  const { filters, stages, rest } = planStages(expression.stages)
  const tests = filters.map((filter) => compileLineFilter(filter))
  const reader = new MetadataReader()
  const labels = new LabelBuilder(EMPTY_LABELS, NO_HINTS, parserTests(labelFiltersOf(rest)))
  const row: Row = { line: '', seconds: 0, nanos: 0, labels }
  // As Loki does it: a selector alone tells the labels of streams only, a pipeline all of them.
  const shape = { ...request, full: expression.stages.length > 0 }
  return ({ streams, times, lines, metadata, repeats }) => {
    for (const [i, { id, labels }] of streams.entries()) {
      let isWanted = wanted.get(id)
      if (isWanted === undefined) wanted.set(id, (isWanted = matches(labels)))
      const line = lines[i]!
      if (!isWanted || repeats.has(i) || !tests.every((test) => test(line))) continue
      Object.assign(row, momentOf(times[i]!), { line })
      row.labels.reset(labels, metadata[i] === '' ? undefined : reader.read(metadata[i]!))
      if (!runStages(stages, row)) continue
      const time = String(times[i])
      const labelled = row.labels.categorized()
      if (taker.full()) taker.drop({ time, labels: labelMap(labelled.stream) })
      else taker.add(tailEntry(time, row.line, labelled, shape))
    }
  }
}

interface Shape {
  readonly flags: readonly string[]
  readonly full: boolean
}

function tailEntry(time: string, line: string, labels: CategorizedLabels, shape: Shape): Told {
  const stream = labelMap(labels.stream)
  const json = JSON.stringify(streamOf(time, line, labels, shape))
  return { json, time, labels: stream, line }
}

function streamOf(time: string, line: string, labels: CategorizedLabels, { flags, full }: Shape): LogStream {
  const { stream, metadata, parsed } = labels
  const categorize = flags.includes('categorize-labels')
  if (!full) return { stream: labelMap(stream), values: [categorize ? [time, line, {}] : [time, line]] }
  if (!categorize) return { stream: labelMap([...stream, ...metadata, ...parsed]), values: [[time, line]] }
  const apart: EntryLabels = {}
  if (metadata.length > 0) apart.structuredMetadata = labelMap(metadata)
  if (parsed.length > 0) apart.parsed = labelMap(parsed)
  return { stream: labelMap(stream), values: [[time, line, apart]] }
}
