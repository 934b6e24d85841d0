/** Runs the stages of a query over single lines, and metric queries over a few samples: for tests of the engine. */
import { EMPTY_LABELS, labelSet } from '../../lib/flow/labels.ts'
import { queryInstant, queryRange } from '../../lib/logql/engine/engine.ts'
import { type Hints, NO_HINTS } from '../../lib/logql/syntax/hints.ts'
import { LabelBuilder } from '../../lib/logql/stages/label-builder.ts'
import { parseExpression } from '../../lib/logql/syntax/parse.ts'
import type { QueryData } from '../../lib/logql/api/answers.ts'
import { compileStages, reorderStages, runStages } from '../../lib/logql/stages/stages.ts'
import { MemoryQuerier } from './memory-querier.ts'

type Labels = Readonly<Record<string, string>>

export interface LineOptions {
  readonly stream?: Labels
  readonly metadata?: Labels
  readonly hints?: Hints
}

/** What became of a line: false where a stage dropped it, else its text and labels. */
export type Outcome = false | { readonly line: string; readonly labels: Record<string, string> }

/** Runs `| a | b` over a line of 2026-01-05T10:00:00.000000001Z. The stream has no labels unless some are given. */
export function runLine(stages: string, line: string, options: LineOptions = {}): Outcome {
  const expression = parseExpression(`{a="b"} ${stages}`)
  if (expression.kind !== 'log') throw new Error('expected a log query')
  const labels = new LabelBuilder(EMPTY_LABELS, options.hints ?? NO_HINTS)
  labels.reset(labelSet(options.stream ?? {}), Object.entries(options.metadata ?? {}))
  const row = { line, seconds: 1_767_607_200, nanos: 1, labels }
  if (!runStages(compileStages(reorderStages(expression.stages)), row)) return false
  return { line: row.line, labels: Object.fromEntries(labels.pairs()) }
}

/** Only the labels; false where the line was dropped. */
export function labelsOf(
  stages: string,
  line: string,
  options: LineOptions = {},
): false | Record<string, string> {
  const outcome = runLine(stages, line, options)
  return outcome && outcome.labels
}

/** Lines by seconds after 1970, in streams by the text of their labels. */
export type Lines = readonly (readonly [stream: Labels, lines: Readonly<Record<number, string>>])[]

export function store(lines: Lines, batchSize = 3): MemoryQuerier {
  const querier = new MemoryQuerier({ discover: false, batchSize })
  querier.push({
    streams: lines.map(([stream, values]) => ({
      stream,
      values: Object.entries(values).map(([time, line]) => [`${time}000000000`, line] as const),
    })),
  })
  return querier
}

function second(time: number): bigint {
  return BigInt(Math.round(time * 1e9))
}

/** The answer to a range query, with times in seconds. */
export async function ranged(
  querier: MemoryQuerier,
  query: string,
  [start, end, step]: readonly [number, number, number],
): Promise<QueryData> {
  return await queryRange(querier, parseExpression(query), {
    start: second(start),
    end: second(end),
    step: second(step),
    limit: 100,
    direction: 'forward',
    interval: 0n,
    flags: [],
  })
}

/** The values of an instant query by the text of their labels: `{"a":"b"}`. */
export async function instant(
  querier: MemoryQuerier,
  query: string,
  time: number,
): Promise<Record<string, string>> {
  const data = await queryInstant(querier, parseExpression(query), second(time))
  if (data.resultType === 'scalar') return { scalar: data.result[1] }
  if (data.resultType !== 'vector') throw new Error(`expected a vector, found ${data.resultType}`)
  return Object.fromEntries(data.result.map(({ metric, value }) => [JSON.stringify(metric), value[1]]))
}
