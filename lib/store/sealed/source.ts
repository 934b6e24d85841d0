/** What queries read: the rows of all files together, those sealed and those that aren't, as one table expression of SQL. */
import { join } from 'node:path'
import { hotName, literal } from '../database.ts'
import type { HotFile, Manifest, Part } from './manifest.ts'

/** A span of time, inclusive and exclusive, in nanoseconds. */
export interface Span {
  readonly from: bigint
  readonly to: bigint
}

export function within({ from, to }: Span): string {
  return `ts >= ${from} AND ts < ${to}`
}

/** Which files a query reads. */
export interface FileChoice {
  readonly hot: readonly HotFile[]
  readonly parts: readonly Part[]
}

/** The files that may hold rows of a span. */
export function filesOf({ hot, parts }: Manifest, span: Span): FileChoice {
  return { hot, parts: parts.filter(({ from, to }) => from < span.to && to >= span.from) }
}

/** 2^40: larger than any row number, so that a file's number and a row number make one number. */
const MAX_ROWS = 2n ** 40n
/** Rows that aren't sealed come after all that are. */
const HOT_NUMBER = 2n ** 22n

/**
 * A subquery with the columns stream_id, ts, line, metadata and seq, which tells rows apart and grows in the order in which
 * rows of one stream and time arrived. There must be a file. `condition` is on the first four, and may differ for
 * sealed files; `columns` are those wanted besides.
 * Rows outside of `span` are left out.
 */
export function rowsOf(
  folder: string,
  { hot, parts }: FileChoice,
  condition: string | Readonly<Record<keyof FileChoice, string>>,
  columns: string = 'stream_id, ts, line, metadata',
  span?: Span,
): string {
  const wanted = typeof condition === 'string' ? { hot: condition, parts: condition } : condition
  const inSpan = span === undefined ? '' : `${within(span)} AND `
  // To compare the times of all rows of a file takes as long as to find a word in them.
  const isInside = span === undefined || parts.every(({ from, to }) => from >= span.from && to < span.to)
  const selects: string[] = []
  if (parts.length > 0)
    selects.push(
      `SELECT ${columns}, file_index::BIGINT * ${MAX_ROWS} + file_row_number AS seq FROM ${parquetOf(folder, parts)} WHERE ${isInside ? '' : inSpan}${wanted.parts}`,
    )
  for (const [i, each] of hot.entries())
    selects.push(
      `SELECT ${columns}, rowid + ${(HOT_NUMBER + BigInt(i)) * MAX_ROWS} AS seq FROM ${hotName(each)}.entries WHERE ${inSpan}${wanted.hot}`,
    )
  return `(${selects.join(' UNION ALL ')})`
}

/** The sealed files as a table function. */
export function parquetOf(folder: string, parts: readonly Pick<Part, 'file' | 'number'>[]): string {
  const ordered = parts.toSorted((a, b) => a.number - b.number)
  return `read_parquet([${ordered.map(({ file }) => literal(globless(join(folder, file)))).join(', ')}])`
}

// A path is a pattern here; brackets take a letter as it is.
function globless(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]')
}
