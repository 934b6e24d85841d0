/** Loki's API as Explore asks it, at the source that is chosen. */
import type { SourceStatus } from '../../lib/page/status.ts'
import type { LogStream, QueryData } from '../../lib/logql/api/answers.ts'
import { askJson } from '../server.ts'
import { linesOf, sameLine, type Line } from './line.ts'
import type { TimeRange } from './times.ts'

const CATEGORIZE = { 'x-loki-response-encoding-flags': 'categorize-labels' }

interface Success<T> {
  readonly data?: T
}

export interface RangeQuery extends TimeRange {
  readonly query: string
  readonly signal: AbortSignal
}

/** Rejects with AnswerError. */
export async function askRange(
  { path }: SourceStatus,
  { query, from, to, signal }: RangeQuery,
  more: Readonly<Record<string, string>>,
): Promise<QueryData> {
  const asked = new URLSearchParams({ query, start: nanos(from), end: nanos(to), ...more })
  const answer = await askJson<Success<QueryData>>(`${path}loki/api/v1/query_range?${asked}`, {
    signal,
    headers: CATEGORIZE,
  })
  return answer.data ?? { resultType: 'streams', result: [] }
}

/** Label names, values of a label, names of fields: lists of words. */
export async function askWords(
  { path }: SourceStatus,
  address: string,
  range: TimeRange,
  query?: string,
): Promise<readonly string[]> {
  const asked = new URLSearchParams({
    start: nanos(range.from),
    end: nanos(range.to),
    ...(query === undefined ? {} : { query }),
  })
  const answer = await askJson<Success<readonly string[]>>(`${path}loki/api/v1/${address}?${asked}`)
  return answer.data ?? []
}

/** The fields that Loki finds in the lines of a selector. */
export async function askFields(
  { path }: SourceStatus,
  query: string,
  range: TimeRange,
): Promise<readonly string[]> {
  const asked = new URLSearchParams({ query, start: nanos(range.from), end: nanos(range.to) })
  const answer = await askJson<{ readonly fields?: readonly { readonly label: string }[] }>(
    `${path}loki/api/v1/detected_fields?${asked}`,
  )
  return (answer.fields ?? []).map(({ label }) => label)
}

export interface LinePage {
  readonly lines: readonly Line[]
  /** Whether there may be more after it. */
  readonly full: boolean
}

/** The lines after `last` (in the order asked for), or the first ones. Rejects with AnswerError. */
export async function askLines(
  source: SourceStatus,
  { query, from, to, signal }: RangeQuery,
  { newestFirst, limit, last }: { newestFirst: boolean; limit: number; last: readonly Line[] },
): Promise<LinePage | QueryData> {
  const at = last.at(-1)
  // The end of Loki's range is not part of it, its start is.
  const asked = new URLSearchParams({
    query,
    start: at !== undefined && !newestFirst ? at.ns : nanos(from),
    end: at !== undefined && newestFirst ? String(BigInt(at.ns) + 1n) : nanos(to),
    limit: String(limit),
    direction: newestFirst ? 'backward' : 'forward',
  })
  const answer = await askJson<Success<QueryData>>(`${source.path}loki/api/v1/query_range?${asked}`, {
    signal,
    headers: CATEGORIZE,
  })
  const data: QueryData = answer.data ?? { resultType: 'streams', result: [] }
  if (data.resultType !== 'streams') return data
  const lines = linesOf(data.result, newestFirst)
  const edge = at === undefined ? [] : last.slice(last.findIndex(({ ns }) => ns === at.ns))
  const fresh = lines.filter((line) => line.ns !== at?.ns || !edge.some((each) => sameLine(each, line)))
  return { lines: fresh, full: lines.length >= limit && fresh.length > 0 }
}

/** The answer of a tail, as it comes over the WebSocket. */
export interface TailMessage {
  readonly streams?: readonly LogStream[]
  readonly dropped_entries?: readonly unknown[]
}

export function tailAddress({ path }: SourceStatus, query: string): string {
  const url = new URL(`${path}loki/api/v1/tail`, document.baseURI)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.search = new URLSearchParams({ query, limit: '200' }).toString()
  return url.href
}

function nanos(ms: number): string {
  return `${Math.round(ms)}000000`
}
