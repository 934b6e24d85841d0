/**
 * The aggregations of a vector, `sum by (app) (...)`, `topk(3, ...)` and so on: one row each. The scanner, the checks
 * and the engine all read this table, so a new aggregation needs a row here and its cases.
 */
import { nextMean } from './range-functions.ts'
import { type SeriesLabels, compareLabels } from './series-labels.ts'

/** The value of one series at one step. */
export interface Sample {
  readonly labels: SeriesLabels
  readonly value: number
}

export interface VectorFunction {
  /** Whether it takes a number, as `topk(3, ...)`. */
  readonly parameter?: boolean
  /** Why `by` and `without` are refused. */
  readonly noGrouping?: string
  /** Why the engine doesn't run it. */
  readonly disabled?: string
  /** The order of its samples is part of the answer. */
  readonly ordered?: boolean
  /** Loki can run it on parts of the data and join the results (split.ts). */
  readonly splits?: boolean
  /** Makes one value of a group; samples are never empty. */
  readonly reduce?: (samples: readonly Sample[]) => number
  /** Chooses samples of a group, which keep their labels. */
  readonly choose?: (samples: readonly Sample[], parameter: number) => readonly Sample[]
}

const SORTED = "sort and sort_desc doesn't allow grouping by: remove the grouping"

const VECTOR_FUNCTIONS = {
  // The sum of negative zeros is one, too.
  sum: { splits: true, reduce: (samples) => samples.reduce((total, { value }) => total + value, -0) },
  avg: { splits: true, reduce: mean },
  max: { splits: true, reduce: (samples) => extreme(samples, (a, b) => a > b) },
  min: { splits: true, reduce: (samples) => extreme(samples, (a, b) => a < b) },
  count: { splits: true, reduce: (samples) => samples.length },
  stddev: { reduce: (samples) => Math.sqrt(variance(samples)) },
  stdvar: { reduce: variance },
  topk: { parameter: true, choose: (samples, count) => sorted(samples, true).slice(0, count) },
  bottomk: { parameter: true, choose: (samples, count) => sorted(samples, false).slice(0, count) },
  sort: { noGrouping: SORTED, ordered: true, choose: (samples) => sorted(samples, false) },
  sort_desc: { noGrouping: SORTED, ordered: true, choose: (samples) => sorted(samples, true) },
  approx_topk: {
    parameter: true,
    splits: true,
    noGrouping: 'grouping not allowed for approx_topk aggregation',
    disabled: 'approx_topk is not enabled: use topk',
  },
} satisfies Record<string, VectorFunction>

export type VectorOperation = keyof typeof VECTOR_FUNCTIONS

export const vectorFunctions: Readonly<Record<VectorOperation, VectorFunction>> = VECTOR_FUNCTIONS

function mean(samples: readonly Sample[]): number {
  let result = samples[0]!.value
  for (let i = 1; i < samples.length; i++) result = nextMean(result, samples[i]!.value, i + 1)
  return result
}

function variance(samples: readonly Sample[]): number {
  let average = samples[0]!.value
  let squares = 0
  for (let i = 1; i < samples.length; i++) {
    const { value } = samples[i]!
    const delta = value - average
    average += delta / (i + 1)
    squares += delta * (value - average)
  }
  return squares / samples.length
}

function extreme(samples: readonly Sample[], isBetter: (a: number, b: number) => boolean): number {
  let best = samples[0]!.value
  for (const { value } of samples) if (isBetter(value, best) || Number.isNaN(best)) best = value
  return best
}

/** By value, NaN last, equal ones by their labels. */
function sorted(samples: readonly Sample[], descending: boolean): Sample[] {
  return samples.toSorted((a, b) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value))
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value))
    const difference = descending ? b.value - a.value : a.value - b.value
    return difference === 0 || Number.isNaN(difference) ? compareLabels(a.labels, b.labels) : difference
  })
}
