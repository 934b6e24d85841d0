/**
 * Which labels a query needs from its parsers. A metric that groups by `level` needs no other label, so parsers stop once
 * they have it, and a mistake later in the line doesn't fail the query, as in Loki.
 */
import type { LabelFilter } from './ast.ts'
import { DUPLICATE_SUFFIX, ERROR_LABEL } from './label-names.ts'

export interface Hints {
  /** No label is needed: parsers do nothing. */
  readonly noLabels: boolean
  /** The needed names; undefined for all. */
  readonly required: readonly string[] | undefined
  /** The query asks for errors by name, so they don't fail it. */
  readonly preserveError: boolean
}

export const NO_HINTS: Hints = { noLabels: false, required: undefined, preserveError: false }

/** The grouping of samples: by names, without names, or down to nothing. */
export interface SampleGrouping {
  readonly labels: readonly string[]
  readonly without: boolean
  /** All series become one. */
  readonly noLabels: boolean
}

/** The hints of a metric, from the labels that its stages, its grouping and its unwrap read. */
export function hintsOf(names: readonly string[], grouping: SampleGrouping): Hints {
  const all = new Set<string>()
  for (const name of [...names, ...grouping.labels]) {
    if (name === '') continue
    all.add(name)
    // The clash with a stream's label is only known when a line is parsed.
    if (name.endsWith(DUPLICATE_SUFFIX)) all.add(name.slice(0, -DUPLICATE_SUFFIX.length))
  }
  const required = [...all]
  const preserveError = all.has(ERROR_LABEL)
  if (grouping.noLabels) {
    if (required.length === 0) return { noLabels: true, required: undefined, preserveError: false }
    return { noLabels: false, required, preserveError }
  }
  if (grouping.without || grouping.labels.length === 0) return NO_HINTS
  return { noLabels: false, required, preserveError }
}

/** The label names that a filter reads. */
export function filterNames(filter: LabelFilter): string[] {
  if (filter.kind === 'match') return [filter.matcher.name]
  if (filter.kind === 'and' || filter.kind === 'or')
    return [...filterNames(filter.left), ...filterNames(filter.right)]
  return [filter.name]
}

export function isRequired(hints: Hints, name: string): boolean {
  return hints.required === undefined || hints.required.includes(name)
}

export function isRequiredPrefix(hints: Hints, prefix: string): boolean {
  return hints.required === undefined || hints.required.some((name) => name.startsWith(prefix))
}
