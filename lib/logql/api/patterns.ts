/** `patterns`: how often lines of which pattern were written, by level, for Grafana's Logs Drilldown. */
import { Budget, type Limits } from '../engine/budget.ts'
import { passedLines } from '../engine/log-query.ts'
import { floorTo, momentOf, nanosOf } from '../engine/moment.ts'
import type { Querier } from '../engine/querier.ts'
import type { LogExpression } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { parseLogExpression } from '../syntax/parse.ts'
import type { TimeRange } from './params.ts'
import { PatternMiner, type LinePattern } from './pattern-miner.ts'

export interface PatternsRequest extends TimeRange {
  readonly query: string
  /** Nanoseconds between two samples. */
  readonly step: bigint
  readonly limits: Limits
  /** More lines than this are counted from a part of them. */
  readonly mostLines?: number
  readonly signal?: AbortSignal
}

export interface PatternSeries {
  pattern: string
  level: string
  /** Whole seconds and lines. */
  samples: [time: number, count: number][]
}

const MOST_LINES = 200_000
/** Parts of the range that are read then, each from its start. */
const SLICES = 50n
const LEVEL = 'detected_level'
const SECOND = 1_000_000_000n

/** @throws {LogqlError} for anything but a log query, and for too many samples */
export async function minePatterns(querier: Querier, request: PatternsRequest): Promise<PatternSeries[]> {
  const { start, end, step, limits, signal, mostLines = MOST_LINES } = request
  if (step <= 0n || (end - start) / step > 11_000n)
    throw new LogqlError('too many samples: write a larger step')
  const expression = parseLogExpression(request.query)
  const budget = new Budget(limits, signal === undefined ? {} : { signal })
  const selection = { matchers: expression.matchers, signal }
  const entriesIn = async (from: bigint, to: bigint): Promise<number> =>
    (await querier.statistics({ ...selection, from: momentOf(from), to: momentOf(to) })).reduce(
      (sum, { entries }) => sum + entries,
      0,
    )
  const counts = new PatternCounts(step)
  if ((await entriesIn(start, end)) <= mostLines) {
    for await (const line of linesOf(querier, expression, { start, end, limit: Infinity }, budget))
      counts.add(line, 1)
    return counts.series()
  }
  const length = floorTo((end - start) / SLICES, step) + step
  for (let from = floorTo(start, step); from < end; from += length) {
    const slice = { start: from < start ? start : from, end: from + length < end ? from + length : end }
    const limit = Math.ceil(mostLines / Number(SLICES))
    const lines: Line[] = []
    for await (const line of linesOf(querier, expression, { ...slice, limit }, budget)) lines.push(line)
    // What is read stands for all that is there, spread over the steps.
    const weight = lines.length < limit ? 1 : (await entriesIn(slice.start, slice.end)) / limit
    const steps = weight === 1 ? 1n : (slice.end - slice.start + step - 1n) / step
    for (const [i, line] of lines.entries()) {
      const time = weight === 1 ? line.time : slice.start + (BigInt(i) % steps) * step
      counts.add({ ...line, time }, weight)
    }
  }
  return counts.series()
}

interface Line {
  readonly time: bigint
  readonly line: string
  readonly level: string
}

async function* linesOf(
  querier: Querier,
  expression: LogExpression,
  range: TimeRange & { readonly limit: number },
  budget: Budget,
): AsyncGenerator<Line> {
  const request = { ...range, direction: 'forward' as const, interval: 0n, flags: [] }
  for await (const { entry } of passedLines(querier, expression, request, budget)) {
    const level = entry.metadata?.find(([name]) => name === LEVEL)?.[1] ?? 'unknown'
    yield { time: nanosOf(entry), line: entry.line, level }
  }
}

/** Counts by level, pattern and step. */
class PatternCounts {
  readonly #step: bigint
  readonly #levels = new Map<string, PatternMiner>()
  readonly #counts = new WeakMap<LinePattern, Map<bigint, number>>()

  constructor(step: bigint) {
    this.#step = step
  }

  add({ time, line, level }: Line, weight: number): void {
    let miner = this.#levels.get(level)
    if (miner === undefined) this.#levels.set(level, (miner = new PatternMiner()))
    const pattern = miner.add(line)
    if (pattern === undefined) return
    let counts = this.#counts.get(pattern)
    if (counts === undefined) this.#counts.set(pattern, (counts = new Map()))
    const step = floorTo(time, this.#step)
    counts.set(step, (counts.get(step) ?? 0) + weight)
  }

  /** Those with the most lines first. */
  series(): PatternSeries[] {
    const series = [...this.#levels].flatMap(([level, miner]) => this.#ofLevel(level, miner))
    return series.sort((a, b) => totalOf(b) - totalOf(a))
  }

  // Patterns that became the same when words of theirs differed are one.
  #ofLevel(level: string, miner: PatternMiner): PatternSeries[] {
    const byText = new Map<string, Map<bigint, number>>()
    for (const pattern of miner.patterns) {
      const counts = this.#counts.get(pattern) ?? new Map<bigint, number>()
      const known = byText.get(pattern.text)
      if (known === undefined) byText.set(pattern.text, counts)
      else for (const [step, count] of counts) known.set(step, (known.get(step) ?? 0) + count)
    }
    return [...byText].map(([pattern, counts]) => ({
      pattern,
      level,
      samples: [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([step, count]): [number, number] => [Number(step / SECOND), Math.max(1, Math.round(count))]),
    }))
  }
}

function totalOf({ samples }: PatternSeries): number {
  return samples.reduce((sum, [, count]) => sum + count, 0)
}
