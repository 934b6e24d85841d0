/** The answers about labels and streams: names, values, series, detected labels. */
import type { LabelSet } from '../../flow/labels.ts'
import type { LabelMatcher } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { momentOf } from '../engine/moment.ts'
import { parseMatchers } from '../syntax/parse.ts'
import type { TimeRange } from './params.ts'
import type { Querier } from '../engine/querier.ts'
import type { DetectedLabel, LabelMap } from './answers.ts'
import { labelMap } from '../metrics/result.ts'
import { selectsSomething } from '../stages/selector.ts'

interface Options {
  readonly signal?: AbortSignal
}

async function streamsOf(
  querier: Querier,
  matchers: readonly LabelMatcher[],
  { start, end }: TimeRange,
  { signal }: Options,
): Promise<readonly LabelSet[]> {
  return await querier.streams({ matchers, from: momentOf(start), to: momentOf(end), signal })
}

/** The matchers of an optional selector, which must not be `{}`. @throws {LogqlError} */
function optionalMatchers(query: string): readonly LabelMatcher[] {
  return query === '' ? [] : parseMatchers(query)
}

/**
 * The names of the labels in a time range, sorted.
 *
 * @param query a selector, or empty for all streams
 * @throws {LogqlError}
 */
export async function labelNames(
  querier: Querier,
  query: string,
  range: TimeRange,
  options: Options = {},
): Promise<string[]> {
  const names = new Set<string>()
  for (const labels of await streamsOf(querier, optionalMatchers(query), range, options))
    for (const name of labels.names) names.add(name)
  return [...names].sort()
}

/** The values of a label, sorted. @throws {LogqlError} */
export async function labelValues(
  querier: Querier,
  name: string,
  query: string,
  range: TimeRange,
  options: Options = {},
): Promise<string[]> {
  const values = new Set<string>()
  for (const labels of await streamsOf(querier, optionalMatchers(query), range, options)) {
    const value = labels.get(name)
    if (value !== undefined) values.add(value)
  }
  return [...values].sort()
}

/**
 * The label sets of the streams that match one of the selectors; no selector, or `{}`, means all.
 *
 * @throws {LogqlError}
 */
export async function series(
  querier: Querier,
  queries: readonly string[],
  range: TimeRange,
  options: Options = {},
): Promise<LabelMap[]> {
  const groups = queries.map((query) => parseMatchers(query, { validate: false }))
  // As in Loki, a lone {} is all streams, but among others it is a mistake.
  if (groups.length > 1 && groups.some((matchers) => matchers.length === 0))
    throw new LogqlError('0 matchers in group: {} cannot stand beside other selectors')
  for (const matchers of groups)
    if (matchers.length > 0 && !selectsSomething(matchers))
      throw new LogqlError('a selector needs at least one matcher that refuses the empty value')
  const found = new Map<string, LabelSet>()
  for (const matchers of groups.length === 0 ? [[]] : groups)
    for (const labels of await streamsOf(querier, matchers, range, options)) found.set(labels.key, labels)
  return [...found.values()].map((labels) => labelMap(labels.entries()))
}

const uuid = /^[\da-fA-F]{8}-?(?:[\da-fA-F]{4}-?){3}[\da-fA-F]{12}$/
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** Labels that people always want, however their values look. */
const always = new Set(['cluster', 'namespace', 'instance', 'pod'])

/**
 * The labels that are worth choosing from, with the number of their values. Those whose values are all numbers or all
 * UUIDs are left out.
 *
 * @throws {LogqlError}
 */
export async function detectedLabels(
  querier: Querier,
  query: string,
  range: TimeRange,
  options: Options = {},
): Promise<DetectedLabel[]> {
  const values = new Map<string, Set<string>>()
  for (const labels of await streamsOf(querier, optionalMatchers(query), range, options)) {
    for (const [name, value] of labels.entries()) {
      const known = values.get(name)
      if (known === undefined) values.set(name, new Set([value]))
      else known.add(value)
    }
  }
  const result: DetectedLabel[] = []
  for (const [label, found] of values) {
    const all = [...found]
    const isId = all.every((value) => number.test(value)) || all.every((value) => uuid.test(value))
    if (!isId || always.has(label)) result.push({ label, cardinality: found.size })
  }
  return result.sort((a, b) => (a.label < b.label ? -1 : 1))
}
