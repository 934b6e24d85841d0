/**
 * The forms in which `logstream query` writes what it was answered. Without --output: on a terminal, lines with their
 * time and labels, and metrics as a chart; elsewhere lines as they are, and metrics as a table.
 */
import { momentOf } from '../logql/engine/moment.ts'
import type { LabelMap, QueryData } from '../logql/api/answers.ts'
import { formatLabels } from '../formats/label-text.ts'
import { formatRfc3339Nano } from '../go/rfc3339.ts'
import type { Pen } from '../formats/pen.ts'
import { chartText, type ChartScreen } from './chart.ts'
import type { QueryPage, QueryRow } from './query-client.ts'
import { visible } from './query-text.ts'

export const FORMATS = ['text', 'raw', 'json', 'jsonl', 'table', 'chart'] as const
export type Format = (typeof FORMATS)[number]

/** Takes page after page; each call gives the text to write now. */
export interface QueryOutput {
  page(page: QueryPage): string
  end(): string
}

/** What shows the output. */
export interface Screen extends ChartScreen {
  readonly terminal: boolean
}

export function queryOutput(format: Format | undefined, screen: Screen): QueryOutput {
  switch (format) {
    case undefined:
      return chosenOutput(screen)
    case 'text':
      return lineTexts(screen.pen)
    case 'raw':
      return atOnce(({ kind, rows }) => rows.map((row) => `${rawText(kind, row)}\n`).join(''))
    case 'jsonl':
      return atOnce(({ kind, rows }) => rows.map((row) => `${jsonText(kind, row)}\n`).join(''))
    case 'json':
      return atTheEnd((pages) => `${JSON.stringify(joined(pages), undefined, 2)}\n`)
    case 'table':
      return atTheEnd(tableText)
    case 'chart':
      return atTheEnd((pages) => chartOf(pages, screen))
  }
}

/** The output that fits what comes first. */
function chosenOutput(screen: Screen): QueryOutput {
  let chosen: QueryOutput | undefined
  return {
    page: (page) => {
      const [lines, numbers] = screen.terminal ? (['text', 'chart'] as const) : (['raw', 'table'] as const)
      chosen ??= queryOutput(page.kind === 'lines' ? lines : numbers, screen)
      return chosen.page(page)
    },
    end: () => chosen?.end() ?? '',
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

/** Labels that all lines of the first page share are said once, above; others with each line. */
function lineTexts(pen: Pen): QueryOutput {
  let shared: LabelMap | undefined
  return atOnce(({ rows }) => {
    const [first] = rows
    if (first === undefined) return ''
    const head = shared === undefined
    shared ??= Object.fromEntries(
      Object.entries(first.labels).filter(([name, value]) =>
        rows.every(({ labels }) => labels[name] === value),
      ),
    )
    const above = Object.entries(shared)
    const title = head && above.length > 0 ? `${pen('cyan', visible(formatLabels(above)))}\n` : ''
    return title + rows.map((row) => lineText(row, shared!, pen)).join('')
  })
}

function lineText({ time, labels, text }: QueryRow, shared: LabelMap, pen: Pen): string {
  const own = Object.entries(labels).filter(([name, value]) => shared[name] !== value)
  const missing = Object.keys(shared).filter((name) => !(name in labels))
  const shown = [...own, ...missing.map((name) => [name, ''] as [string, string])]
  const labelText = shown.length === 0 ? '' : ` ${pen('cyan', visible(formatLabels(shown)))}`
  return `${pen('dim', timeText(time))}${labelText} ${visible(text)}\n`
}

function chartOf(pages: readonly QueryPage[], screen: Screen): string {
  const series = new Map<string, { labels: LabelMap; points: [number, number][] }>()
  for (const { kind, rows } of pages)
    for (const { time, labels, text } of kind === 'numbers' ? rows : []) {
      const key = JSON.stringify(labels)
      let found = series.get(key)
      if (found === undefined) series.set(key, (found = { labels, points: [] }))
      found.points.push([Number(time / 1_000_000n), Number(text)])
    }
  if (pages.some(({ kind }) => kind === 'lines'))
    return 'a chart shows metrics, and this query finds lines: use --output text\n'
  return chartText([...series.values()], screen)
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
