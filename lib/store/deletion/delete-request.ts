/** A request to delete entries, as Loki's compactor takes them: read from its parameters, and what it deletes. */
import { parseFloat } from '../../go/strconv/number.ts'
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { parseDuration } from '../../go/duration.ts'
import { compileLineFilter } from '../../logql/stages/filter.ts'
import type { LabelMatcher, LineFilter } from '../../logql/syntax/ast.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { parseExpression } from '../../logql/syntax/parse.ts'

/** What is kept of a request. Times are milliseconds of Unix time, both ends inclusive. */
export interface DeleteRequest {
  readonly id: string
  readonly query: string
  readonly from: number
  readonly to: number
  readonly createdAt: number
  /** When its entries were deleted; left out before that. */
  readonly processedAt?: number
}

/** What a delete query chooses. */
export interface DeleteTarget {
  readonly matchers: readonly LabelMatcher[]
  /** A line must pass all of these. */
  readonly filters: readonly LineFilter[]
}

/** Reads a selector with line filters. Throws LogqlError for anything else. */
export function parseDeleteQuery(query: string): DeleteTarget {
  if (query === '') throw new LogqlError('query not set')
  const expression = parseExpression(query)
  if (expression.kind !== 'log') throw new LogqlError('a delete query chooses lines, not metrics')
  const filters = expression.stages.flatMap((stage) => {
    if (stage.kind === 'line_filters' && stage.filters.every(isSql)) return stage.filters
    const found = query.slice(stage.start, stage.end)
    throw new LogqlError(
      `a delete query takes a selector and the line filters |= != |~ !~ with texts, found ${found}`,
      { offset: stage.start },
    )
  })
  for (const filter of filters) compileLineFilter(filter)
  return { matchers: expression.matchers, filters }
}

function isSql({ operator, operands }: LineFilter): boolean {
  return operator !== '|>' && operator !== '!>' && !operands.some(({ ip }) => ip)
}

/**
 * Reads the parameters `query`, `start`, `end` and `max_interval` as Loki does (pkg/compactor/deletion/request_handler.go).
 * `now` in milliseconds. `max_interval` is only checked: it says how Loki splits the work.
 */
export function readDeleteParameters(
  values: URLSearchParams,
  now: number,
): Pick<DeleteRequest, 'query' | 'from' | 'to'> {
  const query = values.get('query') ?? ''
  const { filters } = parseDeleteQuery(query)
  const start = values.get('start') ?? ''
  if (start === '') throw new LogqlError('start time not set')
  const from = timeOf('start', start)
  const end = values.get('end') ?? ''
  const to = end === '' ? now : timeOf('end', end)
  if (to > now) throw new LogqlError('deletes in the future are not allowed')
  if (from >= to) throw new LogqlError("start time can't be greater than or equal to end time")
  if (filters.length > 0) checkInterval(values.get('max_interval') ?? '', to - from)
  return { query, from, to }
}

function timeOf(name: string, text: string): number {
  const moment = parseRfc3339(text)
  if (moment !== undefined) return moment.seconds * 1000 + Math.floor(moment.nanos / 1e6)
  const seconds = text.length === 10 ? parseFloat(text) : undefined
  if (seconds !== undefined && Number.isFinite(seconds)) return Math.round(seconds * 1000)
  throw new LogqlError(`invalid ${name} time: require unix seconds or RFC3339 format`)
}

function checkInterval(text: string, span: number): void {
  if (text === '') return
  const nanos = parseDuration(text)
  if (nanos === undefined || nanos < 1e9)
    throw new LogqlError("invalid max_interval: valid time units are 's', 'm', 'h'")
  if (nanos > span * 1e6)
    throw new LogqlError("max_interval can't be greater than the interval to be deleted")
}
