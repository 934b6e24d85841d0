/** What the page does with the text of a query, by the grammar the store runs. */
import type { Expression, LabelMatcher, LogExpression, StageExpression } from '../../lib/logql/syntax/ast.ts'
import { LogqlError } from '../../lib/logql/syntax/error.ts'
import { parseTree } from '../../lib/logql/syntax/parse.ts'
import { printExpression } from '../../lib/logql/syntax/print.ts'

/** Where a query stops making sense, and why. */
export interface Mistake {
  readonly offset: number
  readonly message: string
}

/** The tree of a query, or what is wrong with it. */
export function treeOf(query: string): Expression | Mistake {
  try {
    return parseTree(query)
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    return { offset: error.offset ?? 0, message: error.message }
  }
}

export function isMistake(tree: Expression | Mistake): tree is Mistake {
  return 'message' in tree
}

/** `undefined` for metrics and for invalid queries. */
export function logTree(query: string): LogExpression | undefined {
  const tree = treeOf(query)
  return !isMistake(tree) && tree.kind === 'log' ? tree : undefined
}

/** How many lines a log query has in each step, by a label. */
export function volumeQuery(query: string, by: string, seconds: number): string {
  return `sum by (${by}) (count_over_time(${query} [${seconds}s]))`
}

/** What a field of a line is: that decides how a query asks for it. */
export type FieldKind = 'label' | 'field' | 'json' | 'logfmt'

export interface Wanted {
  readonly kind: FieldKind
  readonly name: string
  readonly value: string
  /** Lines with this value, or all others. */
  readonly only: boolean
}

/** The log query for lines with (or without) a value; the same query where it is none. */
export function narrowed(query: string, { kind, name, value, only }: Wanted): string {
  const tree = logTree(query)
  if (tree === undefined) return query
  const matcher: LabelMatcher = { name, operator: only ? '=' : '!=', value }
  if (kind === 'label') return printExpression({ ...tree, matchers: withMatcher(tree.matchers, matcher) })
  const at = { start: 0, end: 0 }
  const parser: StageExpression[] =
    kind === 'json' && !tree.stages.some((stage) => stage.kind === 'json')
      ? [{ kind: 'json', extractions: [], ...at }]
      : kind === 'logfmt' && !tree.stages.some((stage) => stage.kind === 'logfmt')
        ? [{ kind: 'logfmt', strict: false, keepEmpty: false, extractions: [], ...at }]
        : []
  const filter: StageExpression = { kind: 'label_filter', filter: { kind: 'match', matcher }, ...at }
  return printExpression({ ...tree, stages: [...tree.stages, ...parser, filter] })
}

// Asking for one value takes the place of what was asked of the same label by a value before.
function withMatcher(matchers: readonly LabelMatcher[], added: LabelMatcher): LabelMatcher[] {
  const kept = matchers.filter(
    ({ name, operator, value }) =>
      name !== added.name || (operator !== '=' && !(operator === added.operator && value === added.value)),
  )
  // Loki refuses selectors that ask for nothing in particular.
  const positive = [...kept, added].some(({ operator }) => operator === '=' || operator === '=~')
  return positive ? [...kept, added] : [{ name: added.name, operator: '=~', value: '.+' }, ...kept, added]
}

/** The selector of exactly one stream. */
export function selectorOf(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]): LabelMatcher => ({ name, operator: '=', value }))
  return printExpression({ kind: 'log', matchers, stages: [], start: 0, end: 0 })
}

/** Texts that every line of the answer holds, to be marked in it. */
export function searchedTexts(query: string): readonly string[] {
  return (logTree(query)?.stages ?? []).flatMap((stage) =>
    stage.kind === 'line_filters'
      ? stage.filters
          .filter(({ operator }) => operator === '|=')
          .flatMap(({ operands }) =>
            operands.filter(({ ip, text }) => !ip && text !== '').map(({ text }) => text),
          )
      : [],
  )
}
