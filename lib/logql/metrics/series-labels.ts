/** The labels of a metric's series: sorted pairs, with a key that is equal for equal labels. */
import type { LabelPair } from '../../formats/label-text.ts'

export interface SeriesLabels {
  /** Sorted by name. */
  readonly pairs: readonly LabelPair[]
  readonly key: string
}

export const NO_LABELS: SeriesLabels = { pairs: [], key: '' }

function keyOf(pairs: readonly LabelPair[]): string {
  let key = ''
  // Lengths make the key unambiguous whatever the values contain.
  for (const [name, value] of pairs) key += `${name.length}:${name}${value.length}:${value}`
  return key
}

function byName(a: LabelPair, b: LabelPair): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}

/** The labels of pairs in any order, each name once. */
export function seriesLabels(pairs: LabelPair[]): SeriesLabels {
  if (pairs.length === 0) return NO_LABELS
  pairs.sort(byName)
  return { pairs, key: keyOf(pairs) }
}

export function labelOf(labels: SeriesLabels, name: string): string | undefined {
  for (const [found, value] of labels.pairs) if (found === name) return value
  return undefined
}

export function onlyLabels(labels: SeriesLabels, names: readonly string[]): SeriesLabels {
  const kept = labels.pairs.filter(([name]) => names.includes(name))
  return kept.length === labels.pairs.length ? labels : { pairs: kept, key: keyOf(kept) }
}

/** Labels with empty values go as well, as in every place where Prometheus' builder makes the result. */
export function withoutLabels(labels: SeriesLabels, names: readonly string[]): SeriesLabels {
  const kept = labels.pairs.filter(([name, value]) => value !== '' && !names.includes(name))
  return kept.length === labels.pairs.length ? labels : { pairs: kept, key: keyOf(kept) }
}

/** The labels with one set, or removed for an empty or missing value. */
export function withLabel(labels: SeriesLabels, name: string, value: string | undefined): SeriesLabels {
  const pairs = labels.pairs.filter(([found]) => found !== name)
  if (value !== undefined && value !== '') pairs.push([name, value])
  return seriesLabels(pairs)
}

/** The order of Prometheus: name by name, then value by value, then the shorter one first. */
export function compareLabels(a: SeriesLabels, b: SeriesLabels): number {
  const count = Math.min(a.pairs.length, b.pairs.length)
  for (let i = 0; i < count; i++) {
    const [nameA, valueA] = a.pairs[i]!
    const [nameB, valueB] = b.pairs[i]!
    if (nameA !== nameB) return nameA < nameB ? -1 : 1
    if (valueA !== valueB) return valueA < valueB ? -1 : 1
  }
  return a.pairs.length - b.pairs.length
}
