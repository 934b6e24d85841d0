/** Vector aggregations: `sum by (app)`, `topk`, `sort` and so on, over the samples of one step. */
import type { VectorAggregation } from '../syntax/ast.ts'
import { nextMean } from './range.ts'
import { type SeriesLabels, compareLabels, onlyLabels, withoutLabels } from './series-labels.ts'

/** The value of one series at one step. */
export interface Sample {
  readonly labels: SeriesLabels
  readonly value: number
}

/** The samples of one step. */
export type Vector = readonly Sample[]

interface Group {
  readonly labels: SeriesLabels
  readonly samples: Sample[]
}

function groupsOf({ grouping }: VectorAggregation, vector: Vector): Group[] {
  const groups = new Map<string, Group>()
  for (const sample of vector) {
    const labels = grouping.without
      ? withoutLabels(sample.labels, grouping.labels)
      : onlyLabels(sample.labels, grouping.labels)
    const group = groups.get(labels.key)
    if (group === undefined) groups.set(labels.key, { labels, samples: [sample] })
    else group.samples.push(sample)
  }
  return [...groups.values()]
}

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

function reduce(operation: VectorAggregation['operation'], samples: readonly Sample[]): number {
  switch (operation) {
    case 'sum':
      return samples.reduce((total, { value }) => total + value, 0)
    case 'avg':
      return mean(samples)
    case 'max':
      return extreme(samples, (a, b) => a > b)
    case 'min':
      return extreme(samples, (a, b) => a < b)
    case 'count':
      return samples.length
    case 'stddev':
      return Math.sqrt(variance(samples))
    default:
      return variance(samples)
  }
}

/** By value, NaN last, equal ones by their labels. */
function ordered(samples: readonly Sample[], descending: boolean): Sample[] {
  return samples.toSorted((a, b) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value))
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value))
    const difference = descending ? b.value - a.value : a.value - b.value
    return difference === 0 || Number.isNaN(difference) ? compareLabels(a.labels, b.labels) : difference
  })
}

/** The result of a vector aggregation for one step. */
export function aggregateVector(expression: VectorAggregation, vector: Vector): Vector {
  const { operation, parameter } = expression
  const result: Sample[] = []
  for (const { labels, samples } of groupsOf(expression, vector)) {
    switch (operation) {
      case 'topk':
      case 'bottomk':
        result.push(...ordered(samples, operation === 'topk').slice(0, parameter))
        break
      case 'sort':
      case 'sort_desc':
        result.push(...ordered(samples, operation === 'sort_desc'))
        break
      default:
        result.push({ labels, value: reduce(operation, samples) })
    }
  }
  return result
}
