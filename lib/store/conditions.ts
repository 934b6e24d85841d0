/** Selectors and line filters as SQL, as far as SQL can express them. */
import { requiredTexts } from '../go/regexp/required-texts.ts'
import type { StreamSelection } from '../logql/engine/querier.ts'
import { compileLineFilter, type LineTest } from '../logql/stages/filter.ts'
import { compileMatchers } from '../logql/stages/selector.ts'
import type { LineFilter, LineOperand } from '../logql/syntax/ast.ts'
import { literal } from './database.ts'
import { IS_LONG } from './long-texts.ts'
import type { Needles } from './needles.ts'
import { chunksOf, spanOf } from './query-rows.ts'
import type { LogStore } from './store.ts'
import { ofStreamsSql } from './stream-set.ts'

export interface Conditions {
  /** The streams that match; `undefined` for all of them. */
  readonly ids: ReadonlySet<number> | undefined
  /** SQL conditions on streams alone, and on streams and lines; empty or starting with AND. */
  readonly streams: string
  /** Those on lines; empty or starting with AND. */
  readonly lines: string
  readonly values: readonly string[]
  readonly needles: Needles
  /** Filters that SQL can't express. */
  readonly tests: readonly LineTest[]
}

/** `undefined` when no stream matches. Times aren't part of it. */
export async function conditionsOf(
  store: LogStore,
  selection: StreamSelection,
  filters: readonly LineFilter[],
): Promise<Conditions | undefined> {
  const ids = matchingIds(store, selection)
  if (ids?.size === 0) return undefined
  const streams = ids === undefined ? '' : ` AND ${streamsSql(store, ids)}`
  const values: string[] = []
  const tests: LineTest[] = []
  const inSql: LineFilter[] = []
  let lines = ''
  for (const filter of filters) {
    const condition = filterSql(filter, values)
    if (condition === undefined) tests.push(compileLineFilter(filter))
    else {
      lines += ` AND ${condition}`
      inSql.push(filter)
    }
  }
  if (inSql.length > 0 && store.database.long.any)
    lines = ` AND ((NOT ${IS_LONG}${lines}) OR ${await longLines(store, selection, streams, inSql)})`
  const needles = { ids, streams, groups: filters.flatMap(groupsOf) }
  return { ids, streams, lines, values, needles, tests }
}

/** Texts of which a line that passes contains at least one, for each group. */
function groupsOf({ operator, operands }: LineFilter): Needles['groups'] {
  const [first, ...others] = operands
  if (first === undefined || operands.some(({ ip }) => ip)) return []
  if (operator === '|=') return [operands.map(({ text }) => text)]
  return operator === '|~' && others.length === 0 ? requiredTexts(first.text) : []
}

/** The streams that a selector chooses; `undefined` when that is all of them. */
function matchingIds({ streams }: LogStore, { matchers }: StreamSelection): Set<number> | undefined {
  if (matchers.length === 0) return undefined
  const matches = compileMatchers(matchers)
  const ids = new Set<number>()
  for (const { id, labels } of streams.values()) if (matches(labels)) ids.add(id)
  return ids.size === streams.size ? undefined : ids
}

/** Of the streams that are wanted and the others, the fewer are named: comparing costs as much as finding a word in a line. */
function streamsSql({ streams, rules }: LogStore, ids: ReadonlySet<number>): string {
  // A stream that was forgotten still has rows that are hidden by its name, where each stream has its own retention.
  if (ids.size * 2 <= streams.size || rules.byStream) return ofStreamsSql(ids)
  const others = [...streams.values()].filter(({ id }) => !ids.has(id))
  return `stream_id < ${streams.nextId} AND NOT ${ofStreamsSql(others.map(({ id }) => id))}`
}

/** A condition that holds for the long lines that pass: they aren't in the database, so they are read here. */
async function longLines(
  store: LogStore,
  selection: StreamSelection,
  streams: string,
  filters: readonly LineFilter[],
): Promise<string> {
  const tests = filters.map((filter) => compileLineFilter(filter))
  const passing: string[] = []
  const query = {
    span: spanOf(selection),
    condition: `${streams} AND ${IS_LONG}`,
    columns: 'line',
    signal: selection.signal,
  }
  const distinct = (table: string): string => `SELECT DISTINCT line FROM ${table}`
  for await (const columns of chunksOf(store, query, distinct))
    for (const column of columns.texts(0)) {
      const line = store.database.long.text(column)
      if (tests.every((test) => test(line))) passing.push(literal(column))
    }
  return passing.length === 0 ? 'false' : `line IN (${passing.join(',')})`
}

function filterSql(filter: LineFilter, values: string[]): string | undefined {
  const { operator, operands } = filter
  if (operator === '|>' || operator === '!>' || operands.some(({ ip }) => ip)) return undefined
  const regex = operator === '|~' || operator === '!~'
  // DuckDB's regexes are RE2 as well; compiling here refuses what LogQL refuses.
  if (regex) compileLineFilter(filter)
  const each = operands.map((operand) => operandSql(operand, regex, values))
  const any = each.length === 0 ? 'true' : `(${each.join(' OR ')})`
  return operator.startsWith('!') ? `NOT ${any}` : any
}

function operandSql({ text }: LineOperand, regex: boolean, values: string[]): string {
  values.push(text)
  return `${regex ? 'regexp_matches' : 'contains'}(line, $${values.length})`
}
