/** Vector aggregations over the samples of one step. */
import type { Grouping, VectorAggregation } from '../syntax/ast.ts'
import { type SeriesLabels, onlyLabels, withoutLabels } from './series-labels.ts'
import { type Sample, vectorFunctions } from './vector-functions.ts'

/** The samples of one step. */
export type Vector = readonly Sample[]

interface Group {
  readonly labels: SeriesLabels
  readonly samples: Sample[]
}

/** The result of a vector aggregation for one step. */
export function aggregateVector(
  { operation, parameter, grouping }: Pick<VectorAggregation, 'operation' | 'parameter' | 'grouping'>,
  vector: Vector,
): Vector {
  const { reduce, choose } = vectorFunctions[operation]
  const result: Sample[] = []
  for (const { labels, samples } of groupsOf(grouping, vector)) {
    if (choose !== undefined) result.push(...choose(samples, parameter))
    else if (reduce !== undefined) result.push({ labels, value: reduce(samples) })
  }
  return result
}

function groupsOf(grouping: Grouping, vector: Vector): Group[] {
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
