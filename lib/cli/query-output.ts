/** The forms in which `logstream query` writes what it was answered. */
import { momentOf } from '../logql/engine/moment.ts'
import type { QueryData } from '../logql/api/answers.ts'
import { formatLabels } from '../formats/label-text.ts'
import { formatRfc3339Nano } from '../go/rfc3339.ts'
import type { QueryPage, QueryRow } from './query-client.ts'

export const FORMATS = ['raw', 'json', 'jsonl', 'table'] as const
export type Format = (typeof FORMATS)[number]

/** Takes page after page; each call gives the text to write now. */
export interface QueryOutput {
  page(page: QueryPage): string
  end(): string
}

export function queryOutput(format: Format): QueryOutput {
  switch (format) {
    case 'raw':
      return atOnce(({ kind, rows }) => rows.map((row) => `${rawText(kind, row)}\n`).join(''))
    case 'jsonl':
      return atOnce(({ kind, rows }) => rows.map((row) => `${jsonText(kind, row)}\n`).join(''))
    case 'json':
      return atTheEnd((pages) => `${JSON.stringify(joined(pages), undefined, 2)}\n`)
    case 'table':
      return atTheEnd(tableText)
  }
}

function atOnce(write: (page: QueryPage) => string): QueryOutput {
  return { page: write, end: () => '' }
}

function atTheEnd(write: (pages: readonly QueryPage[]) => string): QueryOutput {
  const pages: QueryPage[] = []
  return {
    page: (page) => {
      pages.push(page)
      return ''
    },
    end: () => write(pages),
  }
}

function timeText(time: bigint): string {
  const { seconds, nanos } = momentOf(time)
  return formatRfc3339Nano(seconds, nanos)
}

function rawText(kind: QueryPage['kind'], { time, labels, text }: QueryRow): string {
  return kind === 'lines' ? text : `${timeText(time)} ${formatLabels(Object.entries(labels))} ${text}`
}

function jsonText(kind: QueryPage['kind'], { time, labels, text }: QueryRow): string {
  const timestamp = timeText(time)
  return JSON.stringify(
    kind === 'lines' ? { timestamp, labels, line: text } : { timestamp, labels, value: text },
  )
}

/** As Loki answers one query; the streams of several pages become those of one. */
function joined(pages: readonly QueryPage[]): QueryData {
  const [first] = pages
  if (first !== undefined && first.kind === 'numbers')
    return { resultType: first.data.resultType, result: first.data.result } as QueryData
  const streams = new Map<string, Extract<QueryData, { resultType: 'streams' }>['result'][number]>()
  for (const { rows } of pages)
    for (const { time, labels, text } of rows) {
      const key = JSON.stringify(labels)
      let stream = streams.get(key)
      if (stream === undefined) streams.set(key, (stream = { stream: labels, values: [] }))
      stream.values.push([String(time), text])
    }
  return { resultType: 'streams', result: [...streams.values()] }
}

/** What all rows share is said once, above; then a column for each label that differs. */
function tableText(pages: readonly QueryPage[]): string {
  const rows = pages.flatMap((page) => page.rows)
  if (rows.length === 0) return 'nothing found\n'
  const names = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))].sort()
  const first = rows[0]!.labels
  const shared = names.filter((name) => rows.every(({ labels }) => labels[name] === first[name]))
  const columns = rows.length > 1 ? names.filter((name) => !shared.includes(name)) : []
  const above = names.filter((name) => !columns.includes(name)).map((name) => [name, first[name]!] as const)
  const head = ['TIME', ...columns, pages[0]!.kind === 'lines' ? 'LINE' : 'VALUE']
  const body = rows.map(({ time, labels, text }) => [
    timeText(time),
    ...columns.map((name) => labels[name] ?? ''),
    text,
  ])
  const title = above.length === 0 ? '' : `${visible(formatLabels(above))}\n`
  return title + aligned([head, ...body])
}

function aligned(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(visible))
  const widths = shown[0]!.map((_, i) => shown.reduce((width, row) => Math.max(width, row[i]!.length), 0))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ')
  return shown.map((row) => `${line(row)}\n`).join('')
}

/** Control characters would break the columns, or talk to the terminal. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (letter) =>
    letter === '\t' ? ' ' : `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
