/** Binary operations between two vectors, or a vector and a number. */
import { calculate, compare, isComparison } from './arithmetic.ts'
import type { BinaryOperation, Matching } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { type SeriesLabels, labelOf, onlyLabels, withLabel, withoutLabels } from './series-labels.ts'
import type { Vector } from './vector.ts'
import type { Sample } from './vector-functions.ts'

/** Loki takes this mistake in a query for one of its own. */
function refuse(message: string): LogqlError {
  return new LogqlError(message, { status: 500 })
}

function matched(labels: SeriesLabels, { on }: Matching, names: readonly string[]): SeriesLabels {
  return on ? withoutLabels(onlyLabels(labels, names), []) : withoutLabels(labels, names)
}

function signature(labels: SeriesLabels, matching: Matching): string {
  const names = matching.labels ?? []
  return matched(labels, matching, names).key
}

/** The value of `left operator right`; undefined where a comparison drops the sample, which keeps `kept` otherwise. */
function merge(expression: BinaryOperation, left: number, right: number, kept: number): number | undefined {
  const { operator, bool } = expression
  if (!isComparison(operator)) return calculate(operator, left, right)
  const holds = compare(operator, left, right)
  if (bool) return holds ? 1 : 0
  return holds ? kept : undefined
}

/** Every sample of a vector against a number; the labels stay. */
export function withNumber(
  expression: BinaryOperation,
  vector: Vector,
  number: number,
  numberIsLeft: boolean,
): Vector {
  const result: Sample[] = []
  for (const { labels, value } of vector) {
    const merged = numberIsLeft
      ? merge(expression, number, value, value)
      : merge(expression, value, number, value)
    if (merged !== undefined) result.push({ labels, value: merged })
  }
  return result
}

function setOperation({ operator, matching }: BinaryOperation, left: Vector, right: Vector): Vector {
  const signaturesOf = (vector: Vector): Set<string> =>
    new Set(vector.map(({ labels }) => signature(labels, matching)))
  if (operator === 'or') {
    const known = signaturesOf(left)
    return [...left, ...right.filter(({ labels }) => !known.has(signature(labels, matching)))]
  }
  const known = signaturesOf(right)
  return left.filter(({ labels }) => known.has(signature(labels, matching)) === (operator === 'and'))
}

function resultLabels(many: SeriesLabels, one: SeriesLabels, matching: Matching): SeriesLabels {
  let labels =
    matching.cardinality === 'one-to-one'
      ? matched(many, matching, matching.labels ?? [])
      : withoutLabels(many, [])
  for (const name of matching.include ?? []) labels = withLabel(labels, name, labelOf(one, name))
  return labels
}

function indexOf(vector: Vector, matching: Matching, side: string): Map<string, Sample> {
  const index = new Map<string, Sample>()
  for (const sample of vector) {
    const key = signature(sample.labels, matching)
    if (index.has(key))
      throw refuse(
        `found duplicate series on the ${side} hand-side;many-to-many matching not allowed: ` +
          'matching labels must be unique on one side',
      )
    index.set(key, sample)
  }
  return index
}

/** Refuses a second sample for the same match. */
function checkMatch(
  known: Map<string, Set<string>>,
  key: string,
  labels: SeriesLabels,
  matching: Matching,
): void {
  const seen = known.get(key)
  if (seen === undefined) {
    known.set(key, new Set([labels.key]))
    return
  }
  if (matching.cardinality === 'one-to-one')
    throw refuse(
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    )
  if (seen.has(labels.key))
    throw refuse('multiple matches for labels: grouping labels must ensure unique matches')
  seen.add(labels.key)
}

/**
 * Two vectors, sample by sample where their labels match.
 *
 * @throws {LogqlError} with status 500 for matches that are not unique
 */
export function withVector(expression: BinaryOperation, left: Vector, right: Vector): Vector {
  const { operator, matching } = expression
  if (operator === 'and' || operator === 'or' || operator === 'unless')
    return setOperation(expression, left, right)
  const swapped = matching.cardinality === 'one-to-many'
  const [many, one] = swapped ? [right, left] : [left, right]
  const index = indexOf(one, matching, swapped ? 'left' : 'right')
  const seen = new Map<string, Set<string>>()
  const result: Sample[] = []
  for (const sample of many) {
    const key = signature(sample.labels, matching)
    const other = index.get(key)
    if (other === undefined) continue
    const labels = resultLabels(sample.labels, other.labels, matching)
    checkMatch(seen, key, labels, matching)
    const [a, b] = swapped ? [other.value, sample.value] : [sample.value, other.value]
    const value = merge(expression, a, b, a)
    if (value !== undefined) result.push({ labels, value })
  }
  return result
}
