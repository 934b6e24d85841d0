/** Asks any server with Loki's query API, page after page, for `logstream query`. */
import { LogstreamError } from '../errors.ts'
import type { Direction } from '../logql/engine/querier.ts'
import type { LabelMap, MatrixData, QueryData, StreamsData, VectorData } from '../logql/api/answers.ts'
import { unreachable } from '../net/client/unreachable.ts'
import { namedServer } from './server-url.ts'

export interface QueryServer {
  /** Without credentials and without a slash at its end. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** A query over a time range, in nanoseconds since 1970. */
export interface QueryRange {
  readonly query: string
  readonly start: bigint
  readonly end: bigint
  readonly direction: Direction
  /** Lines; 0 for all. */
  readonly limit: number
  /** As Loki's parameter; '' leaves it to the server. */
  readonly step: string
}

/** One line, or one point of a metric. */
export interface QueryRow {
  /** Nanoseconds since 1970. */
  readonly time: bigint
  readonly labels: LabelMap
  /** The line, or the number as the server wrote it. */
  readonly text: string
}

/** What a server answered: rows of lines, or of a metric. */
export interface QueryPage {
  readonly kind: 'lines' | 'numbers'
  readonly data: QueryData
  readonly rows: readonly QueryRow[]
}

/** Lines of one page, and of one where a smaller one does not get on: Loki's own limit. */
const PAGE = 1000
const LARGEST_PAGE = 5000
/** Longer queries travel in a body, since servers limit the length of addresses. */
const LONG = 4000

/**
 * The server of a URL such as `http://user:password@127.0.0.1:3100`. `headers` are texts like `X-Scope-OrgID: team`.
 * Throws BAD_USAGE.
 */
export function queryServer(text: string, headers: readonly string[], signal: AbortSignal): QueryServer {
  const { url, headers: all } = namedServer(
    text,
    '--url, or LOKI_URL, to be the URL of a Loki such as http://127.0.0.1:3100',
  )
  for (const header of headers) {
    const match = /^([!#$%&'*+.^`|~\w-]+):\s*([^\r\n]*)$/.exec(header)
    if (match === null)
      throw new LogstreamError('BAD_USAGE', 'expected --header to be "Name: value", found another text')
    all[match[1]!.toLowerCase()] = match[2]!
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/loki\/api\/v1(?:\/push|\/query(?:_range)?)?$/, '')
  return { url: `${url.origin}${path}`, headers: all, signal }
}

/** The value of a metric at one time. Rejects with IO. */
export async function askInstant(server: QueryServer, query: string, time: bigint): Promise<QueryPage> {
  return pageOf(await ask(server, 'query', { query, time: String(time) }), 'forward')
}

/**
 * The answer of a range query: one page for a metric; for lines as many as it takes, without the lines that two pages
 * share. Rejects with IO.
 */
export async function* askRange(server: QueryServer, range: QueryRange): AsyncGenerator<QueryPage> {
  const { query, direction, step } = range
  const forward = direction === 'forward'
  let { start, end } = range
  let left = range.limit === 0 ? Infinity : range.limit
  let seen = new Set<string>()
  let size = PAGE
  while (left > 0 && start < end) {
    const limit = Math.min(size, left + seen.size)
    const parameters = {
      query,
      start: String(start),
      end: String(end),
      limit: String(limit),
      direction,
      step,
    }
    const page = pageOf(await ask(server, 'query_range', parameters), direction)
    if (page.kind === 'numbers') {
      yield page
      return
    }
    const fresh = page.rows.filter((row) => !seen.has(keyOf(row))).slice(0, left)
    if (fresh.length > 0) yield { ...page, rows: fresh }
    left -= fresh.length
    const last = page.rows.at(-1)
    if (page.rows.length < limit || last === undefined) return
    // A page that is full of one time alone cannot be continued at that time.
    if (fresh.length === 0 && size === LARGEST_PAGE) throw crowded(last)
    size = fresh.length === 0 ? LARGEST_PAGE : PAGE
    const bound = forward ? last.time : last.time + 1n
    if (bound !== (forward ? start : end)) seen = new Set()
    if (forward) start = bound
    else end = bound
    for (const row of page.rows) if (row.time === last.time) seen.add(keyOf(row))
  }
}

function crowded({ time }: QueryRow): LogstreamError {
  return new LogstreamError(
    'IO',
    `more than ${LARGEST_PAGE} lines have the time ${time}, which no page can hold: narrow the selector or add line filters`,
  )
}

/** Tells whether two answers mean the same line. */
export function keyOf({ time, labels, text }: QueryRow): string {
  return JSON.stringify([String(time), labels, text])
}

async function ask(
  server: QueryServer,
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
): Promise<QueryData> {
  return dataOf(await askText(server, endpoint, Object.entries(parameters)), server.url)
}

/** The body of an answer of 2xx. Parameters without a value are left out. Rejects with IO. */
export async function askText(
  { url, headers, signal }: QueryServer,
  endpoint: string,
  parameters: readonly (readonly [string, string])[],
): Promise<string> {
  const form = new URLSearchParams()
  for (const [name, value] of parameters) if (value !== '') form.append(name, value)
  const address = `${url}/loki/api/v1/${endpoint}`
  const long = form.toString().length > LONG
  let response: Response
  let body: string
  try {
    response = await fetch(long ? address : `${address}?${form.toString()}`, {
      headers,
      signal,
      ...(long ? { method: 'POST', body: form } : {}),
    })
    body = await response.text()
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `cannot ask ${url}: ${unreachable(error)}. Name another server with --url`,
      {
        cause: error,
      },
    )
  }
  if (!response.ok)
    throw new LogstreamError(
      'IO',
      `${url} answered ${response.status}: ${body.trim() || response.statusText}`,
    )
  return body
}

function dataOf(body: string, url: string): QueryData {
  try {
    const { data } = JSON.parse(body) as { data?: QueryData }
    if (data !== undefined && Array.isArray(data.result)) return data
  } catch {
    // Falls through: anything but JSON isn't an answer of Loki.
  }
  throw new LogstreamError(
    'IO',
    `${url} did not answer as Loki does: expected JSON with data.result. Is this the URL of a Loki?`,
  )
}

function pageOf(data: QueryData, direction: Direction): QueryPage {
  switch (data.resultType) {
    case 'streams':
      return { kind: 'lines', data, rows: lineRows(data, direction) }
    case 'matrix':
      return { kind: 'numbers', data, rows: matrixRows(data) }
    case 'vector':
      return { kind: 'numbers', data, rows: vectorRows(data) }
    default: {
      const [time, text] = data.result
      return { kind: 'numbers', data, rows: [{ time: nanos(time), labels: {}, text }] }
    }
  }
}

function lineRows({ result }: StreamsData, direction: Direction): QueryRow[] {
  const rows = result.flatMap(({ stream, values }) =>
    values.map(([time, text]) => ({ time: BigInt(time), labels: stream, text })),
  )
  const sign = direction === 'forward' ? 1 : -1
  return rows.sort((a, b) => (a.time < b.time ? -sign : a.time > b.time ? sign : 0))
}

function matrixRows({ result }: MatrixData): QueryRow[] {
  return result.flatMap(({ metric, values }) =>
    values.map(([time, text]) => ({ time: nanos(time), labels: metric, text })),
  )
}

function vectorRows({ result }: VectorData): QueryRow[] {
  return result.map(({ metric, value: [time, text] }) => ({ time: nanos(time), labels: metric, text }))
}

function nanos(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1000)) * 1_000_000n
}
