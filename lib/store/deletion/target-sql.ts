/** What a delete request chooses, as a condition of SQL on stream_id, ts and line. */
import { compileMatchers } from '../../logql/stages/selector.ts'
import type { LineFilter, LineOperand } from '../../logql/syntax/ast.ts'
import { literal } from '../database.ts'
import { IS_LONG } from '../long-texts.ts'
import type { Span } from '../sealed/source.ts'
import { streamSetSql } from '../stream-set.ts'
import type { StreamTable } from '../stream-table.ts'
import { parseDeleteQuery, type DeleteRequest, type DeleteTarget } from './delete-request.ts'

const MILLISECOND = 1_000_000n

export interface TargetSql {
  readonly span: Span
  readonly filters: readonly LineFilter[]
  /** The streams and times; lines don't matter. */
  readonly rows: string
  /** Those whose lines pass, where they are in the database. */
  readonly short: string
}

/** Returns the condition of a request; `undefined` when the store has no such stream. */
export function targetSql(request: DeleteRequest, streams: StreamTable): TargetSql | undefined {
  const target: DeleteTarget = parseDeleteQuery(request.query)
  const matches = compileMatchers(target.matchers)
  const ids = [...streams.values()].filter(({ labels }) => matches(labels)).map(({ id }) => id)
  if (ids.length === 0) return undefined
  const span = spanOf(request)
  const rows = `${streamSetSql(ids)} AND ts >= ${span.from} AND ts < ${span.to}`
  const lines = target.filters.map((filter) => ` AND ${filterSql(filter)}`).join('')
  return {
    span,
    filters: target.filters,
    rows,
    short: lines === '' ? rows : `${rows} AND NOT ${IS_LONG}${lines}`,
  }
}

export function spanOf({ from, to }: Pick<DeleteRequest, 'from' | 'to'>): Span {
  // Loki compares whole nanoseconds with the millisecond of the end.
  return { from: BigInt(from) * MILLISECOND, to: BigInt(to) * MILLISECOND + 1n }
}

function filterSql({ operator, operands }: LineFilter): string {
  const of = operator.endsWith('~') ? 'regexp_matches' : 'contains'
  const each = operands.map(({ text }: LineOperand) => `${of}(line, ${sqlText(text)})`)
  const any = each.length === 0 ? 'true' : `(${each.join(' OR ')})`
  return operator.startsWith('!') ? `NOT ${any}` : any
}

// A NUL ends a statement.
function sqlText(text: string): string {
  return `(${text.split('\0').map(literal).join(' || chr(0) || ')})`
}
