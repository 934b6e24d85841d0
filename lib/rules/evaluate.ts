/** Runs the query of a rule at one moment. */
import { defaultLimits, type Limits } from '../logql/engine/budget.ts'
import { queryInstant } from '../logql/engine/engine.ts'
import type { Querier } from '../logql/engine/querier.ts'
import type { MetricExpression } from '../logql/syntax/ast.ts'
import type { Labels } from './rule.ts'

export interface RuleSample {
  readonly labels: Labels
  readonly value: number
}

export interface QueryContext {
  readonly querier: Querier
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
}

/** The samples of a query at `at` (milliseconds). Rejects with LogqlError for limits and what only running it shows. */
export async function samplesAt(
  query: MetricExpression,
  at: number,
  context: QueryContext,
): Promise<readonly RuleSample[]> {
  const data = await inTime(context, (signal) =>
    queryInstant(context.querier, query, BigInt(at) * 1_000_000n, { limits: context.limits ?? {}, signal }),
  )
  if (data.resultType === 'scalar') return [{ labels: {}, value: numberOf(data.result[1]) }]
  if (data.resultType !== 'vector') throw new Error(`expected a vector, found a ${data.resultType}`)
  return data.result.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }))
}

/** Runs a query with a signal that ends it when the time is up: a database looks at no clock of its own. */
async function inTime<T>(
  { limits, signal }: QueryContext,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ms = limits?.timeout ?? defaultLimits.timeout
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(new Error(`the query took longer than ${ms / 1000} s`)), ms)
  try {
    signal?.throwIfAborted()
    return await run(signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]))
  } finally {
    clearTimeout(timer)
  }
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}
