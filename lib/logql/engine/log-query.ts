/** Runs log queries: lines through the pipeline until the limit is reached, grouped into streams by their labels. */
import { EMPTY_LABELS } from '../../flow/labels.ts'
import type { LabelPair } from '../../formats/label-text.ts'
import type { LogExpression } from '../syntax/ast.ts'
import type { Budget } from './budget.ts'
import { NO_HINTS } from '../syntax/hints.ts'
import { type CategorizedLabels, LabelBuilder } from '../stages/label-builder.ts'
import { labelFiltersOf, parserTests } from '../stages/label-filter.ts'
import { momentOf, nanosOf, nanosText } from './moment.ts'
import type { Direction, LogEntry, Querier } from './querier.ts'
import type { EntryLabels, LogStream, StreamsData } from '../api/answers.ts'
import { labelMap } from '../metrics/result.ts'
import { type SeriesLabels, compareLabels, seriesLabels } from '../metrics/series-labels.ts'
import type { Row } from '../stages/stage.ts'
import { planStages, runStages } from '../stages/stages.ts'

/** What a log query asks for. Times are nanoseconds since 1970. */
export interface LogRequest {
  /** Inclusive. */
  readonly start: bigint
  /** Exclusive. */
  readonly end: bigint
  /** Lines over all streams together; `Infinity` for all. */
  readonly limit: number
  readonly direction: Direction
  /** At least so much time between one line and the next, over all streams together; 0 for every line. */
  readonly interval: bigint
  /** What the client sent in X-Loki-Response-Encoding-Flags; `categorize-labels` sets labels apart. */
  readonly flags: readonly string[]
}

/** A line that passed, with its labels apart. Lines with the same labels mostly share the object. */
export interface PassedLine {
  readonly entry: LogEntry
  readonly line: string
  readonly labels: CategorizedLabels
}

/** So many sets of labels are remembered: most lines have those of a line before them. */
const MAX_KNOWN = 4096

/**
 * The lines that pass a log query, in the order of its direction.
 *
 * @throws {LogqlError} when a limit is reached
 */
export async function* passedLines(
  querier: Querier,
  expression: LogExpression,
  request: LogRequest,
  budget: Budget,
): AsyncGenerator<PassedLine> {
  if (request.end < request.start) return
  const { filters, stages, rest } = planStages(expression.stages)
  // A range without length holds what lies exactly there.
  const isInstant = request.end === request.start
  const begun = isInstant ? await begunBefore(querier, expression, request.start, budget) : undefined
  const everyLine = stages.length === 0 && request.interval === 0n
  const tests = parserTests(labelFiltersOf(rest))
  const row: Row = { line: '', seconds: 0, nanos: 0, labels: new LabelBuilder(EMPTY_LABELS, NO_HINTS, tests) }
  const selection = {
    matchers: expression.matchers,
    from: momentOf(request.start),
    to: momentOf(isInstant ? request.end + 1n : request.end),
    direction: request.direction,
    filters,
    limit: everyLine && Number.isFinite(request.limit) ? request.limit : undefined,
    signal: budget.signal,
  }
  const spacing = new Spacing(request)
  const known = new Map<string, CategorizedLabels>()
  const labelsOf = (builder: LabelBuilder): CategorizedLabels => {
    const { signature } = builder
    let labels = known.get(signature)
    if (labels !== undefined) return labels
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(signature, (labels = builder.categorized()))
    return labels
  }
  let left = request.limit
  for await (const batch of querier.entries(selection)) {
    for (const entry of batch) {
      if (left <= 0) return
      budget.spend(entry.line)
      if (begun?.has(entry.stream.key) === false) continue
      row.line = entry.line
      row.seconds = entry.seconds
      row.nanos = entry.nanos
      row.labels.reset(entry.stream, entry.metadata)
      if (!runStages(stages, row) || !spacing.accepts(entry)) continue
      yield { entry, line: row.line, labels: labelsOf(row.labels) }
      left--
    }
    if (left <= 0) return
  }
}

/** Loki's longest chunk. */
const CHUNK_AGE = 2n * 3_600_000_000_000n

/**
 * The streams with lines before a moment. Loki reads a chunk only if it began before the range ended, so a range without
 * length doesn't find the first line of one.
 */
async function begunBefore(
  querier: Querier,
  { matchers }: LogExpression,
  moment: bigint,
  { signal }: Budget,
): Promise<ReadonlySet<string>> {
  const from = momentOf(moment - CHUNK_AGE)
  const known = await querier.statistics({ matchers, from, to: momentOf(moment), signal })
  return new Set(known.map(({ stream }) => stream.key))
}

/** Keeps lines apart by the interval of the request. */
class Spacing {
  readonly #interval: bigint
  readonly #forward: boolean
  #last: bigint | undefined

  constructor({ interval, direction }: LogRequest) {
    this.#interval = interval
    this.#forward = direction === 'forward'
  }

  accepts(entry: LogEntry): boolean {
    if (this.#interval === 0n) return true
    const time = nanosOf(entry)
    if (this.#last !== undefined) {
      const distance = this.#forward ? time - this.#last : this.#last - time
      if (distance < this.#interval) return false
    }
    this.#last = time
    return true
  }
}

const CATEGORIZE = 'categorize-labels'

function entryLabels({ metadata, parsed }: CategorizedLabels): EntryLabels {
  const labels: EntryLabels = {}
  if (metadata.length > 0) labels.structuredMetadata = labelMap(metadata)
  if (parsed.length > 0) labels.parsed = labelMap(parsed)
  return labels
}

function allLabels({ stream, metadata, parsed }: CategorizedLabels): SeriesLabels {
  return seriesLabels([...new Map<string, string>([...stream, ...metadata, ...parsed])] as LabelPair[])
}

interface FoundStream {
  readonly labels: SeriesLabels
  readonly stream: LogStream
}

/** Loki's answer to a log query: streams sorted by their labels, the lines in each in the order of the direction. */
export async function runLogQuery(
  querier: Querier,
  expression: LogExpression,
  request: LogRequest,
  budget: Budget,
): Promise<StreamsData> {
  const categorize = request.flags.includes(CATEGORIZE)
  const streams = new Map<string, FoundStream>()
  const known = new Map<CategorizedLabels, FoundStream>()
  for await (const { entry, line, labels } of passedLines(querier, expression, request, budget)) {
    let found = known.get(labels)
    if (found === undefined) {
      const own = categorize ? seriesLabels([...labels.stream]) : allLabels(labels)
      found = streams.get(own.key)
      if (found === undefined)
        streams.set(own.key, (found = { labels: own, stream: { stream: labelMap(own.pairs), values: [] } }))
      known.set(labels, found)
    }
    const time = nanosText(entry)
    found.stream.values.push(categorize ? [time, line, entryLabels(labels)] : [time, line])
  }
  const result = [...streams.values()].sort((a, b) => compareLabels(a.labels, b.labels))
  const data: StreamsData = { resultType: 'streams', result: result.map(({ stream }) => stream) }
  if (request.flags.length > 0) data.encodingFlags = [...request.flags]
  return data
}
